// One address a Server listens on, and the pair of addresses that `listenLocal` and `listenAll` mean.
// Made by Server. Upstream: libsoup/server/soup-listener.c, soup_server_listen_ipv4_ipv6 of soup-server.c

import {
  InetSocketAddress,
  IOError,
  SocketFamily,
  SocketListener,
  Uri,
  type InetAddress,
  type SocketConnection,
} from '@wpe-networking/glib-gio'
import type { ServerListenOptions } from './server-options.ts'

/** What listening on IPv6 fails with where there is none. */
const WITHOUT_IPV6: ReadonlySet<string> = new Set([
  'NOT_SUPPORTED',
  'NETWORK_UNREACHABLE',
  'HOST_UNREACHABLE',
  'NOT_FOUND',
])

/** How often a free port of IPv4 may turn out to be taken on IPv6 before listening fails. */
const MAX_PORT_ATTEMPTS = 10

/** A listening socket, and whether TLS is spoken on it. */
export class ServerListener {
  /** The address that is listened on, with the port that was taken. */
  readonly address: InetSocketAddress
  readonly isHttps: boolean
  readonly listener: SocketListener

  private constructor(listener: SocketListener, address: InetSocketAddress, isHttps: boolean) {
    this.listener = listener
    this.address = address
    this.isHttps = isHttps
  }

  /** Listens on `address` and calls `incoming` for each connection. Throws gio's `IOError`. */
  static async open(
    address: InetSocketAddress,
    isHttps: boolean,
    incoming: (connection: SocketConnection, isHttps: boolean) => void,
  ): Promise<ServerListener> {
    const listener = new SocketListener()
    listener.on('incoming', (connection) => incoming(connection, isHttps))
    const bound = await listener.addAddress(address)
    return new ServerListener(listener, bound instanceof InetSocketAddress ? bound : address, isHttps)
  }

  get uri(): Uri {
    const { address, port } = this.address
    return Uri.build({ scheme: this.isHttps ? 'https' : 'http', host: address.toString(), port, path: '/' })
  }

  /** Stops listening; accepted connections are their owners'. */
  close(): void {
    this.listener.close()
  }
}

/**
 * Listens on the same port of IPv4 and IPv6, or of the one that `options` leaves.
 *
 * @param addressOf The address to listen on in each family.
 * @param open Opens one listener.
 */
export async function listenOnBothFamilies(
  addressOf: (family: SocketFamily) => InetAddress,
  port: number,
  options: ServerListenOptions,
  open: (address: InetSocketAddress) => Promise<ServerListener>,
): Promise<ServerListener[]> {
  const ipv4 = (): InetSocketAddress => new InetSocketAddress(addressOf(SocketFamily.IPV4), port)
  const ipv6 = (port: number): InetSocketAddress => new InetSocketAddress(addressOf(SocketFamily.IPV6), port)
  if (options.ipv6Only) return [await open(ipv6(port))]
  if (options.ipv4Only) return [await open(ipv4())]
  for (let attempt = 1; ; attempt++) {
    const listener = await open(ipv4())
    try {
      return [listener, await open(ipv6(listener.address.port))]
    } catch (error) {
      const code = error instanceof IOError ? error.code : ''
      // A machine without IPv6 is served on IPv4 alone.
      if (WITHOUT_IPV6.has(code)) return [listener]
      listener.close()
      // The free port of IPv4 may be somebody's on IPv6: another one is tried.
      if (port !== 0 || code !== 'ADDRESS_IN_USE' || attempt === MAX_PORT_ATTEMPTS) throw error
    }
  }
}
