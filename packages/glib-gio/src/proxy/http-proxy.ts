// Tunnels through an HTTP proxy. Upstream: glib/gio/ghttpproxy.c. RFC 9110 section 9.3.6 (CONNECT), RFC 7617 (Basic).

import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { Duplex } from 'node:stream'
import { IOError } from '../io-error.ts'
import { hostnameToAscii } from '../uri/uri-host.ts'
import type { Proxy, ProxyConnectOptions } from './proxy.ts'
import type { ProxyAddress } from './proxy-address.ts'
import { ProxyStream } from './proxy-stream.ts'

export interface HttpProxyOptions {
  /** Sent with each CONNECT, after our own. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Most bytes of status line and headers in an answer; Node's own limit for a head. */
const MAX_HEAD_LENGTH = 16 * 1024

/** `http://user:password@host:port`; the credentials, where there are both, go out as Basic at once. */
export class HttpProxy implements Proxy {
  readonly supportsHostname = true
  readonly #headers: Readonly<Record<string, string>>

  /** @throws {TypeError} A header that cannot be sent. */
  constructor(options: HttpProxyOptions = {}) {
    this.#headers = { ...options.headers }
    for (const [name, value] of Object.entries(this.#headers)) {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    }
  }

  async connect(ioStream: Duplex, proxyAddress: ProxyAddress, options: ProxyConnectOptions = {}): Promise<Duplex> {
    const { username, password } = proxyAddress
    const hasCredentials = username !== null && password !== null
    const stream = new ProxyStream(ioStream, options.signal)
    stream.write(this.#request(proxyAddress, hasCredentials ? `${username}:${password}` : null))
    const head = await stream.readThrough('\r\n\r\n', MAX_HEAD_LENGTH)
    checkStatus(head, hasCredentials)
    return ioStream
  }

  /** HTTP/1.0, so that no answer comes in chunks or after a 100. */
  #request(proxyAddress: ProxyAddress, credentials: string | null): string {
    const authority = authorityOf(proxyAddress.destinationHostname, proxyAddress.destinationPort)
    const lines = [`CONNECT ${authority} HTTP/1.0`, `Host: ${authority}`, 'Proxy-Connection: keep-alive']
    if (credentials !== null) {
      lines.push(`Proxy-Authorization: Basic ${Buffer.from(credentials).toString('base64')}`)
    }
    for (const [name, value] of Object.entries(this.#headers)) lines.push(`${name}: ${value}`)
    return `${lines.join('\r\n')}\r\n\r\n`
  }
}

/** Names may come from a page: nothing in one may end the line. */
function authorityOf(hostname: string, port: number): string {
  const ascii = hostname.includes(':') ? `[${hostname}]` : hostnameToAscii(hostname)
  if (!/^[\x21-\x7e]+$/.test(ascii)) {
    throw new IOError('INVALID_ARGUMENT', 'The proxy cannot be asked for a host of this name.')
  }
  return `${ascii}:${port}`
}

function checkStatus(head: Buffer, hasCredentials: boolean): void {
  const status = /^HTTP\/1\.[01] +([0-9]{3})(?: |\r)/.exec(head.toString('latin1'))?.[1]
  if (status === undefined) throw new IOError('PROXY_FAILED', 'The answer of the HTTP proxy is not HTTP.')
  if (status.startsWith('2')) return
  if (status === '403') throw new IOError('PROXY_NOT_ALLOWED', 'The HTTP proxy does not allow this connection.')
  // tinyproxy says 401 to credentials it does not take.
  if (status !== '407' && !(status === '401' && hasCredentials)) {
    throw new IOError('PROXY_FAILED', `The HTTP proxy could not connect (status ${status}).`)
  }
  if (hasCredentials) throw new IOError('PROXY_AUTH_FAILED', 'The HTTP proxy does not take this user and password.')
  throw new IOError('PROXY_NEED_AUTH', 'The HTTP proxy asks for a user and a password.')
}
