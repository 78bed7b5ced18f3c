// Runs a script in a network namespace of its own, where it may add interfaces, addresses and routes as it likes.

import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/**
 * The options of `unshare` with which `command` works in namespaces of these `kinds`, or null. Where a system forbids user
 * namespaces, root needs none.
 */
export function unshareOptions(kinds: string, command: readonly string[]): string | null {
  for (const options of [`-r${kinds}`, `-${kinds}`]) {
    if (spawnSync('unshare', [options, ...command], { stdio: 'ignore' }).status === 0) return options
  }
  return null
}

const options = unshareOptions('n', ['ip', 'link', 'set', 'lo', 'up'])
/** Whether this machine has what it takes: util-linux, iproute2, and the permission. */
export const hasNamespaces = options !== null

/**
 * What the script printed, as JSON. The namespace is gone with the script.
 *
 * @param nodeArgs Options of Node.
 */
export async function runInNamespace(script: URL, nodeArgs: readonly string[] = []): Promise<unknown> {
  const hooks = fileURLToPath(new URL('use-sources.ts', import.meta.url))
  const args = [options ?? '', process.execPath, ...nodeArgs, '--import', hooks, fileURLToPath(script)]
  const { stdout } = await promisify(execFile)('unshare', args, { timeout: 15_000 })
  return JSON.parse(stdout)
}
