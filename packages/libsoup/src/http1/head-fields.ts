// The header fields undici is given for a message. Called by ClientMessageIOHTTP1. RFC 9112 sections 3.2 and 5.

import type { Message } from '../message/message.ts'
import type { RequestTarget } from '../uri/request-target.ts'

/** The HTTP proxy that a connection ends at; behind a tunnel there is none. */
export interface HttpProxyUse {
  /** Value of `Proxy-Authorization` for requests that have none: the credentials of the proxy's URI. */
  readonly authorization: string | null
}

/**
 * Name, value, name, value… with a `Host` in front. Fields that only say how the connection is used are the wire's own
 * business: undici writes them itself. `Proxy-Authorization` is for proxies only, which whoever gets a CONNECT is as well.
 */
export function requestFields(message: Message, target: RequestTarget, proxy: HttpProxyUse | null): string[] {
  const given = message.requestHeaders.toRawList()
  const isForProxy = proxy !== null || message.method === 'CONNECT'
  let authorization = proxy?.authorization ?? null
  const fields: string[] = ['Host', target.authority]
  for (let i = 0; i < given.length; i += 2) {
    const name = given[i] as string
    const value = given[i + 1] as string
    switch (isWireField(name)) {
      case 'host':
        fields[1] = value
        break
      case 'drop':
        break
      case 'expect':
        // Who waits for consent adds it again; any other expectation is left for undici to refuse.
        if (value.toLowerCase() !== '100-continue') fields.push(name, value)
        break
      case 'proxy-authorization':
        if (isForProxy) fields.push(name, value)
        authorization = null
        break
      case null:
        fields.push(name, value)
    }
  }
  if (authorization !== null) fields.push('Proxy-Authorization', authorization)
  return fields
}

function isWireField(name: string): 'host' | 'drop' | 'expect' | 'proxy-authorization' | null {
  // Lengths first: this runs over every field of every request.
  switch (name.length) {
    case 4:
      return name.toLowerCase() === 'host' ? 'host' : null
    case 6:
      return name.toLowerCase() === 'expect' ? 'expect' : null
    case 7:
      return name.toLowerCase() === 'upgrade' ? 'drop' : null
    case 10:
      return name.toLowerCase() === 'keep-alive' ? 'drop' : null
    case 17:
      return name.toLowerCase() === 'transfer-encoding' ? 'drop' : null
    case 19:
      return name.toLowerCase() === 'proxy-authorization' ? 'proxy-authorization' : null
    default:
      return null
  }
}
