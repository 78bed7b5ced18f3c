// Node's permission model: the process may read its own entry file and nothing else. No network, DNS, file system
// writes, child processes, workers, addons, WASI or inspector. https://nodejs.org/api/permissions.html

import type { Sandbox, SandboxCommand, SandboxedProgram } from './sandbox.ts'

/** Node options that take every right but reading `entryFile`. The network is only covered from Node 25 on. */
export function permissionModelOptions(entryFile: string): string[] {
  return ['--permission', `--allow-fs-read=${entryFile}`, '--no-addons', '--disable-sigusr1']
}

/** Whether this Node's permission model covers the network, without which it is no sandbox for a WebProcess. */
export function permissionModelCoversNetwork(
  flags: Pick<ReadonlySet<string>, 'has'> = process.allowedNodeEnvironmentFlags,
): boolean {
  return flags.has('--permission') && flags.has('--allow-net')
}

/** The environment is emptied too: `NODE_OPTIONS` could give rights back, and the rest is nobody's business. */
export class PermissionModelSandbox implements Sandbox {
  readonly name = 'permission-model'

  command({ node, nodeOptions, entryFile, args }: SandboxedProgram): SandboxCommand {
    return {
      file: node,
      args: [...permissionModelOptions(entryFile), ...nodeOptions, entryFile, ...args],
      env: {},
      infoDescriptor: null,
    }
  }
}
