// The URI parser: one pass from left to right, linear in the length. Called by Uri.
// Upstream: glib/guri.c (g_uri_split_internal, parse_userinfo, parse_port). RFC 3986 sections 3 and 4.1.

import { normalizeComponent } from './uri-escape.ts'
import { parseHost } from './uri-host.ts'
import { UriError } from './uri-error.ts'
import { UriFlags } from './uri-flags.ts'

/** The parts of a URI reference. null means absent, which is not the same as empty; a path is always there. */
export interface UriComponents {
  /** Lower case. */
  readonly scheme: string | null
  readonly userinfo: string | null
  readonly user: string | null
  readonly password: string | null
  readonly authParams: string | null
  readonly host: string | null
  /** -1 when absent. */
  readonly port: number
  readonly path: string
  readonly query: string | null
  readonly fragment: string | null
}

/** Longest URI taken, in UTF-16 units: 32 Mi, the most any browser takes for a `data:` URI. */
export const MAX_URI_LENGTH = 32 * 1024 * 1024

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/

interface Authority {
  readonly userinfo: string | null
  readonly user: string | null
  readonly password: string | null
  readonly authParams: string | null
  readonly host: string | null
  readonly port: number
}

const NO_AUTHORITY: Authority = { userinfo: null, user: null, password: null, authParams: null, host: null, port: -1 }

/** Splits `reference`, absolute or relative, as `flags` say. Throws `UriError` with the code of the bad part. */
export function splitUri(reference: string, flags: UriFlags): UriComponents {
  if (reference.length > MAX_URI_LENGTH) throw new UriError('FAILED', 'The URI is too long.')
  let rest = flags & UriFlags.PARSE_RELAXED ? cleanUp(reference) : reference

  const scheme = SCHEME.exec(rest)?.[1]?.toLowerCase() ?? null
  if (scheme !== null) rest = rest.slice(scheme.length + 1)

  let authority = NO_AUTHORITY
  if (rest.startsWith('//')) {
    const end = authorityEnd(rest, flags)
    authority = parseAuthority(rest.slice(2, end), flags)
    rest = rest.slice(end)
  }

  let fragment: string | null = null
  const hash = rest.indexOf('#')
  if (hash >= 0) {
    fragment = normalizeComponent(rest.slice(hash + 1), encodedIf(flags, UriFlags.ENCODED_FRAGMENT), 'BAD_FRAGMENT')
    rest = rest.slice(0, hash)
  }
  let query: string | null = null
  const question = rest.indexOf('?')
  if (question >= 0) {
    query = normalizeComponent(rest.slice(question + 1), encodedIf(flags, UriFlags.ENCODED_QUERY), 'BAD_QUERY')
    rest = rest.slice(0, question)
  }
  const path = normalizeComponent(rest, encodedIf(flags, UriFlags.ENCODED_PATH), 'BAD_PATH')
  const { userinfo, user, password, authParams, host, port } = authority
  return { scheme, userinfo, user, password, authParams, host, port, path, query, fragment }
}

const encodedIf = (flags: UriFlags, bit: number): UriFlags => (flags & bit ? flags | UriFlags.ENCODED : flags)

/** Where the authority that starts after `//` ends. Relaxed, a `;` in the host is taken for the start of the path. */
function authorityEnd(rest: string, flags: UriFlags): number {
  const offset = rest.slice(2).search(/[/?#]/)
  const end = offset < 0 ? rest.length : offset + 2
  if (!(flags & UriFlags.PARSE_RELAXED)) return end
  const semicolon = rest.indexOf(';', Math.max(2, rest.lastIndexOf('@', end - 1)))
  return semicolon >= 0 && semicolon < end ? semicolon : end
}

function parseAuthority(text: string, flags: UriFlags): Authority {
  // An '@' inside the userinfo ought to be escaped; relaxed, the last one is the delimiter.
  const at = flags & UriFlags.PARSE_RELAXED ? text.lastIndexOf('@') : text.indexOf('@')
  const hostAndPort = text.slice(at + 1)

  // In '[::1]:80' only the colon right behind the bracket starts a port.
  let colon = hostAndPort.indexOf(':')
  if (hostAndPort.startsWith('[')) {
    const bracket = hostAndPort.indexOf(']')
    colon = bracket >= 0 && hostAndPort[bracket + 1] === ':' ? bracket + 1 : -1
  }
  const host = parseHost(colon < 0 ? hostAndPort : hostAndPort.slice(0, colon), flags)
  const port = colon < 0 ? -1 : parsePort(hostAndPort.slice(colon + 1))
  const { userinfo, user, password, authParams } = at < 0 ? NO_AUTHORITY : parseUserinfo(text.slice(0, at), flags)
  return { userinfo, user, password, authParams, host, port }
}

function parseUserinfo(text: string, flags: UriFlags): Authority {
  const semicolon = flags & UriFlags.HAS_AUTH_PARAMS ? text.indexOf(';') : -1
  const credentials = semicolon < 0 ? text : text.slice(0, semicolon)
  const colon = flags & UriFlags.HAS_PASSWORD ? credentials.indexOf(':') : -1
  return {
    ...NO_AUTHORITY,
    user: normalizeComponent(colon < 0 ? credentials : credentials.slice(0, colon), flags, 'BAD_USER'),
    password: colon < 0 ? null : normalizeComponent(credentials.slice(colon + 1), flags, 'BAD_PASSWORD'),
    authParams: semicolon < 0 ? null : normalizeComponent(text.slice(semicolon + 1), flags, 'BAD_AUTH_PARAMS'),
    userinfo: normalizeComponent(text, flags, 'BAD_USER'),
  }
}

/** An empty port ('http://host:/') is no port: RFC 3986 section 3.2.3. */
function parsePort(text: string): number {
  if (text === '') return -1
  if (!/^[0-9]+$/.test(text)) throw new UriError('BAD_PORT', 'The URI has a port that is not a number.')
  const port = Number(text)
  if (port > 65535) throw new UriError('BAD_PORT', 'The URI has a port that is out of range.')
  return port
}

/** White space around goes, spaces inside are escaped, tabs and line breaks inside go. */
function cleanUp(text: string): string {
  return /\s/.test(text)
    ? text
        .trim()
        .replace(/ /g, '%20')
        .replace(/[\t\n\v\f\r]/g, '')
    : text
}
