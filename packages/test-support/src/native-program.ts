// Small C programs on the original libraries, for tests that compare with them. Compiled when the tests run.

import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export interface NativeProgram {
  /** Runs it with these arguments and gives what it printed; throws when it fails or takes longer than 10 s. */
  run(...args: string[]): Promise<string>
  /** Takes it away. */
  remove(): Promise<void>
}

/** Whether programs on this library can be compiled: gcc, pkg-config and the library's headers are there. */
export function canCompileWith(library: string): boolean {
  const found = spawnSync('pkg-config', ['--exists', library], { stdio: 'ignore' }).status === 0
  return found && spawnSync('gcc', ['--version'], { stdio: 'ignore' }).status === 0
}

/** Compiles the C file `source` with what pkg-config says of `library`, into a directory of its own. */
export async function compileNative(source: URL, library: string): Promise<NativeProgram> {
  const run = promisify(execFile)
  const directory = await mkdtemp(join(tmpdir(), 'native-program-'))
  const program = join(directory, 'program')
  const { stdout } = await run('pkg-config', ['--cflags', '--libs', library])
  await run('gcc', ['-o', program, fileURLToPath(source), ...stdout.trim().split(/\s+/)])
  return {
    run: async (...args) => (await run(program, args, { timeout: 10_000 })).stdout,
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}
