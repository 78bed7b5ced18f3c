// No sandbox at all, for machines that have none and users who said they accept that (`--no-sandbox`).

import type { Sandbox, SandboxCommand, SandboxedProgram } from './sandbox.ts'

export class NoSandbox implements Sandbox {
  readonly name = 'none'

  command({ node, nodeOptions, entryFile, args }: SandboxedProgram): SandboxCommand {
    return { file: node, args: [...nodeOptions, entryFile, ...args], env: {}, infoDescriptor: null }
  }
}
