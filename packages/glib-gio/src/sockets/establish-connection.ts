// What comes after TCP: telling the proxy where to, and the TLS handshake with the destination. Called by SocketClient.
// Upstream: glib/gio/gsocketclient.c (g_socket_client_connected_callback, g_socket_client_proxy_connect_callback).

import { InetSocketAddress } from '../addresses/inet-socket-address.ts'
import { NetworkAddress } from '../addresses/network-address.ts'
import { NetworkService } from '../addresses/network-service.ts'
import type { SocketConnectable } from '../addresses/socket-connectable.ts'
import { IOError } from '../io-error.ts'
import { Proxy } from '../proxy/proxy.ts'
import { ProxyAddress } from '../proxy/proxy-address.ts'
import { TlsClientConnection } from '../tls/tls-client-connection.ts'
import type { TlsClientConnectionProperties } from '../tls/tls-client-connection.ts'
import { waitFor } from '../wait-for.ts'
import { SocketClientEvent } from './socket-client-event.ts'
import type { SocketClientEventConnection } from './socket-client.ts'
import type { SocketConnection } from './socket-connection.ts'
import { TcpConnection } from './tcp-connection.ts'

export interface EstablishOptions {
  readonly connectable: SocketConnectable
  /** Proxy protocols that the application itself goes on with. */
  readonly applicationProxies: ReadonlySet<string>
  readonly tls: boolean
  readonly tlsOptions: Omit<TlsClientConnectionProperties, 'serverIdentity'>
  /** For the proxy, and again for the handshake; 0 for no limit. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly emit: (event: SocketClientEvent, connection: SocketClientEventConnection) => void
}

/** Gives the connection to the destination. After a failure the caller destroys the socket of `connection`. */
export async function establishConnection(
  connection: SocketConnection,
  options: EstablishOptions,
): Promise<SocketConnection> {
  const address = connection.remoteAddress
  if (!(address instanceof ProxyAddress)) return await secure(connection, connection, options)
  // The application has yet to talk to the proxy, so the destination's TLS cannot begin here.
  if (options.applicationProxies.has(address.protocol)) return connection
  return await secure(await negotiate(connection, address, options), connection, options)
}

async function negotiate(
  connection: SocketConnection,
  address: ProxyAddress,
  { signal, timeoutMs, emit }: EstablishOptions,
): Promise<SocketConnection> {
  const proxy = Proxy.getDefaultForProtocol(address.protocol)
  if (!proxy) throw unsupportedProxy(address)
  emit(SocketClientEvent.PROXY_NEGOTIATING, connection)
  IOError.throwIfCancelled(signal)
  const stream = await waitFor(proxy.connect(connection.ioStream, address, { signal }), {
    timeoutMs,
    onTimeout: () => new IOError('TIMED_OUT', `The proxy ${address.toString()} took too long.`),
  })
  const negotiated =
    stream === connection.ioStream ? connection : new TcpConnection(stream, address, connection.ioStream)
  emit(SocketClientEvent.PROXY_NEGOTIATED, negotiated)
  return negotiated
}

async function secure(
  connection: SocketConnection,
  { ioStream: socket }: SocketConnection,
  { connectable, tls, tlsOptions, signal, timeoutMs, emit }: EstablishOptions,
): Promise<SocketConnection> {
  if (!tls) return connection
  const serverIdentity = identityOf(connectable)
  const tlsConnection = TlsClientConnection.create(connection.ioStream, { ...tlsOptions, serverIdentity })
  emit(SocketClientEvent.TLS_HANDSHAKING, tlsConnection)
  await waitFor(tlsConnection.handshake({ signal }), {
    timeoutMs,
    onTimeout: () => new IOError('TIMED_OUT', `The TLS handshake with ${connectable.toString()} took too long.`),
  })
  const secured = new TcpConnection(tlsConnection.ioStream, connection.remoteAddress, socket)
  emit(SocketClientEvent.TLS_HANDSHAKED, tlsConnection)
  return secured
}

/** What the certificate has to be for: always the destination, never a proxy on the way. */
function identityOf(connectable: SocketConnectable): string | null {
  if (connectable instanceof NetworkAddress) return connectable.hostname
  if (connectable instanceof NetworkService) return connectable.domain // SRV records may be forged, this name cannot
  if (connectable instanceof ProxyAddress) return connectable.destinationHostname
  return connectable instanceof InetSocketAddress ? connectable.address.toString() : null
}

/** The error for a proxy whose protocol nobody speaks. Going around it would tell the destination what it was to hide. */
export function unsupportedProxy({ protocol }: ProxyAddress): IOError {
  return new IOError('NOT_SUPPORTED', `The proxy protocol "${protocol}" is not supported.`)
}
