// Tunnels through an HTTP proxy that is spoken to in TLS. Upstream: glib/gio/ghttpproxy.c (GHttpsProxy).

import type { Duplex } from 'node:stream'
import { IOError } from '../io-error.ts'
import { TlsClientConnection } from '../tls/tls-client-connection.ts'
import type { TlsClientConnectionProperties } from '../tls/tls-client-connection.ts'
import { Uri } from '../uri/uri.ts'
import { HttpProxy } from './http-proxy.ts'
import type { HttpProxyOptions } from './http-proxy.ts'
import type { ProxyConnectOptions } from './proxy.ts'
import type { ProxyAddress } from './proxy-address.ts'

export interface HttpsProxyOptions extends HttpProxyOptions {
  /** Of the connection to the proxy: database, backend, client certificate, …; not of the destination's. */
  readonly tls?: Omit<TlsClientConnectionProperties, 'serverIdentity'>
}

/** `https://user:password@host:port`. The proxy's certificate has to be for the host in its URI. */
export class HttpsProxy extends HttpProxy {
  readonly #tls: Omit<TlsClientConnectionProperties, 'serverIdentity'>

  constructor(options: HttpsProxyOptions = {}) {
    super(options)
    this.#tls = { ...options.tls }
  }

  override async connect(
    ioStream: Duplex,
    proxyAddress: ProxyAddress,
    options: ProxyConnectOptions = {},
  ): Promise<Duplex> {
    const tls = TlsClientConnection.create(ioStream, { ...this.#tls, serverIdentity: identityOf(proxyAddress) })
    await tls.handshake({ signal: options.signal })
    return super.connect(tls.ioStream, proxyAddress, options)
  }
}

/** Without a URI the proxy was given as an address, so that is what its certificate has to be for. */
function identityOf(proxyAddress: ProxyAddress): string {
  if (proxyAddress.uri === null) return proxyAddress.address.toString()
  const { host } = Uri.parse(proxyAddress.uri)
  if (host === null || host === '') throw new IOError('INVALID_ARGUMENT', 'The URI of the proxy has no host.')
  return host
}
