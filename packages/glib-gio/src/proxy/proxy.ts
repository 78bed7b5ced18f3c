// What a proxy protocol has to do, and which ones there are. Called by SocketClient and ProxyAddressEnumerator.
// Upstream: glib/gio/gproxy.c.

import type { Duplex } from 'node:stream'
import { HttpProxy } from './http-proxy.ts'
import { HttpsProxy } from './https-proxy.ts'
import type { ProxyAddress } from './proxy-address.ts'
import { Socks4Proxy } from './socks4-proxy.ts'
import { Socks4aProxy } from './socks4a-proxy.ts'
import { Socks5Proxy } from './socks5-proxy.ts'

export interface ProxyConnectOptions {
  /** Aborting ends the negotiation with `CANCELLED`; the stream is then of no more use. */
  readonly signal?: AbortSignal | undefined
}

/** One proxy protocol. Without state: the same object serves all connections. */
export interface Proxy {
  /** Whether names are looked up by the proxy. Where not, `destinationHostname` is always an IP address. */
  readonly supportsHostname: boolean
  /**
   * Asks the proxy at the other end of `ioStream` for a connection to the destination of `proxyAddress`. Only a `signal`
   * or the end of the stream stops the wait. After a failure the caller destroys `ioStream`.
   *
   * @returns The stream to the destination: `ioStream` itself, or one on top of it. No byte of the destination is lost.
   * @throws {IOError} `PROXY_NEED_AUTH`, `PROXY_AUTH_FAILED`, `PROXY_NOT_ALLOWED`, `PROXY_FAILED` for anything else the
   *   proxy does wrong; where its protocol can tell, `HOST_UNREACHABLE`, `NETWORK_UNREACHABLE`, `CONNECTION_REFUSED`.
   * @throws {TlsError} The proxy is to be spoken to in TLS, and its handshake failed.
   */
  connect(ioStream: Duplex, proxyAddress: ProxyAddress, options?: ProxyConnectOptions): Promise<Duplex>
}

const builtIn: ReadonlyMap<string, Proxy> = new Map<string, Proxy>([
  ['http', new HttpProxy()],
  ['https', new HttpsProxy()],
  ['socks4', new Socks4Proxy()],
  ['socks4a', new Socks4aProxy()],
  ['socks5', new Socks5Proxy()],
])
const chosen = new Map<string, Proxy>()

/** The proxy protocols of the process, by the scheme of a proxy's URI. */
export const Proxy = {
  /** null for a protocol that nobody here speaks. */
  getDefaultForProtocol: (protocol: string): Proxy | null => chosen.get(protocol) ?? builtIn.get(protocol) ?? null,
  /** Adds a protocol, or replaces one, say with an `HttpProxy` that sends more headers; null goes back. */
  setDefaultForProtocol: (protocol: string, proxy: Proxy | null): void => {
    if (proxy) chosen.set(protocol, proxy)
    else chosen.delete(protocol)
  },
} as const
