// One cookie. Made from Set-Cookie fields, by applications and from the files of jars; kept by CookieJar.
// Upstream: libsoup/cookies/soup-cookie.c. RFC 6265bis sections 5.1, 5.6 and 5.7.

import { isIP } from 'node:net'
import type { UriLike } from '@wpe-networking/glib-gio'
import { requestTarget } from '../uri/request-target.ts'
import type { RequestTarget } from '../uri/request-target.ts'
import { tldDomainIsPublicSuffix } from '../uri/tld.ts'
import { formatCookieDate } from './cookie-date.ts'
import { domainMatches, isSecureScheme, pathMatches, pathOf } from './cookie-matching.ts'
import { parseSetCookie } from './parse-set-cookie.ts'
import { SameSitePolicy } from './same-site-policy.ts'

/** Seconds, for `new Cookie` and `setMaxAge`. */
export const COOKIE_MAX_AGE_ONE_HOUR = 3600
export const COOKIE_MAX_AGE_ONE_DAY = 24 * COOKIE_MAX_AGE_ONE_HOUR
export const COOKIE_MAX_AGE_ONE_WEEK = 7 * COOKIE_MAX_AGE_ONE_DAY
export const COOKIE_MAX_AGE_ONE_YEAR = Math.trunc(365.2422 * COOKIE_MAX_AGE_ONE_DAY)

/** Whether the server left the SameSite policy of `cookie` to us. For the package only. */
export let hasDefaultSameSite: (cookie: Cookie) => boolean
/** When `cookie` expires, in milliseconds since the epoch, or null; spares a Date. For the package only. */
export let cookieExpiry: (cookie: Cookie) => number | null
/** When a cookie that ends does so, in seconds since the epoch, as files have it. For the package only. */
export let expirySeconds: (cookie: Cookie) => number
/** {@link Cookie.parse} for the package's own, who have a target and a clock. */
export let cookieFromField: (field: string, origin: RequestTarget | null, now: number) => Cookie | null

/**
 * Text is bytes, as in all header fields: one character each. What has characters above U+00FF is stored as UTF-8.
 */
export class Cookie {
  static {
    hasDefaultSameSite = (cookie) => cookie.#sameSiteIsDefault
    cookieExpiry = (cookie) => cookie.#expires
    expirySeconds = (cookie) => Math.floor((cookie.#expires ?? 0) / 1000)
    cookieFromField = (field, origin, now) => Cookie.#fromField(field, origin, now)
  }

  #name: string
  #value: string
  #domain: string
  #path: string
  #expires: number | null = null
  #sameSite: SameSitePolicy = SameSitePolicy.LAX
  #sameSiteIsDefault = false
  /** Only for https and wss. */
  secure = false
  /** Not for scripts. */
  httpOnly = false

  /**
   * @param domain `example.org` for that host alone, `.example.org` for the hosts below it too.
   * @param maxAge Seconds to live; -1 ends with the session, 0 is over already.
   */
  constructor(name: string, value: string, domain: string, path: string, maxAge: number) {
    this.#name = toBytes(name)
    this.#value = toBytes(value)
    this.#domain = toBytes(domain)
    this.#path = toBytes(path)
    this.setMaxAge(maxAge)
  }

  /**
   * The cookie in a Set-Cookie field, or null when it must be ignored: malformed, too long, for a domain that `origin`
   * does not belong to.
   *
   * @param origin Who sent it, which fills in domain and path. Without one they are '' and '/' unless given.
   */
  static parse(header: string, origin: UriLike | null = null): Cookie | null {
    return Cookie.#fromField(header, origin === null ? null : requestTarget(origin), Date.now())
  }

  static #fromField(field: string, origin: RequestTarget | null, now: number): Cookie | null {
    const fields = parseSetCookie(toBytes(field), now)
    if (fields === null) return null
    const domain = cookieDomain(fields.domain, origin?.hostname ?? null)
    if (domain === null) return null
    const path = fields.path ?? (origin === null ? '/' : defaultPath(pathOf(origin)))
    const cookie = new Cookie(fields.name, fields.value, domain, path, -1)
    cookie.#expires = fields.expires
    cookie.#sameSite = fields.sameSite ?? SameSitePolicy.LAX
    cookie.#sameSiteIsDefault = fields.sameSite === null
    cookie.secure = fields.secure
    cookie.httpOnly = fields.httpOnly
    return cookie
  }

  /** '' when it has none. */
  get name(): string {
    return this.#name
  }

  set name(name: string) {
    this.#name = toBytes(name)
  }

  get value(): string {
    return this.#value
  }

  set value(value: string) {
    this.#value = toBytes(value)
  }

  /** With a dot before it when it is for the hosts below too. */
  get domain(): string {
    return this.#domain
  }

  set domain(domain: string) {
    this.#domain = toBytes(domain)
  }

  get path(): string {
    return this.#path
  }

  set path(path: string) {
    this.#path = toBytes(path)
  }

  /** Null: it ends with the session. */
  get expires(): Date | null {
    return this.#expires === null ? null : new Date(this.#expires)
  }

  set expires(expires: Date | null) {
    const time = expires?.getTime() ?? null
    if (time !== null && Number.isNaN(time)) throw new TypeError('The cookie cannot expire at an invalid date.')
    this.#expires = time
  }

  get sameSitePolicy(): SameSitePolicy {
    return this.#sameSite
  }

  set sameSitePolicy(policy: SameSitePolicy) {
    this.#sameSite = policy
    this.#sameSiteIsDefault = false
  }

  /** Seconds from now; -1 ends with the session, 0 is over already, long ago so that no clock disagrees. */
  setMaxAge(maxAge: number): void {
    if (maxAge === -1) this.#expires = null
    else this.#expires = maxAge <= 0 ? 0 : Math.min(Date.now() + maxAge * 1000, 8.64e15)
  }

  /** Whether its path, its Secure attribute and its age let it go to `uri`. The domain is not looked at. */
  appliesToUri(uri: UriLike): boolean {
    const target = requestTarget(uri)
    if (this.secure && !isSecureScheme(target.uri.scheme)) return false
    if (this.#expires !== null && this.#expires <= Date.now()) return false
    return pathMatches(this.#path, pathOf(target))
  }

  /** Whether its domain lets it go to `host`. */
  domainMatches(host: string): boolean {
    return domainMatches(this.#domain.toLowerCase(), host.toLowerCase())
  }

  /** Same name, value and path, as upstream; nothing else counts. */
  equal(other: Cookie): boolean {
    return this.#name === other.#name && this.#value === other.#value && this.#path === other.#path
  }

  copy(): Cookie {
    const copy = new Cookie(this.#name, this.#value, this.#domain, this.#path, -1)
    copy.#expires = this.#expires
    copy.#sameSite = this.#sameSite
    copy.#sameSiteIsDefault = this.#sameSiteIsDefault
    copy.secure = this.secure
    copy.httpOnly = this.httpOnly
    return copy
  }

  /** `name=value`, for a Cookie field. */
  toCookieHeader(): string {
    return this.#name === '' ? this.#value : `${this.#name}=${this.#value}`
  }

  /** For a Set-Cookie field. */
  toSetCookieHeader(): string {
    const { expires } = this
    let text = `${this.#name}=${this.#value}`
    if (expires !== null) text += `; expires=${formatCookieDate(expires)}`
    if (this.#path !== '') text += `; path=${this.#path}`
    // The attribute would give a cookie of one host to those below it.
    if (this.#domain.startsWith('.')) text += `; domain=${this.#domain}`
    if (!this.#sameSiteIsDefault) text += `; SameSite=${SAME_SITE_NAMES[this.#sameSite]}`
    if (this.secure) text += '; secure'
    if (this.httpOnly) text += '; HttpOnly'
    return text
  }
}

/** By value of {@link SameSitePolicy}. */
export const SAME_SITE_NAMES = ['None', 'Lax', 'Strict'] as const

/** RFC 6265bis section 5.1.4: up to the last slash. */
function defaultPath(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}

/** The domain of a cookie with this attribute from this host (both in lower case), or null when it must be ignored. */
function cookieDomain(attribute: string | null, host: string | null): string | null {
  if (attribute === null) return host ?? ''
  const domain = attribute.startsWith('.') ? attribute.slice(1) : attribute
  if (isIP(domain) !== 0 || isSuffix(domain)) return host === null || host === domain ? domain : null
  if (host !== null && host !== domain && !host.endsWith(`.${domain}`)) return null
  if (host !== null && host !== domain && isIP(host) !== 0) return null
  return `.${domain}`
}

/** Nobody owns such a domain; a host that is one gets a cookie of its own (RFC 6265bis section 5.7, step 9). */
function isSuffix(domain: string): boolean {
  return !domain.includes('.') || tldDomainIsPublicSuffix(domain)
}

function toBytes(text: string): string {
  return /[^\0-\xff]/.test(text) ? Buffer.from(text).toString('latin1') : text
}
