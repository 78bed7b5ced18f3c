// Session data of earlier client connections, for resumption; bounded, kept in memory only because it holds secrets.
// Upstream: glib-networking/tls/gnutls/gtlssessioncache.c. RFC 8446 section 2.2, appendix C.4.

const MAXIMUM_ENTRIES = 256

/** By whom a session may be resumed: everything that shaped its verification is part of the key. */
export type SessionKey = string

/** The most recently used sessions, one per key. */
export class SessionCache {
  readonly #entries = new Map<SessionKey, { readonly data: Buffer; readonly reusable: boolean }>()

  get size(): number {
    return this.#entries.size
  }

  /** @param reusable False for a TLS 1.3 ticket: used twice, it would let an onlooker link two connections. */
  store(key: SessionKey, data: Buffer, reusable: boolean): void {
    this.#entries.delete(key)
    this.#entries.set(key, { data, reusable })
    if (this.#entries.size > MAXIMUM_ENTRIES) {
      const oldest = this.#entries.keys().next()
      if (!oldest.done) this.#entries.delete(oldest.value)
    }
  }

  /** The session to offer, or null. */
  take(key: SessionKey): Buffer | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    this.#entries.delete(key)
    if (entry.reusable) this.#entries.set(key, entry)
    return entry.data
  }

  forget(key: SessionKey): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }
}
