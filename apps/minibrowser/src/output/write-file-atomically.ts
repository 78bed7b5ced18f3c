// Writes report files so that a reader never sees half of one: a temporary file beside the target, then a rename.

import { randomBytes } from 'node:crypto'
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * Replaces `path` with `text` in one step; an existing file stays as it was when anything fails. A symbolic link is
 * followed; a device or pipe such as `/dev/stderr` is written to instead of replaced.
 *
 * @throws the file system's own error (`ENOENT`, `EACCES`, …).
 */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  const existing = await stat(path).catch(() => null)
  if (existing && !existing.isFile()) return writeFile(path, text)
  const target = existing ? await realpath(path) : path
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`)
  const file = await open(temporary, 'wx', existing ? existing.mode & 0o777 : 0o666)
  try {
    await file.writeFile(text)
    await file.sync()
    await file.close()
    await rename(temporary, target)
  } catch (error) {
    await file.close().catch(() => {})
    await rm(temporary, { force: true })
    throw error
  }
}
