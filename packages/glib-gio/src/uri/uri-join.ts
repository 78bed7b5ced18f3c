// Puts the parts of a URI together again. Called by Uri.toString and Uri.join.
// Upstream: glib/guri.c (g_uri_join_internal). RFC 3986 section 5.3.

import { isIPv6 } from 'node:net'
import { ALLOWED, escapeText } from './uri-escape.ts'
import { UriError } from './uri-error.ts'
import { UriFlags } from './uri-flags.ts'
import { normalizePath, normalizePort } from './uri-scheme.ts'
import type { UriComponents } from './uri-split.ts'

/**
 * The URI as text. Parts are escaped unless `flags` say they are escaped already.
 *
 * @param wholeUserinfo Print `userinfo` as one part, instead of `user`, `password` and `authParams`.
 * @throws {UriError} `BAD_PATH` when the path would be read back as something else (RFC 3986 section 3.3).
 */
export function joinUri(components: UriComponents, flags: UriFlags, wholeUserinfo: boolean): string {
  const { scheme, host, port, path, query, fragment } = components
  if (host !== null && path !== '' && !path.startsWith('/')) {
    throw new UriError('BAD_PATH', 'The path of a URI with a host has to start with a slash.')
  }
  if (host === null && path.startsWith('//')) {
    throw new UriError('BAD_PATH', 'The path of a URI without a host cannot start with two slashes.')
  }
  const put = (text: string, bit: number, allowed: string): string =>
    flags & (UriFlags.ENCODED | bit) ? text : escapeText(text, allowed, true)
  const normalizeFor = flags & UriFlags.SCHEME_NORMALIZE && scheme !== null ? scheme.toLowerCase() : null

  let text = scheme === null ? '' : `${scheme}:`
  if (host !== null) {
    const shownPort = normalizeFor === null ? port : normalizePort(normalizeFor, port)
    text += `//${joinUserinfo(components, wholeUserinfo, put)}${joinHost(host, put)}`
    if (shownPort !== -1) text += `:${shownPort}`
  }
  const shownPath = normalizeFor === null ? path : normalizePath(normalizeFor, path)
  text += put(shownPath, UriFlags.ENCODED_PATH, ALLOWED.path)
  if (query !== null) text += `?${put(query, UriFlags.ENCODED_QUERY, ALLOWED.query)}`
  if (fragment !== null) text += `#${put(fragment, UriFlags.ENCODED_FRAGMENT, ALLOWED.fragment)}`
  return text
}

type Put = (text: string, bit: number, allowed: string) => string

function joinUserinfo(components: UriComponents, whole: boolean, put: Put): string {
  const { userinfo, user, password, authParams } = components
  if (whole) return userinfo === null ? '' : `${put(userinfo, 0, ALLOWED.userinfo)}@`
  if (user === null) return ''
  let text = put(user, 0, ALLOWED.user)
  if (password !== null) text += `:${put(password, 0, ALLOWED.password)}`
  if (authParams !== null) text += `;${put(authParams, 0, ALLOWED.authParams)}`
  return `${text}@`
}

/** IPv6 addresses go in brackets; the zone, which is always kept decoded, is escaped again (RFC 6874 section 2). */
function joinHost(host: string, put: Put): string {
  if (!host.includes(':') || !isIPv6(host)) return put(host, 0, ALLOWED.host)
  const percent = host.indexOf('%')
  return percent < 0 ? `[${host}]` : `[${host.slice(0, percent)}%25${escapeText(host.slice(percent + 1))}]`
}
