// A cookie jar in an SQLite file, the one native libsoup and WebKitGTK keep. Upstream: soup-cookie-jar-db.c, from which
// the table comes. Text columns hold bytes as they came from servers, UTF-8 or not.
//
// Changes of a moment go into one transaction, so that a killed process leaves all of them or none. What other processes
// write is noticed by SQLite's data version and taken in with the next write.

import type { SQLOutputValue } from 'node:sqlite'
import { DatabaseFile } from '../storage/database-file.ts'
import type { TableDescription } from '../storage/database-file.ts'
import { Cookie, expirySeconds } from './cookie.ts'
import type { CookieJarOptions } from './cookie-jar.ts'
import { CookieJarError } from './cookie-jar-error.ts'
import { MAX_NAME_AND_VALUE } from './parse-set-cookie.ts'
import { PersistentCookieJar } from './persistent-cookie-jar.ts'
import type { CookieChange } from './persistent-cookie-jar.ts'
import { SameSitePolicy, sameSitePolicyFromFile } from './same-site-policy.ts'

const COLUMNS = 'id name value host path expiry lastAccessed isSecure isHttpOnly sameSite'.split(' ')
const TABLE: TableDescription = {
  name: 'moz_cookies',
  columns: COLUMNS,
  create:
    'CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, name TEXT, value TEXT, host TEXT, path TEXT, expiry INTEGER, ' +
    'lastAccessed INTEGER, isSecure INTEGER, isHttpOnly INTEGER, sameSite INTEGER)',
  addColumn: { sameSite: 'ALTER TABLE moz_cookies ADD COLUMN sameSite INTEGER DEFAULT 0' },
}

const SELECT =
  'SELECT CAST(name AS BLOB) AS name, CAST(value AS BLOB) AS value, CAST(host AS BLOB) AS host, ' +
  'CAST(path AS BLOB) AS path, min(CAST(expiry AS INTEGER), 8640000000000) AS expiry, isSecure = 1 AS secure, ' +
  'isHttpOnly = 1 AS httpOnly, CAST(sameSite AS TEXT) AS sameSite FROM moz_cookies WHERE CAST(expiry AS INTEGER) > ? ' +
  `AND length(name) + length(value) <= ${MAX_NAME_AND_VALUE} AND length(host) < 256 AND length(path) < 16384 ` +
  'ORDER BY id DESC LIMIT ?'
const INSERT =
  'INSERT INTO moz_cookies (name, value, host, path, expiry, isSecure, isHttpOnly, sameSite) VALUES ' +
  '(CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, ?, ?)'

// The table has no index: all that must go is found in one walk.
const CREATE_CHANGED =
  'CREATE TEMP TABLE IF NOT EXISTS changed (name TEXT, host TEXT, path TEXT, PRIMARY KEY (name, host, path)) WITHOUT ROWID'
const INSERT_CHANGED = 'INSERT OR IGNORE INTO changed VALUES (CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT))'
const DELETE = 'DELETE FROM moz_cookies WHERE (name, host, path) IN (SELECT name, host, path FROM changed)'
const CLEAR_CHANGED = 'DELETE FROM changed'

export interface CookieJarDBOptions extends CookieJarOptions {
  /** Bytes the file may grow to, in whole pages; 0, the default, is no limit. */
  maxSize?: number
}

export class CookieJarDB extends PersistentCookieJar {
  readonly #db: DatabaseFile | null
  #maxSize = 0

  /**
   * Reads the cookies of `filename`, which is made if it is not there and the jar not read-only.
   *
   * @throws {CookieJarError} `DB` when the file cannot be opened, is damaged, or no cookie database.
   */
  constructor(filename: string, options: CookieJarDBOptions = {}) {
    super(filename, options)
    const exists = !this.readOnly || DatabaseFile.exists(filename)
    this.#db = exists ? asJarError(() => new DatabaseFile(filename, TABLE, this.readOnly)) : null
    try {
      this.maxSize = options.maxSize ?? 0
      asJarError(() => {
        this.#db?.wasChangedByOthers()
        if (!this.readOnly) this.#db?.run(CREATE_CHANGED)
        this.load(this.#readAll())
      })
    } catch (error) {
      this.#db?.close()
      throw error
    }
  }

  /** Bytes the file may grow to, rounded down to whole pages; 0 is no limit. A file that is larger does not shrink. */
  get maxSize(): number {
    return this.#maxSize
  }

  /** @throws {CookieJarError} `DB`. */
  set maxSize(maxSize: number) {
    if (!Number.isSafeInteger(maxSize) || maxSize < 0) throw new TypeError('The maximal size is no number of bytes.')
    asJarError(() => {
      const pageSize = Number(this.#db?.all('PRAGMA page_size')[0]?.page_size ?? 4096)
      const pages = maxSize === 0 ? MAX_PAGES : Math.min(Math.max(Math.floor(maxSize / pageSize), 1), MAX_PAGES)
      this.#db?.all(`PRAGMA max_page_count = ${pages}`)
      this.#maxSize = maxSize === 0 ? 0 : pages * pageSize
    })
  }

  protected write(changes: readonly CookieChange[]): Cookie[] | null {
    const db = this.#db
    if (db === null) return null
    return asJarError(() => {
      if (changes.length === 0) return db.wasChangedByOthers() ? this.#readAll() : null
      return db.transaction(() => {
        const changed = db.wasChangedByOthers()
        for (const { name, domain, path } of changes) db.run(INSERT_CHANGED, bytes(name), bytes(domain), bytes(path))
        db.run(DELETE)
        db.run(CLEAR_CHANGED)
        for (const { cookie } of changes) if (cookie !== null) insert(db, cookie)
        return changed ? this.#readAll() : null
      })
    })
  }

  protected canStore(): boolean {
    return true
  }

  protected closeFile(): void {
    this.#db?.close()
  }

  /** The newest that fit into the jar, oldest first. */
  #readAll(): Cookie[] {
    const rows = this.#db?.all(SELECT, Math.floor(Date.now() / 1000), this.maxCookies) ?? []
    return rows.map(cookieOfRow).reverse()
  }
}

/** As many as SQLite knows. */
const MAX_PAGES = 4294967294

function insert(db: DatabaseFile, cookie: Cookie): void {
  const { name, value, domain, path, secure, httpOnly, sameSitePolicy } = cookie
  const texts = [bytes(name), bytes(value), bytes(domain), bytes(path)]
  db.run(INSERT, ...texts, expirySeconds(cookie), secure ? 1 : 0, httpOnly ? 1 : 0, sameSitePolicy)
}

function cookieOfRow(row: Record<string, SQLOutputValue>): Cookie {
  const cookie = new Cookie(text(row.name), text(row.value), text(row.host), text(row.path), -1)
  cookie.expires = new Date(Number(row.expiry) * 1000)
  cookie.secure = row.secure === 1
  cookie.httpOnly = row.httpOnly === 1
  cookie.sameSitePolicy = sameSitePolicyFromFile(sameSiteOfRow(row.sameSite), cookie.secure)
  return cookie
}

function sameSiteOfRow(value: SQLOutputValue | undefined): SameSitePolicy {
  if (value === '2') return SameSitePolicy.STRICT
  return value === '0' || value === null ? SameSitePolicy.NONE : SameSitePolicy.LAX
}

function bytes(value: string): Buffer {
  return Buffer.from(value, 'latin1')
}

function text(value: SQLOutputValue | undefined): string {
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
    : ''
}

function asJarError<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'IOError') throw error
    throw new CookieJarError('DB', `The cookies could not be kept: ${error.message}`, { cause: error })
  }
}
