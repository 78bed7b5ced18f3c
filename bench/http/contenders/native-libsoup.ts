import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Contender, ContenderOptions } from '../contender.ts'
import { nativeContender } from './native.ts'

const run = promisify(execFile)
const source = join(import.meta.dirname, '../native/libsoup.c')

/** The C library itself, with cookies, HSTS and content decoding; compiled when it starts. */
export async function create({ protocol, concurrency, ca }: ContenderOptions): Promise<Contender> {
  const folder = await mkdtemp(join(tmpdir(), 'wpe-bench-soup-'))
  const program = join(folder, 'libsoup')
  const { stdout: flags } = await run('pkg-config', ['--cflags', '--libs', 'libsoup-3.0'])
  await run('cc', ['-O2', '-o', program, source, ...flags.trim().split(/\s+/)])
  await writeFile(join(folder, 'ca.pem'), ca)
  const connections = protocol === 'h2' ? 1 : concurrency
  const args = [join(folder, 'ca.pem'), String(connections)]
  return nativeContender(program, args, () => rm(folder, { recursive: true }))
}
