// A host name (or IP address) and a port, to be resolved when it is connected to. Upstream: glib/gio/gnetworkaddress.c.

import { InetSocketAddress } from './inet-socket-address.ts'
import { enumerateThroughProxies } from './enumerate-through-proxies.ts'
import { interleaveFamilies } from './interleave-families.ts'
import { IOError } from '../io-error.ts'
import type { ProxyResolver } from '../proxy/proxy-resolver.ts'
import { Resolver } from '../resolver/resolver.ts'
import { servicePort } from './service-ports.ts'
import type { SocketAddress } from './socket-address.ts'
import type { SocketAddressEnumerator, SocketConnectable } from './socket-connectable.ts'
import { UriError } from '../uri/uri-error.ts'
import { Uri } from '../uri/uri.ts'
import type { UriLike } from '../uri/uri.ts'

/** Most addresses of one name that are tried: a DNS answer has room for thousands, and each may hold a socket open. */
const MAX_ADDRESSES = 64

/** Immutable. */
export class NetworkAddress implements SocketConnectable {
  readonly hostname: string
  readonly port: number
  /** What is going to be spoken there ('https'), where that is known; proxies are chosen by it. */
  readonly scheme: string | null

  /**
   * @param hostname A name or an IP address, without brackets.
   * @throws {IOError} `INVALID_ARGUMENT` for a port outside 0 to 65535.
   */
  constructor(hostname: string, port: number, scheme: string | null = null) {
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new IOError('INVALID_ARGUMENT', 'A port is a number from 0 to 65535.')
    }
    this.hostname = hostname
    this.port = port
    this.scheme = scheme
  }

  /** This machine, on ::1 and then on 127.0.0.1. */
  static loopback(port: number): NetworkAddress {
    return new NetworkAddress('localhost', port)
  }

  /**
   * Reads 'host', 'host:port', '[2001:db8::1]:port' or a bare IPv6 address. The port may be the name of a service.
   *
   * @throws {IOError} `INVALID_ARGUMENT` for anything else, and for a service that has no port in /etc/services.
   */
  static parse(hostAndPort: string, defaultPort: number): NetworkAddress {
    const isBareIPv6 = hostAndPort.indexOf(':') !== hostAndPort.lastIndexOf(':') && !hostAndPort.startsWith('[')
    if (isBareIPv6) return new NetworkAddress(hostAndPort, defaultPort)
    const match = /^(?:\[([^[\]]+)\]|([^:/?#@[\]]+))(?::([a-z0-9-]{1,32}))?$/i.exec(hostAndPort)
    const hostname = match?.[1] ?? match?.[2]
    const service = match?.[3]
    const port = service === undefined ? defaultPort : /^[0-9]+$/.test(service) ? Number(service) : servicePort(service)
    if (hostname === undefined || port === null) {
      throw new IOError('INVALID_ARGUMENT', 'This is not a host name with an optional port.')
    }
    return new NetworkAddress(hostname, port)
  }

  /**
   * The host and port of a URI; `defaultPort` when it names none.
   *
   * @throws {UriError} It is no URI, or has no host (`BAD_HOST`).
   */
  static parseUri(uri: UriLike, defaultPort: number): NetworkAddress {
    const { scheme, host, port } = Uri.from(uri)
    if (host === null || host === '') throw new UriError('BAD_HOST', 'The URI has no host.')
    return new NetworkAddress(host, port > 0 ? port : defaultPort, scheme)
  }

  /** Looks the name up at the first `next()`; then gives the addresses of both families in turn. */
  enumerate(options: { resolver?: Resolver | undefined } = {}): SocketAddressEnumerator {
    let addresses: SocketAddress[] | undefined
    let at = 0
    return {
      next: async ({ signal } = {}) => {
        if (!addresses) {
          const resolver = options.resolver ?? Resolver.getDefault()
          const found = await resolver.lookupByName(this.hostname, { signal })
          const tried = interleaveFamilies(found).slice(0, MAX_ADDRESSES)
          addresses = tried.map((address) => new InetSocketAddress(address, this.port))
        }
        return addresses[at++] ?? null
      },
    }
  }

  /** Through the proxies for {@link NetworkAddress.scheme}, host and port. */
  proxyEnumerate(
    options: { resolver?: Resolver | undefined; proxyResolver?: ProxyResolver | undefined } = {},
  ): SocketAddressEnumerator {
    const uri = Uri.join({ scheme: this.scheme ?? 'none', host: this.hostname, port: this.port || -1, path: '' })
    return enumerateThroughProxies({ ...options, connectable: this, uri, defaultPort: this.port })
  }

  /** 'example.org:443'. */
  toString(): string {
    const host = this.hostname.includes(':') ? `[${this.hostname}]` : this.hostname
    return this.port === 0 ? host : `${host}:${this.port}`
  }
}
