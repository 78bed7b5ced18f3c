// The address of a proxy, with what it is to be asked for. Made by ProxyAddressEnumerator; read by SocketClient and every
// Proxy. Upstream: glib/gio/gproxyaddress.c.

import type { InetAddress } from '../addresses/inet-address.ts'
import { InetSocketAddress } from '../addresses/inet-socket-address.ts'
import type { SocketAddressEnumerator } from '../addresses/socket-connectable.ts'
import { IOError } from '../io-error.ts'

export interface ProxyAddressProperties {
  /** Where the proxy is. */
  readonly address: InetAddress
  readonly port: number
  /** What the proxy speaks: 'http', 'https', 'socks4', 'socks4a', 'socks5', or what the application knows. */
  readonly protocol: string
  /** A name, or an IP address without brackets. */
  readonly destinationHostname: string
  readonly destinationPort: number
  /** What is going to be spoken at the destination ('https'), where that is known. */
  readonly destinationProtocol?: string | null
  readonly username?: string | null
  readonly password?: string | null
  /** The proxy as the proxy resolver named it. */
  readonly uri?: string | null
}

/** Immutable. As an address it is that of the proxy; `toString` leaves out the rest, so that no password gets logged. */
export class ProxyAddress extends InetSocketAddress {
  readonly protocol: string
  readonly destinationHostname: string
  readonly destinationPort: number
  readonly destinationProtocol: string | null
  readonly username: string | null
  readonly password: string | null
  /** May hold the password. */
  readonly uri: string | null

  /** @throws {IOError} `INVALID_ARGUMENT` for a port outside 0 to 65535. */
  constructor(properties: ProxyAddressProperties) {
    super(properties.address, properties.port)
    const { destinationPort } = properties
    if (!Number.isInteger(destinationPort) || destinationPort < 0 || destinationPort > 65535) {
      throw new IOError('INVALID_ARGUMENT', 'A port is a number from 0 to 65535.')
    }
    this.protocol = properties.protocol
    this.destinationHostname = properties.destinationHostname
    this.destinationPort = destinationPort
    this.destinationProtocol = properties.destinationProtocol ?? null
    this.username = properties.username ?? null
    this.password = properties.password ?? null
    this.uri = properties.uri ?? null
  }

  /** Itself: it has been chosen already. */
  override proxyEnumerate(): SocketAddressEnumerator {
    return this.enumerate()
  }
}
