// Which cookies go with which URIs, and which cookies are the same. Called by Cookie, CookieJar and its store and files.
// RFC 6265bis sections 5.1.3 and 5.1.4. Upstream: soup_cookie_applies_to_uri and soup_host_matches_host.

import type { RequestTarget } from '../uri/request-target.ts'

const DOT = 0x2e
const SLASH = 0x2f

/** RFC 6265bis section 5.1.3, for a cookie's domain and a host both in lower case. */
export function domainMatches(domain: string, host: string): boolean {
  if (domain === host) return true
  if (domain.charCodeAt(0) !== DOT) return false
  return host.endsWith(domain) || (host.length === domain.length - 1 && domain.endsWith(host))
}

/** RFC 6265bis section 5.1.4. */
export function pathMatches(cookiePath: string, path: string): boolean {
  const { length } = cookiePath
  if (length === 0 || cookiePath === path) return true
  if (!path.startsWith(cookiePath)) return false
  return cookiePath.charCodeAt(length - 1) === SLASH || path.charCodeAt(length) === SLASH
}

/** The path of a target without its query. */
export function pathOf(target: RequestTarget): string {
  const query = target.path.indexOf('?')
  return query < 0 ? target.path : target.path.slice(0, query)
}

export function isSecureScheme(scheme: string): boolean {
  return scheme === 'https' || scheme === 'wss'
}

/** What names one cookie among those of a domain. */
export interface CookieIdentity {
  readonly name: string
  readonly domain: string
  readonly path: string
}

/** The same for two cookies of which one replaces the other. */
export function cookieKey({ name, domain, path }: CookieIdentity): string {
  return `${domain.toLowerCase()}\0${name}\0${path}`
}
