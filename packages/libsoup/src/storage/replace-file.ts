// Writes a file so that whoever reads it, even after a crash, finds the old contents or the new, never a part.
// Called by CookieJarText, under its lock.

import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Only its owner may read a file that is new; others keep their mode. Throws what `node:fs` throws. */
export function replaceFile(filename: string, contents: Buffer): void {
  const temporary = `${filename}.tmp` // one name, so that a killed process leaves no more than one behind
  const mode = statSync(filename, { throwIfNoEntry: false })?.mode ?? 0o600
  rmSync(temporary, { force: true })
  const file = openSync(temporary, 'wx', 0o600)
  try {
    try {
      fchmodSync(file, mode & 0o777)
      writeFileSync(file, contents)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, filename)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  syncDirectory(dirname(filename))
}

function syncDirectory(directory: string): void {
  const file = openSync(directory, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
