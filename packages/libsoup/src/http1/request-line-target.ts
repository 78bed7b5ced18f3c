// The target in a request line, in each of its four forms. Called by ClientMessageIOHTTP1. RFC 9112 section 3.2.

import type { Duplex } from 'node:stream'
import type { RequestTarget } from '../uri/request-target.ts'

/** What undici is to be told; for `*` that is a stand-in, in whose place the `*` is written to `stream` after all. */
export function requestLineTarget(method: string, target: RequestTarget, isProxied: boolean, stream: Duplex): string {
  if (method === 'CONNECT') return connectAuthority(target)
  if (isProxied) return absoluteForm(target)
  if (target.path !== '*') return target.path
  writeAsterisk(stream)
  return ASTERISK_STAND_IN
}

/** The request target of CONNECT, RFC 9112 section 3.2.3: always with its port. */
function connectAuthority({ hostname, port }: RequestTarget): string {
  return hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`
}

/** The request target for proxies, RFC 9112 section 3.2.2. */
function absoluteForm({ authority, path }: RequestTarget): string {
  return `http://${authority}${path === '*' ? '' : path}`
}

/** What undici is told in place of `*`, RFC 9112 section 3.2.4, which it refuses to send. */
const ASTERISK_STAND_IN = '/*'

/** Puts the `*` into the next thing that is written to `stream`, the head of the request. */
function writeAsterisk(stream: Duplex): void {
  const before = Object.getOwnPropertyDescriptor(stream, 'write')
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
  const rewriting = (head: string, ...rest: unknown[]): boolean => {
    if (before === undefined) delete (stream as Partial<Duplex>).write
    else Object.defineProperty(stream, 'write', before)
    return write(head.replace(` ${ASTERISK_STAND_IN} `, ' * '), ...rest)
  }
  stream.write = rewriting as Duplex['write']
}
