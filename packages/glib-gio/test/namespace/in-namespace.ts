// Runs a script in a network namespace of its own, where it may add interfaces, addresses and routes as it likes.

import { execFile, execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Whether this machine has what it takes: util-linux, iproute2, and the permission. */
export const hasNamespaces = ((): boolean => {
  try {
    execFileSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/**
 * What the script printed, as JSON. The namespace is gone with the script.
 *
 * @param nodeArgs Options of Node.
 */
export async function runInNamespace(script: URL, nodeArgs: readonly string[] = []): Promise<unknown> {
  const hooks = fileURLToPath(new URL('use-sources.ts', import.meta.url))
  const args = ['-rn', process.execPath, ...nodeArgs, '--import', hooks, fileURLToPath(script)]
  const { stdout } = await promisify(execFile)('unshare', args, { timeout: 15_000 })
  return JSON.parse(stdout)
}
