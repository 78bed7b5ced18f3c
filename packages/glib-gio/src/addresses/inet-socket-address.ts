// An IP address and a port. Upstream: glib/gio/ginetsocketaddress.c.

import type { ProxyResolver } from '../proxy/proxy-resolver.ts'
import type { Resolver } from '../resolver/resolver.ts'
import { Uri } from '../uri/uri.ts'
import { enumerateThroughProxies } from './enumerate-through-proxies.ts'
import { InetAddress } from './inet-address.ts'
import { IOError } from '../io-error.ts'
import { SocketAddress } from './socket-address.ts'
import type { SocketAddressEnumerator } from './socket-connectable.ts'
import { SocketFamily } from './socket-family.ts'

/** Immutable. */
export class InetSocketAddress extends SocketAddress {
  readonly address: InetAddress
  readonly port: number

  /** @throws {IOError} `INVALID_ARGUMENT` for a port outside 0 to 65535. */
  constructor(address: InetAddress, port: number) {
    super()
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new IOError('INVALID_ARGUMENT', 'A port is a number from 0 to 65535.')
    }
    this.address = address
    this.port = port
  }

  /** null when `address` is not an IP address. */
  static fromString(address: string, port: number): InetSocketAddress | null {
    const parsed = InetAddress.fromString(address)
    return parsed && new InetSocketAddress(parsed, port)
  }

  get family(): SocketFamily {
    return this.address.family
  }

  /** See {@link InetAddress.scopeId}. */
  get scopeId(): string {
    return this.address.scopeId
  }

  /** See {@link InetAddress.flowinfo}. */
  get flowinfo(): number {
    return this.address.flowinfo
  }

  /** Through the proxies for it; the zone stays here, as it means nothing to a proxy. */
  proxyEnumerate(
    options: { resolver?: Resolver | undefined; proxyResolver?: ProxyResolver | undefined } = {},
  ): SocketAddressEnumerator {
    const [host = ''] = this.address.toString().split('%')
    const uri = Uri.join({ scheme: 'none', host, port: this.port || -1, path: '' })
    return enumerateThroughProxies({ ...options, connectable: this, uri, defaultPort: this.port })
  }

  /** '192.0.2.1:80' or '[2001:db8::1]:80'. */
  toString(): string {
    const host = this.address.toString()
    return this.family === SocketFamily.IPV6 ? `[${host}]:${this.port}` : `${host}:${this.port}`
  }
}
