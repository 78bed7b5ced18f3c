// The cookies of one jar in memory, sorted by site so that a lookup sees those of one site and no others. Owned by
// CookieJar; knows nothing of policies. RFC 6265bis section 5.7 (storage) and 5.7.3 (eviction).
// Upstream: the `domains` table of libsoup/cookies/soup-cookie-jar.c, which has no limits.

import { siteOf } from '../uri/tld.ts'
import { cookieExpiry } from './cookie.ts'
import type { Cookie } from './cookie.ts'
import { domainMatches, pathMatches } from './cookie-matching.ts'

/** Cookies of one site; WebKit's and Chromium's figure. */
const MAX_COOKIES_PER_SITE = 180
/** How long to wait before all sites are searched for expired cookies again, in milliseconds. */
const SWEEP_INTERVAL = 10_000

export interface StoredCookie {
  readonly cookie: Cookie
  /** When it was first set, in milliseconds since the epoch; setting it anew does not change that. */
  readonly created: number
  /** Place among all cookies by time of creation. */
  readonly order: number
  /** Place by time of last use. */
  used: number
}

interface SiteCookies {
  readonly name: string
  /** By domain, then by name and path. */
  readonly domains: Map<string, Map<string, StoredCookie>>
  size: number
}

export class CookieStore {
  readonly #maxCookies: number
  readonly #sites = new Map<string, SiteCookies>()
  /** Sites by how many cookies they have, so that the fattest is found at once. */
  readonly #bySize: Set<SiteCookies>[] = []
  #size = 0
  #clock = 0
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor(maxCookies: number) {
    this.#maxCookies = maxCookies
  }

  get size(): number {
    return this.#size
  }

  /** Whether there is a cookie for any host of the site `hostname` (in lower case) belongs to. */
  hasSite(hostname: string): boolean {
    return this.#size > 0 && this.#sites.has(siteOf(hostname))
  }

  /** The stored cookie of the same name, domain and path, or null. */
  find(cookie: Cookie): StoredCookie | null {
    const domain = cookie.domain.toLowerCase()
    return this.#sites.get(siteOfDomain(domain))?.domains.get(domain)?.get(keyOf(cookie)) ?? null
  }

  /**
   * Stores `cookie` in the place of the one with the same name, domain and path.
   *
   * @param now Milliseconds since the epoch.
   * @returns Cookies that had to go to make room for it.
   */
  set(cookie: Cookie, now: number): Cookie[] {
    const domain = cookie.domain.toLowerCase()
    const site = this.#site(siteOfDomain(domain))
    let cookies = site.domains.get(domain)
    if (cookies === undefined) site.domains.set(domain, (cookies = new Map<string, StoredCookie>()))
    const key = keyOf(cookie)
    const old = cookies.get(key)
    const used = ++this.#clock
    const stored = { cookie, created: old?.created ?? now, order: old?.order ?? used, used }
    cookies.set(key, stored)
    if (old !== undefined) return []
    this.#resize(site, 1)
    return this.#makeRoom(site, stored, now)
  }

  /** Takes out the cookie of this name, domain and path and returns it. */
  delete(cookie: Cookie): Cookie | null {
    const domain = cookie.domain.toLowerCase()
    const site = this.#sites.get(siteOfDomain(domain))
    const stored = site?.domains.get(domain)?.get(keyOf(cookie))
    if (site === undefined || stored === undefined) return null
    this.#remove(site, stored.cookie)
    return stored.cookie
  }

  /**
   * The cookies whose domain and path match, in no order; expired ones too. Looking marks nothing as used.
   *
   * @param hostname In lower case.
   */
  matching(hostname: string, path: string): StoredCookie[] {
    const found: StoredCookie[] = []
    const site = this.#sites.get(siteOf(hostname))
    if (site === undefined) return found
    for (const [domain, cookies] of site.domains) {
      if (!domainMatches(domain, hostname)) continue
      for (const stored of cookies.values()) if (pathMatches(stored.cookie.path, path)) found.push(stored)
    }
    return found
  }

  markUsed(stored: StoredCookie): void {
    stored.used = ++this.#clock
  }

  /** Whether a Secure cookie of the same name is where `cookie`, from a plain connection, would hide it. */
  wouldHideSecure(cookie: Cookie): boolean {
    const domain = cookie.domain.toLowerCase()
    const site = this.#sites.get(siteOfDomain(domain))
    if (site === undefined) return false
    for (const [other, cookies] of site.domains) {
      if (!domainMatches(other, bare(domain)) && !domainMatches(domain, bare(other))) continue
      for (const stored of cookies.values()) {
        const { name, secure, path } = stored.cookie
        if (secure && name === cookie.name && pathMatches(path, cookie.path)) return true
      }
    }
    return false
  }

  *all(): Generator<StoredCookie> {
    for (const site of this.#sites.values()) for (const cookies of site.domains.values()) yield* cookies.values()
  }

  #site(name: string): SiteCookies {
    let site = this.#sites.get(name)
    if (site === undefined) this.#sites.set(name, (site = { name, domains: new Map(), size: 0 }))
    return site
  }

  #makeRoom(site: SiteCookies, added: StoredCookie, now: number): Cookie[] {
    const gone: Cookie[] = []
    if (site.size > MAX_COOKIES_PER_SITE) gone.push(this.#evictFrom(site, added, now))
    if (this.#size > this.#maxCookies) gone.push(...this.#sweep(now))
    while (this.#size > this.#maxCookies) gone.push(this.#evictFrom(this.#fattest(), added, now))
    return gone
  }

  /** Takes out what is missed least: expired, not Secure, least recently used; `added` only when it is alone. */
  #evictFrom(site: SiteCookies, added: StoredCookie, now: number): Cookie {
    let worst: StoredCookie | null = null
    for (const cookies of site.domains.values()) {
      for (const stored of cookies.values()) {
        if (stored !== added && (worst === null || missedLess(stored, worst, now))) worst = stored
      }
    }
    const { cookie } = worst ?? added
    this.#remove(site, cookie)
    return cookie
  }

  #sweep(now: number): Cookie[] {
    if (now - this.#sweptAt < SWEEP_INTERVAL) return []
    this.#sweptAt = now
    const expired = [...this.all()].filter((stored) => isExpired(stored, now)).map(({ cookie }) => cookie)
    for (const cookie of expired) this.delete(cookie)
    return expired
  }

  #fattest(): SiteCookies {
    for (let size = this.#bySize.length - 1; size > 0; size--) {
      for (const site of this.#bySize[size] ?? []) return site
    }
    throw new Error('There is no cookie to evict.')
  }

  #remove(site: SiteCookies, cookie: Cookie): void {
    const domain = cookie.domain.toLowerCase()
    const cookies = site.domains.get(domain)
    if (cookies?.delete(keyOf(cookie)) !== true) return
    if (cookies.size === 0) site.domains.delete(domain)
    this.#resize(site, -1)
    if (site.size === 0) this.#sites.delete(site.name)
  }

  #resize(site: SiteCookies, by: 1 | -1): void {
    this.#bySize[site.size]?.delete(site)
    site.size += by
    this.#size += by
    if (site.size > 0) (this.#bySize[site.size] ??= new Set()).add(site)
  }
}

/** Sorted as a Cookie field has them: longer paths first, older cookies first among equals (RFC 6265bis section 5.8.3). */
export function inOrder(found: StoredCookie[]): StoredCookie[] {
  for (let i = 1; i < found.length; i++) {
    // Most often they are: cookies are kept in the order in which they came, and have the path '/'.
    if (byPathThenAge(found[i - 1] as StoredCookie, found[i] as StoredCookie) > 0) return found.sort(byPathThenAge)
  }
  return found
}

function byPathThenAge(a: StoredCookie, b: StoredCookie): number {
  return b.cookie.path.length - a.cookie.path.length || a.order - b.order
}

/** Whether it is over at `now` (milliseconds since the epoch). */
export function isExpired(stored: StoredCookie, now: number): boolean {
  const expires = cookieExpiry(stored.cookie)
  return expires !== null && expires <= now
}

function missedLess(a: StoredCookie, b: StoredCookie, now: number): boolean {
  const aExpired = isExpired(a, now)
  if (aExpired !== isExpired(b, now)) return aExpired
  if (a.cookie.secure !== b.cookie.secure) return !a.cookie.secure
  return a.used < b.used
}

/** What makes two cookies of one domain the same. */
function keyOf(cookie: Cookie): string {
  return `${cookie.name}\0${cookie.path}`
}

function bare(domain: string): string {
  return domain.startsWith('.') ? domain.slice(1) : domain
}

function siteOfDomain(domain: string): string {
  return siteOf(bare(domain))
}
