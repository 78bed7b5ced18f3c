// From the request target to the effective URI and to the path handlers are matched on.
// Called by Server. Upstream: got_headers of libsoup/server/soup-server.c. RFC 9112 section 3, RFC 9110 section 7.1.

import { Uri } from '@wpe-networking/glib-gio'
import { HTTP_URI_FLAGS } from '../uri/request-target.ts'
import type { ServerMessageIO } from './server-message-io.ts'

/**
 * The effective request URI.
 *
 * @param fallbackAuthority Where the request came in, for a client of HTTP/1.0 that names no host.
 * @returns null when the target is no URI, or its scheme is not that of the connection; the answer is 400 then.
 */
export function effectiveUri(io: ServerMessageIO, isTls: boolean, fallbackAuthority: string): Uri | null {
  const scheme = isTls ? 'https' : 'http'
  const base = `${scheme}://${io.authority ?? fallbackAuthority}`
  let text: string
  if (io.target === '*') text = `${base}/`
  else if (io.target.startsWith('/')) text = base + io.target
  else text = io.target
  try {
    const uri = Uri.parse(text, HTTP_URI_FLAGS)
    return uri.scheme === scheme && uri.host ? uri : null
  } catch {
    // UriError: whatever is wrong with it, the client sent it.
    return null
  }
}

/**
 * The path to match handlers on: `*` for `OPTIONS *`, otherwise decoded unless `rawPaths`.
 *
 * @returns null for a path that does not decode, or that decodes to one with `..` segments; the answer is 400 then.
 */
export function handlerPath(uri: Uri, isOptionsPing: boolean, rawPaths: boolean): string | null {
  if (isOptionsPing) return '*'
  const path = uri.path === '' ? '/' : uri.path
  if (rawPaths || !path.includes('%')) return path
  try {
    const decoded = decodeURIComponent(path)
    return decoded.includes('/../') || decoded.endsWith('/..') || decoded.includes('\0') ? null : decoded
  } catch {
    return null
  }
}
