// Sessions a client may resume, so that a second connection to a host costs no certificate and no key exchange by hand.
// Held by a client context, so a session never outlives its database or meets another certificate. RFC 8446 section 2.2.

import type { PeerCertificates } from './peer-certificates.ts'

/** Hosts remembered; the least recently used one goes first. */
const MAX_KEYS = 256
/** Sessions kept per host: a browser opens six connections at once, and TLS 1.3 uses each session only once. */
const MAX_SESSIONS_PER_KEY = 6
/** How long a session is good for: the bound of RFC 5246 (appendix F.1.4), below the one of RFC 8446. */
const MAX_AGE_MS = 24 * 60 * 60_000

/** A session, and what its server proved itself with: nothing of that is sent again when it is resumed. */
export interface CachedSession {
  /** What node:tls handed out in its 'session' event. */
  readonly session: Buffer
  readonly certificates: PeerCertificates
  /** The DER OCSP response that came with them, or null. */
  readonly ocspResponse: Buffer | null
  /** `performance.now` of the handshake that made it. */
  readonly madeAt: number
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
   *
   * @param now `performance.now`.
   */
  take(key: string, now = performance.now()): CachedSession | null {
    const sessions = this.#sessions.get(key)
    const session = sessions?.pop() ?? null
    if (session !== null && now - session.madeAt > MAX_AGE_MS) {
      this.forget(key) // The others are hardly younger.
      return null
    }
    if (sessions?.length === 0) this.#sessions.delete(key)
    return session
  }

  /** Drops every session for `key`. */
  forget(key: string): void {
    this.#sessions.delete(key)
  }

  /** Sessions held now, of all keys. */
  get size(): number {
    let size = 0
    for (const sessions of this.#sessions.values()) size += sessions.length
    return size
  }
}
