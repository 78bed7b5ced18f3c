// What the tests of the jars with files share: a directory that goes away, processes on the sources, short names.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Cookie } from '../../src/index.ts'

/** Runs `use` with a directory of its own. */
export async function withDirectory<T>(use: (directory: string) => Promise<T> | T): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'soup-files-'))
  try {
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const USE_SOURCES = fileURLToPath(new URL('../../../glib-gio/test/namespace/use-sources.ts', import.meta.url))
const WRITER = fileURLToPath(new URL('cookie-writer.ts', import.meta.url))

/** Starts cookie-writer.ts with these arguments; it says each cookie's name on a line once that is safe. */
export function startWriter(...args: string[]): ChildProcess {
  return spawn(process.execPath, ['--import', USE_SOURCES, WRITER, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** `name|value|domain|path|seconds|secure|httpOnly|sameSite`, as the native tool prints a cookie. */
export function describeCookie(cookie: Cookie): string {
  const { name, value, domain, path, expires, secure, httpOnly, sameSitePolicy } = cookie
  const seconds = expires === null ? 0 : Math.floor(expires.getTime() / 1000)
  return [name, value, domain, path, seconds, secure ? 1 : 0, httpOnly ? 1 : 0, sameSitePolicy].join('|')
}
