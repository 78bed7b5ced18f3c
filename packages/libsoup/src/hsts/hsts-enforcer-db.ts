// HSTS policies in an SQLite file, the one native libsoup and WebKitGTK keep. Session policies are not written.
// Upstream: libsoup/hsts/soup-hsts-enforcer-db.c, from which the table comes.

import type { SQLOutputValue } from 'node:sqlite'
import { DatabaseFile } from '../storage/database-file.ts'
import type { TableDescription } from '../storage/database-file.ts'
import { DelayedWriter } from '../storage/delayed-writer.ts'
import type { DelayedWriterClient } from '../storage/delayed-writer.ts'
import { HSTSEnforcer } from './hsts-enforcer.ts'
import type { HSTSEnforcerOptions } from './hsts-enforcer.ts'
import { HSTSPolicy, canonicalDomain, policyExpiry } from './hsts-policy.ts'

const TABLE: TableDescription = {
  name: 'soup_hsts_policies',
  columns: ['id', 'host', 'max_age', 'expiry', 'include_subdomains'],
  create:
    'CREATE TABLE soup_hsts_policies (id INTEGER PRIMARY KEY, host TEXT UNIQUE, max_age INTEGER, expiry INTEGER, ' +
    'include_subdomains INTEGER)',
}

const SELECT =
  'SELECT CAST(host AS TEXT) AS host, max(0, min(CAST(max_age AS INTEGER), 8640000000000)) AS maxAge, ' +
  'min(CAST(expiry AS INTEGER), 8640000000000) AS expiry, include_subdomains = 1 AS includesSubdomains ' +
  'FROM soup_hsts_policies WHERE CAST(expiry AS INTEGER) > ? AND length(host) < 256 ORDER BY id DESC LIMIT ?'
const INSERT =
  'INSERT OR REPLACE INTO soup_hsts_policies (id, host, max_age, expiry, include_subdomains) ' +
  'VALUES ((SELECT id FROM soup_hsts_policies WHERE host = ?1), ?1, ?2, ?3, ?4)'
const DELETE = 'DELETE FROM soup_hsts_policies WHERE host = ?'

export class HSTSEnforcerDB extends HSTSEnforcer implements DelayedWriterClient {
  readonly filename: string
  readonly #db: DatabaseFile
  readonly #writer = new DelayedWriter(this)
  /** By domain; null deletes. */
  #changes = new Map<string, HSTSPolicy | null>()
  #isClosed = false

  /**
   * Reads the policies of `filename`, which is made if it is not there.
   *
   * @throws {IOError} When the file cannot be opened, is damaged, or no database of policies.
   */
  constructor(filename: string, options: HSTSEnforcerOptions = {}) {
    super(options)
    this.filename = filename
    this.#db = new DatabaseFile(filename, TABLE, false)
    try {
      this.#db.wasChangedByOthers()
      this.#readAll()
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  override get isPersistent(): boolean {
    return true
  }

  /**
   * Writes what has changed, at once, and takes in what other processes wrote.
   *
   * @throws {IOError} When the file cannot be written. The changes are kept and tried again.
   */
  flush(): void {
    if (!this.#isClosed) this.#writer.flush()
  }

  /** Writes what has changed and lets go of the file. The policies stay in memory. Throws as {@link flush}. */
  close(): void {
    if (this.#isClosed) return
    try {
      this.flush()
    } finally {
      this.#isClosed = true
      this.#writer.cancel()
      this.#db.close()
    }
  }

  [Symbol.dispose](): void {
    this.close()
  }

  // SessionFeature.

  detach(): void {
    if (this.#changes.size > 0 && !this.#isClosed) this.#writer.flushOrReport()
  }

  // DelayedWriterClient.

  writeNow(): void {
    const changes = this.#changes
    const changed = this.#db.wasChangedByOthers()
    if (changes.size > 0) {
      this.#db.transaction(() => {
        for (const [domain, policy] of changes) {
          if (policy === null) this.#db.run(DELETE, domain)
          else this.#insert(policy)
        }
      })
      this.#changes = new Map()
    }
    if (changed) this.#readAll()
  }

  writeFailed(error: Error): void {
    if (!this.emit('write-failed', error)) process.emitWarning(error)
  }

  protected override save(oldPolicy: HSTSPolicy | null, newPolicy: HSTSPolicy | null): void {
    const policy = (newPolicy ?? oldPolicy) as HSTSPolicy
    if (this.#isClosed || policy.isSessionPolicy) return
    this.#changes.set(policy.domain, newPolicy)
    this.#writer.schedule()
  }

  #insert(policy: HSTSPolicy): void {
    const expiry = Math.floor((policyExpiry(policy) ?? 0) / 1000)
    this.#db.run(INSERT, policy.domain, policy.maxAge, expiry, policy.includesSubdomains ? 1 : 0)
  }

  /** The newest that fit, oldest first. */
  #readAll(): void {
    const rows = this.#db.all(SELECT, Math.floor(Date.now() / 1000), this.maxPolicies)
    for (const row of rows.reverse()) {
      const policy = policyOfRow(row)
      if (policy !== null) this.takeIn(policy)
    }
  }
}

function policyOfRow({ host, maxAge, expiry, includesSubdomains }: Record<string, SQLOutputValue>): HSTSPolicy | null {
  const domain = typeof host === 'string' ? canonicalDomain(host) : null
  if (domain === null) return null
  return HSTSPolicy.newFull(domain, Number(maxAge), new Date(Number(expiry) * 1000), includesSubdomains === 1)
}
