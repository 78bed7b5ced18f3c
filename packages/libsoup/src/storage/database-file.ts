// One SQLite file with one table, opened with care: whoever wrote it may have been hostile, and other processes may be
// using it. Owned by CookieJarDB, HSTSEnforcerDB and FileLock. Upstream: open_db and exec_query_with_try_create_table in
// soup-cookie-jar-db.c and soup-hsts-enforcer-db.c.

import { closeSync, existsSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
import { IOError } from '@wpe-networking/glib-gio'
import type { IOErrorEnum } from '@wpe-networking/glib-gio'

/** How long to wait for another process that writes, in milliseconds. */
const BUSY_TIMEOUT = 5000
/** Bytes of a value or a row. */
const MAX_VALUE = 1024 * 1024

/** SQLite's extended result code for a file that needs recovery before it can be read. */
const READONLY_ROLLBACK = 776

/** By the primary result code of SQLite. */
const CODES: Readonly<Record<number, IOErrorEnum>> = {
  3: 'PERMISSION_DENIED',
  5: 'BUSY',
  6: 'BUSY',
  8: 'READ_ONLY',
  11: 'INVALID_DATA', // damaged
  13: 'NO_SPACE',
  14: 'NOT_FOUND',
  26: 'INVALID_DATA', // no database
}

/** The table a file is expected to have, and what to do about one that lacks columns. */
export interface TableDescription {
  readonly name: string
  readonly columns: readonly string[]
  readonly create: string
  /** Statements by the column they add. */
  readonly addColumn?: Readonly<Record<string, string>>
}

export class DatabaseFile {
  readonly filename: string
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #version = -1

  /**
   * Opens the file, makes it and its table if need be.
   *
   * @throws {IOError} When it cannot be opened, is damaged, no database, or holds more than its program ever wrote.
   */
  constructor(filename: string, table: TableDescription, readOnly: boolean) {
    this.filename = resolve(filename) // SQLite would take other things for URIs
    this.#db = openDatabase(this.filename, readOnly)
    try {
      if (!readOnly) this.transaction(() => this.#prepareTable(table, false))
      else this.#prepareTable(table, true)
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Whether there is a file to be opened read-only. */
  static exists(filename: string): boolean {
    return existsSync(filename)
  }

  /** Runs a statement; it is compiled once. Throws IOError. */
  run(sql: string, ...values: SQLInputValue[]): void {
    try {
      this.#prepare(sql).run(...values)
    } catch (error) {
      throw toIOError(error, this.filename)
    }
  }

  /** The rows of a query. Throws IOError. */
  all(sql: string, ...values: SQLInputValue[]): Record<string, SQLOutputValue>[] {
    try {
      return this.#prepare(sql).all(...values)
    } catch (error) {
      throw toIOError(error, this.filename)
    }
  }

  /** Runs `work` so that either all it writes is there in the end or nothing; others that write wait. */
  transaction<T>(work: () => T): T {
    this.run('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.run('COMMIT')
      return result
    } catch (error) {
      if (this.#db.isTransaction) this.run('ROLLBACK')
      throw error
    }
  }

  /** Whether another process wrote since this was asked last. */
  wasChangedByOthers(): boolean {
    const version = Number(this.all('PRAGMA data_version')[0]?.data_version)
    const changed = this.#version !== -1 && this.#version !== version
    this.#version = version
    return changed
  }

  close(): void {
    this.#statements.clear()
    if (this.#db.isOpen) this.#db.close()
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)))
    return statement
  }

  #prepareTable(table: TableDescription, readOnly: boolean): void {
    // Triggers, views and computed columns are programs, and no business of such a file.
    const programs = this.all("SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index') LIMIT 1")
    const [found] = this.all("SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ?", table.name)
    if (found === undefined && programs.length === 0) {
      if (readOnly) throw new IOError('INVALID_DATA', `The file ${this.filename} has no table ${table.name}.`)
      this.run(table.create)
      return
    }
    const columns = this.all('SELECT name, hidden FROM pragma_table_xinfo(?)', table.name)
    if (programs.length > 0 || found?.rootpage === 0 || columns.some(({ hidden }) => hidden !== 0)) {
      throw new IOError('INVALID_DATA', `The file ${this.filename} holds more than data.`)
    }
    for (const column of table.columns) {
      if (columns.some(({ name }) => name === column)) continue
      const add = table.addColumn?.[column]
      if (add === undefined || readOnly) {
        throw new IOError('INVALID_DATA', `The table ${table.name} of ${this.filename} has no column ${column}.`)
      }
      this.run(add)
    }
  }
}

/** Opens any database, with limits on what it may do. Throws IOError. */
export function openDatabase(filename: string, readOnly: boolean): DatabaseSync {
  try {
    try {
      return openWithLimits(filename, readOnly)
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== READONLY_ROLLBACK) throw error
    }
    // A process was killed while it wrote; what it left half done is undone by whoever opens the file for writing next.
    openWithLimits(filename, false).close()
    return openWithLimits(filename, true)
  } catch (error) {
    throw toIOError(error, filename)
  }
}

function openWithLimits(filename: string, readOnly: boolean): DatabaseSync {
  // Asked for here rather than imported: few programs have such a file, and loading SQLite takes time.
  const sqlite = process.getBuiltinModule('node:sqlite')
  const limits = { length: MAX_VALUE }
  if (!readOnly) makePrivate(filename)
  const db = new sqlite.DatabaseSync(filename, { readOnly, timeout: BUSY_TIMEOUT, defensive: true, limits })
  try {
    // NORMAL: a power cut costs the last changes at most; a killed process costs nothing either way.
    db.exec('PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA synchronous = NORMAL')
    if (!readOnly) db.exec('PRAGMA secure_delete = ON')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * Makes a file that is not there yet, for its owner's eyes only; SQLite would let all of the machine read it. Whatever
 * stands in the way, SQLite says what it is. A file that is there is not even opened: closing it would undo SQLite's locks.
 */
function makePrivate(filename: string): void {
  try {
    closeSync(openSync(filename, 'wx', 0o600))
  } catch {
    return
  }
}

export function toIOError(error: unknown, filename: string): IOError {
  if (error instanceof IOError) return error
  const { errcode = 0, message } = error as { errcode?: number; message: string }
  return new IOError(CODES[errcode & 0xff] ?? 'FAILED', `The database ${filename} failed: ${message}.`, {
    cause: error,
  })
}
