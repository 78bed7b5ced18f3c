// From the request target to the effective URI and to the path handlers are matched on.
// Called by Server. Upstream: got_headers of libsoup/server/soup-server.c. RFC 9112 section 3, RFC 9110 section 7.1.

import { Uri } from '@wpe-networking/glib-gio'
import { HTTP_URI_FLAGS } from '../uri/request-target.ts'
import type { ServerMessageIO } from './server-message-io.ts'

/** What a request is about. */
export interface RequestSubject {
  /** The effective request URI; a function where parsing can wait, because it cannot fail. */
  readonly uri: Uri | (() => Uri)
  /** The path to match handlers on: decoded unless paths are raw; null for one that must not be decoded. */
  readonly path: string | null
  readonly query: string | null
}

/** Targets in which there is nothing to decode, resolve or refuse; most are. */
const PLAIN_TARGET = /^\/[\w\-~!$&'()*+,;=:@./]*(?:\?[\w\-~!$&'()*+,;=:@./?%]*)?$/
/** What would make a URI of `Host` that names another path, or a user. */
const NOT_IN_AUTHORITY = /[/?#@\\\s]/
/** The target of CONNECT (RFC 9110 section 9.3.6): a host, and a port in any case. */
const HOST_AND_PORT = /^[^/?#@\\\s]+:\d{1,5}$/
const MAX_KNOWN_AUTHORITIES = 64

/** Reads the targets of one server's requests. */
export class EffectiveUris {
  readonly #rawPaths: boolean
  /** Authorities that make a URI. */
  readonly #known = new Set<string>()

  constructor(rawPaths: boolean) {
    this.#rawPaths = rawPaths
  }

  /**
   * @param fallbackAuthority Where the request came in, for a client of HTTP/1.0 that names no host.
   * @returns null when the target is no URI, or its scheme is not that of the connection; the answer is 400 then.
   */
  read(io: ServerMessageIO, isTls: boolean, fallbackAuthority: () => string): RequestSubject | null {
    const scheme = isTls ? 'https' : 'http'
    const authority = io.authority ?? fallbackAuthority()
    if (NOT_IN_AUTHORITY.test(authority)) return null
    const { target, method } = io
    const isConnect = method === 'CONNECT'
    if (isConnect && !HOST_AND_PORT.test(target)) return null
    const isPlain = target === '/' || (PLAIN_TARGET.test(target) && !target.includes('/.') && !target.includes('//'))
    if (isPlain && this.#isKnown(authority)) {
      const mark = target.indexOf('?')
      const uri = (): Uri => Uri.parse(`${scheme}://${authority}${target}`, HTTP_URI_FLAGS)
      return mark < 0
        ? { uri, path: target, query: null }
        : { uri, path: target.slice(0, mark), query: target.slice(mark + 1) }
    }
    const uri = parse(uriText(scheme, authority, target, isConnect), scheme)
    if (uri === null) return null
    return { uri, path: handlerPath(uri, target === '*', this.#rawPaths), query: uri.query }
  }

  #isKnown(authority: string): boolean {
    if (this.#known.has(authority)) return true
    if (parse(`http://${authority}/`, 'http') === null) return false
    // Clients name a handful of hosts; one that names ever new ones must not fill the memory.
    if (this.#known.size >= MAX_KNOWN_AUTHORITIES) this.#known.clear()
    this.#known.add(authority)
    return true
  }
}

function uriText(scheme: string, authority: string, target: string, isConnect: boolean): string {
  if (isConnect) return `${scheme}://${target}/`
  if (target === '*') return `${scheme}://${authority}/`
  return target.startsWith('/') ? `${scheme}://${authority}${target}` : target
}

function parse(text: string, scheme: string): Uri | null {
  try {
    const uri = Uri.parse(text, HTTP_URI_FLAGS)
    return uri.scheme === scheme && uri.host ? uri : null
  } catch {
    // UriError: whatever is wrong with it, the client sent it.
    return null
  }
}

/** Null for a path that does not decode, or that decodes to one with `..` segments; the answer is 400 then. */
function handlerPath(uri: Uri, isOptionsPing: boolean, rawPaths: boolean): string | null {
  if (isOptionsPing) return '*'
  const path = uri.path === '' ? '/' : uri.path
  if (rawPaths || !path.includes('%')) return path
  try {
    const decoded = decodeURIComponent(path)
    return decoded.includes('/../') || decoded.endsWith('/..') || decoded.includes('\0') ? null : decoded
  } catch {
    // URIError: bytes that are not UTF-8.
    return null
  }
}
