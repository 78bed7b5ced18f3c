// What the session needs of a URI: where to connect, what to put in the request line. Parsed once per URI and kept.
// Called by Message. Upstream: libsoup/soup-uri-utils.c, soup-connection-manager.c (host keys).

import { Uri, UriFlags } from '@wpe-networking/glib-gio'
import type { UriLike } from '@wpe-networking/glib-gio'

/** How HTTP URIs are parsed. Upstream: SOUP_HTTP_URI_FLAGS. */
export const HTTP_URI_FLAGS: UriFlags =
  UriFlags.HAS_PASSWORD |
  UriFlags.ENCODED_PATH |
  UriFlags.ENCODED_QUERY |
  UriFlags.ENCODED_FRAGMENT |
  UriFlags.SCHEME_NORMALIZE

/** Enough for a page and its neighbours; a load with more URIs than this parses them again. */
const MAX_CACHED_TARGETS = 512

export interface RequestTarget {
  readonly uri: Uri
  readonly secure: boolean
  /** Lower case, IPv6 without brackets; '' when the URI has none. */
  readonly hostname: string
  readonly port: number
  /** Key of the host's connections: scheme, host and port, e.g. `https://example.org:443`. */
  readonly hostKey: string
  /** Value of the `Host` header: no port when it is the scheme's own. */
  readonly authority: string
  /** Path and query, percent-encoded. */
  readonly path: string
}

const cache = new Map<string, RequestTarget>()

/**
 * The target of `uri`; the same object for the same string.
 *
 * @throws {UriError} When a string is no absolute URI.
 */
export function requestTarget(uri: UriLike): RequestTarget {
  const text = typeof uri === 'string' ? uri : uri instanceof URL ? uri.href : null
  if (text === null) return makeTarget(uri as Uri)
  const known = cache.get(text)
  if (known !== undefined) return known
  const target = makeTarget(Uri.parse(text, HTTP_URI_FLAGS))
  if (cache.size >= MAX_CACHED_TARGETS) cache.delete(cache.keys().next().value as string)
  cache.set(text, target)
  return target
}

/** Whether a session can send to it: `http` or `https`, with a host. */
export function isHttpTarget(target: RequestTarget): boolean {
  return (target.uri.scheme === 'http' || target.uri.scheme === 'https') && target.hostname !== ''
}

function makeTarget(uri: Uri): RequestTarget {
  const secure = uri.scheme === 'https'
  const hostname = (uri.host ?? '').toLowerCase()
  const defaultPort = secure ? 443 : 80
  const port = uri.port === -1 ? defaultPort : uri.port
  const bracketed = hostname.includes(':') ? `[${hostname}]` : hostname
  const query = uri.query === null ? '' : `?${uri.query}`
  return {
    uri,
    secure,
    hostname,
    port,
    hostKey: `${uri.scheme}://${bracketed}:${port}`,
    authority: port === defaultPort ? bracketed : `${bracketed}:${port}`,
    path: escapeUnsafe((uri.path === '' ? '/' : uri.path) + query),
  }
}

/** A request line holds visible ASCII only (RFC 9112 section 3.2); what was let through by the URI parser is encoded. */
function escapeUnsafe(path: string): string {
  return path.replace(/[^\x21-\x7e]+/gu, (chars) => encodeURIComponent(chars.toWellFormed()))
}
