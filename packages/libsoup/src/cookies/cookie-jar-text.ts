// A cookie jar in a cookies.txt file, which curl, wget and native libsoup read and write too.
// Upstream: libsoup/cookies/soup-cookie-jar-text.c, which appends and rewrites in place, without a lock.
//
// A write takes the lock beside the file, reads the file anew, puts the changes of this jar into it, and replaces it in one
// step. So a killed process leaves the old file or the new one, and no process undoes what another wrote.

import { readFileSync, realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { IOError } from '@wpe-networking/glib-gio'
import { withFileLock } from '../storage/file-lock.ts'
import { replaceFile } from '../storage/replace-file.ts'
import type { Cookie } from './cookie.ts'
import type { CookieJarOptions } from './cookie-jar.ts'
import { cookieKey } from './cookie-matching.ts'
import { fitsCookiesFile, formatCookiesFile, parseCookiesFile } from './cookies-file.ts'
import { PersistentCookieJar } from './persistent-cookie-jar.ts'
import type { CookieChange } from './persistent-cookie-jar.ts'

/** Bytes of a file that is read at all. */
const MAX_FILE = 64 * 1024 * 1024

export class CookieJarText extends PersistentCookieJar {
  readonly #path: string
  /** Tells the file this jar read or wrote last from others. */
  #seen = ''

  /**
   * Reads the cookies of `filename`, which need not be there. Lines that hold no cookie are passed over. Cookies with a
   * tab in them are not written: the format has no room for it.
   *
   * @throws {IOError} When the file is there and cannot be read, is larger than 64 MiB, or is a device or a pipe.
   */
  constructor(filename: string, options: CookieJarOptions = {}) {
    super(filename, options)
    this.#path = realPath(filename)
    this.load(this.#read())
  }

  protected write(changes: readonly CookieChange[]): Cookie[] | null {
    if (changes.length === 0 && !this.#wasChanged()) return null
    return withFileLock(`${this.#path}.lock`, () => {
      const changed = this.#wasChanged()
      const cookies = this.#read()
      if (changes.length > 0) this.#replace(cookies, changes)
      return changed ? this.#read() : null
    })
  }

  protected canStore(cookie: Cookie): boolean {
    return fitsCookiesFile(cookie)
  }

  protected closeFile(): void {
    // It is open only while it is read or written.
  }

  #replace(cookies: readonly Cookie[], changes: readonly CookieChange[]): void {
    const byKey = new Map<string, Cookie>()
    for (const cookie of cookies) byKey.set(cookieKey(cookie), cookie)
    for (const change of changes) {
      if (change.cookie === null) byKey.delete(cookieKey(change))
      else byKey.set(cookieKey(change), change.cookie)
    }
    try {
      replaceFile(this.#path, Buffer.from(formatCookiesFile(byKey.values()), 'latin1'))
    } catch (error) {
      throw IOError.fromNode(error)
    }
    this.#seen = fingerprint(this.#path)
  }

  #read(): Cookie[] {
    try {
      const stats = statSync(this.#path, { throwIfNoEntry: false })
      this.#seen = fingerprint(this.#path)
      if (stats === undefined) return []
      // Reading a pipe has no end, and writing would put a file in the place of /dev/null.
      if (!stats.isFile() && !stats.isDirectory()) {
        throw new IOError('NOT_SUPPORTED', `Cookies are kept in files, which ${this.#path} is not.`)
      }
      if (stats.size > MAX_FILE)
        throw new IOError('MESSAGE_TOO_LARGE', `The file ${this.#path} is too large for cookies.`)
      return parseCookiesFile(readFileSync(this.#path, 'latin1'), Date.now(), this.maxCookies)
    } catch (error) {
      throw IOError.fromNode(error)
    }
  }

  #wasChanged(): boolean {
    return fingerprint(this.#path) !== this.#seen
  }
}

function fingerprint(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? '' : `${stats.ino} ${stats.size} ${stats.mtimeNs}`
}

/** Where a symbolic link leads: replacing the file must not replace the link. */
function realPath(filename: string): string {
  try {
    return realpathSync(filename)
  } catch {
    return resolve(filename) // not there yet
  }
}
