// Sessions a client may resume, so that a second connection to a host costs no certificate and no key exchange by hand.
// Held by a client context, so a session never outlives its database or meets another certificate. RFC 8446 section 2.2.

import type { TlsCertificate } from '@wpe-networking/glib-networking-base'

/** Hosts remembered; the least recently used one goes first. */
const MAX_KEYS = 256
/** Sessions kept per host: a browser opens six connections at once, and TLS 1.3 uses each session only once. */
const MAX_SESSIONS_PER_KEY = 6

/** A session, and the certificate it was verified with: Node gives no certificate on a resumed connection. */
export interface CachedSession {
  /** What node:tls handed out in its 'session' event. */
  readonly session: Buffer
  readonly certificate: TlsCertificate
}

/** A bounded cache of sessions whose certificate passed every check. */
export class SessionCache {
  readonly #sessions = new Map<string, CachedSession[]>()

  /** Remembers `session` for `key`; the oldest of that key goes when there are too many. */
  add(key: string, session: CachedSession): void {
    const sessions = this.#sessions.get(key) ?? []
    this.#sessions.delete(key) // Re-inserted at the end, which is where a Map keeps its youngest.
    this.#sessions.set(key, sessions)
    if (sessions.push(session) > MAX_SESSIONS_PER_KEY) sessions.shift()
    if (this.#sessions.size > MAX_KEYS) {
      for (const oldest of this.#sessions.keys()) {
        this.#sessions.delete(oldest)
        break
      }
    }
  }

  /**
   * The youngest session for `key`, which is gone from the cache then: using a ticket twice would let an onlooker link the
   * connections (RFC 8446 appendix C.4). Null when there is none.
   */
  take(key: string): CachedSession | null {
    const sessions = this.#sessions.get(key)
    const session = sessions?.pop() ?? null
    if (sessions?.length === 0) this.#sessions.delete(key)
    return session
  }

  /** Sessions held now, of all keys. */
  get size(): number {
    let size = 0
    for (const sessions of this.#sessions.values()) size += sessions.length
    return size
  }
}
