// That a host wants to be spoken to over TLS only. Made from responses, by applications and from the file; kept by
// HSTSEnforcer. Upstream: libsoup/hsts/soup-hsts-policy.c. RFC 6797 sections 6.1 and 8.1.

import { isIP } from 'node:net'
import { domainToUnicode } from 'node:url'
import type { Message } from '../message/message.ts'
import { messageState } from '../message/message.ts'
import { parseStrictTransportSecurity } from './parse-strict-transport-security.ts'

/** A `maxAge` that is over already: the policy of the host goes. */
export const HSTS_POLICY_MAX_AGE_PAST = 0

/** When `policy` expires, in milliseconds since the epoch; null for a session policy. For the package only. */
export let policyExpiry: (policy: HSTSPolicy) => number | null

/** Immutable. */
export class HSTSPolicy {
  static {
    policyExpiry = (policy) => policy.#expires
  }

  /** In lower case, in Unicode. */
  readonly domain: string
  /** Seconds, counted from when it was received. */
  readonly maxAge: number
  readonly includesSubdomains: boolean
  readonly #expires: number | null

  /**
   * @param maxAge Seconds from now; {@link HSTS_POLICY_MAX_AGE_PAST} is over already.
   * @throws {TypeError} When `domain` is an IP address or no host name.
   */
  constructor(domain: string, maxAge: number, includesSubdomains: boolean)
  /** For the static methods: `expires` in milliseconds since the epoch, or null. */
  constructor(domain: string, maxAge: number, includesSubdomains: boolean, expires: number | null)
  constructor(domain: string, maxAge: number, includesSubdomains: boolean, expires?: number | null) {
    const canonical = canonicalDomain(domain)
    if (canonical === null) throw new TypeError(`There is no HSTS policy for the host ${JSON.stringify(domain)}.`)
    this.domain = canonical
    this.maxAge = maxAge
    this.includesSubdomains = includesSubdomains
    this.#expires = expires === undefined ? expiryOf(maxAge, Date.now()) : expires
  }

  /** A policy with all it has said; without `expires` it lasts as long as the enforcer. Throws as the constructor. */
  static newFull(domain: string, maxAge: number, expires: Date | null, includesSubdomains: boolean): HSTSPolicy {
    return new HSTSPolicy(domain, maxAge, includesSubdomains, expires === null ? null : expires.getTime())
  }

  /** A policy that is not kept longer than the enforcer. Throws as the constructor. */
  static newSessionPolicy(domain: string, includesSubdomains: boolean): HSTSPolicy {
    return new HSTSPolicy(domain, 0, includesSubdomains, null)
  }

  /**
   * What the first `Strict-Transport-Security` field of a response says, or null when there is none that is valid.
   * Whether the response may be believed is for the caller to know.
   */
  static newFromResponse(message: Message): HSTSPolicy | null {
    const [field] = message.responseHeaders.getAll('strict-transport-security')
    const said = field === undefined ? null : parseStrictTransportSecurity(field)
    const { hostname } = messageState(message).target
    if (said === null || canonicalDomain(hostname) === null) return null
    return new HSTSPolicy(hostname, said.maxAge, said.includeSubdomains)
  }

  /** Null for a session policy. */
  get expires(): Date | null {
    return this.#expires === null ? null : new Date(this.#expires)
  }

  get isExpired(): boolean {
    return this.#expires !== null && this.#expires <= Date.now()
  }

  get isSessionPolicy(): boolean {
    return this.#expires === null
  }

  equal(other: HSTSPolicy): boolean {
    if (this.domain !== other.domain || this.includesSubdomains !== other.includesSubdomains) return false
    return this.maxAge === other.maxAge && this.#expires === other.#expires
  }
}

/** How policies know a host: in lower case, in Unicode, without the dot of the root. Null when it can have none. */
export function canonicalDomain(hostname: string): string | null {
  const name = (hostname.endsWith('.') ? hostname.slice(0, -1) : hostname).toLowerCase()
  if (name === '' || name.length > 255 || isIP(name) !== 0 || /[\s/:]/.test(name) || name.startsWith('.')) return null
  if (!name.includes('xn--')) return name
  const unicode = domainToUnicode(name)
  return unicode === '' ? null : unicode
}

/** Long ago for one that is over, so that no clock disagrees. */
function expiryOf(maxAge: number, now: number): number {
  return maxAge <= HSTS_POLICY_MAX_AGE_PAST ? 0 : Math.min(now + maxAge * 1000, 8.64e15)
}
