// Remembers which chains GnuTLS itself found nothing wrong with, so that its second opinion is asked for once and not in
// every handshake. Whatever changes with time (dates, revocation) the shared verification finds, each time anew.

import { hash } from 'node:crypto'
import type { TlsCertificate, TlsDatabase } from '@wpe-networking/glib-networking-base'

const MAXIMUM_CHAINS = 256

export class AcceptedChains {
  /** Least recently used first, for each database. */
  readonly #keys = new WeakMap<TlsDatabase, Set<string>>()

  has(database: TlsDatabase, key: string): boolean {
    const keys = this.#keys.get(database)
    if (keys?.delete(key) !== true) return false
    keys.add(key)
    return true
  }

  add(database: TlsDatabase, key: string): void {
    const keys = this.#keys.get(database) ?? new Set()
    this.#keys.set(database, keys.add(key))
    const [oldest] = keys
    if (keys.size > MAXIMUM_CHAINS && oldest !== undefined) keys.delete(oldest)
  }
}

/** What GnuTLS's verdict depends on, besides the database and the time. */
export function chainKey(
  certificates: readonly TlsCertificate[],
  purpose: string,
  ocspResponse: Buffer | null,
): string {
  const parts = certificates.map(({ certificate }) => certificate)
  if (ocspResponse !== null) parts.push(ocspResponse)
  const about = Buffer.from(`${purpose} ${certificates.length} ${parts.map(({ length }) => length).join()} `)
  return hash('sha256', Buffer.concat([about, ...parts]), 'base64')
}
