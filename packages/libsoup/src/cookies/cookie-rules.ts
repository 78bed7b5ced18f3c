// Which cookies may be kept at all, whoever sends them. Called by CookieJar. RFC 6265bis section 5.7.
// Upstream: soup_cookie_jar_add_cookie_full in libsoup/cookies/soup-cookie-jar.c.

import { isIP } from 'node:net'
import { tldDomainIsPublicSuffix } from '../uri/tld.ts'
import type { Cookie } from './cookie.ts'
import { MAX_NAME_AND_VALUE, hasControls } from './parse-set-cookie.ts'
import { SameSitePolicy } from './same-site-policy.ts'

/** Bytes of a domain name. */
const MAX_DOMAIN = 254
/** Bytes of a path; that of a long URI is one too. */
const MAX_PATH = 8192

/**
 * @param isSecureOrigin Whether it came over TLS; null when it comes from no server but from the application or a file.
 */
export function isAcceptable(cookie: Cookie, isSecureOrigin: boolean | null): boolean {
  const { name, value, domain, path, secure } = cookie
  if (!isWellFormed(cookie) || ownsNoDomain(domain)) return false
  if (secure && isSecureOrigin === false) return false
  if (cookie.sameSitePolicy === SameSitePolicy.NONE && !secure) return false
  // Both prefixes begin with the same two characters, which hardly any name does.
  if (name.startsWith('__')) {
    if (hasPrefix(name, '__secure-') && !secure) return false
    if (hasPrefix(name, '__host-') && (!secure || path !== '/' || domain.startsWith('.'))) return false
  }
  // A cookie without a name is sent as its value, which must not pass for a name.
  return name !== '' || !(hasPrefix(value, '__secure-') || hasPrefix(value, '__host-'))
}

function isWellFormed({ name, value, domain, path }: Cookie): boolean {
  if (name.length + value.length > MAX_NAME_AND_VALUE || name.length + value.length === 0) return false
  if (domain === '' || domain.length > MAX_DOMAIN || path.length > MAX_PATH) return false
  if (name.includes('=') || name.includes(';') || value.includes(';')) return false // it would be two cookies
  return !(hasControls(name) || hasControls(value) || hasControls(domain) || hasControls(path) || /[\t ;]/.test(domain))
}

/** A domain with a dot before it would be shared by everybody who registers below it. */
function ownsNoDomain(domain: string): boolean {
  if (!domain.startsWith('.')) return false
  const name = domain.slice(1)
  return isIP(name) !== 0 || !name.includes('.') || tldDomainIsPublicSuffix(name)
}

function hasPrefix(text: string, prefix: string): boolean {
  return text.slice(0, prefix.length).toLowerCase() === prefix
}
