// Session data of earlier client connections, for resumption; bounded, kept in memory only because it holds secrets.
// Upstream: glib-networking/tls/gnutls/gtlssessioncache.c. RFC 8446 section 2.2, appendix C.4.

const MAXIMUM_KEYS = 256
/** TLS 1.3 tickets kept per key, for connections opened side by side. */
const MAXIMUM_TICKETS = 4

/** By whom a session may be resumed: everything that shaped its verification is part of the key. */
export type SessionKey = string

/** What can be resumed under one key: either one session any number of times, or tickets once each. */
type Entry = { readonly kind: 'session'; readonly data: Buffer } | { readonly kind: 'tickets'; readonly data: Buffer[] }

export class SessionCache {
  /** Least recently used first. */
  readonly #entries = new Map<SessionKey, Entry>()

  /** How many keys there is something for. */
  get size(): number {
    return this.#entries.size
  }

  /** Keeps a session of TLS 1.2 or older, in place of what was there. */
  storeSession(key: SessionKey, data: Buffer): void {
    this.#set(key, { kind: 'session', data })
  }

  /** Adds a TLS 1.3 ticket. */
  storeTicket(key: SessionKey, ticket: Buffer): void {
    const entry = this.#entries.get(key)
    const tickets = entry?.kind === 'tickets' ? entry.data : []
    tickets.push(ticket)
    if (tickets.length > MAXIMUM_TICKETS) tickets.shift()
    this.#set(key, { kind: 'tickets', data: tickets })
  }

  #set(key: SessionKey, entry: Entry): void {
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (this.#entries.size > MAXIMUM_KEYS) {
      const oldest = this.#entries.keys().next()
      if (!oldest.done) this.#entries.delete(oldest.value)
    }
  }

  /**
   * What to offer, or null. A ticket is given out once only, the newest first: used twice it would let an onlooker link
   * the two connections.
   */
  take(key: SessionKey): Buffer | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    if (entry.kind === 'session') {
      this.#set(key, entry)
      return entry.data
    }
    const ticket = entry.data.pop() ?? null
    if (entry.data.length === 0) this.#entries.delete(key)
    return ticket
  }

  clear(): void {
    this.#entries.clear()
  }
}
