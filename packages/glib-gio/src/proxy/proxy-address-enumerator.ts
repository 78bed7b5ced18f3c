// Gives the addresses of the proxies in front of a destination, and those of the destination itself where it is to be
// reached directly. Made by the addresses' proxyEnumerate. Upstream: glib/gio/gproxyaddressenumerator.c.

import { InetAddress } from '../addresses/inet-address.ts'
import { InetSocketAddress } from '../addresses/inet-socket-address.ts'
import { NetworkAddress } from '../addresses/network-address.ts'
import type { SocketAddress } from '../addresses/socket-address.ts'
import type { SocketAddressEnumerator, SocketConnectable } from '../addresses/socket-connectable.ts'
import { IOError } from '../io-error.ts'
import { Resolver, ResolverNameLookupFlags } from '../resolver/resolver.ts'
import { Uri } from '../uri/uri.ts'
import { UriFlags } from '../uri/uri-flags.ts'
import { defaultSchemePort } from '../uri/uri-scheme.ts'
import { Proxy } from './proxy.ts'
import { ProxyAddress } from './proxy-address.ts'
import { ProxyResolver } from './proxy-resolver.ts'

export interface ProxyAddressEnumeratorProperties {
  /** Enumerated where the answer is to go direct. */
  readonly connectable: SocketConnectable
  /** What proxies are asked about: 'scheme://host:port', with 'none' for a scheme that nobody knows. */
  readonly uri: string
  /** The port of the destination when the URI has none; default 0. */
  readonly defaultPort?: number
  /** Default `ProxyResolver.getDefault()`. */
  readonly proxyResolver?: ProxyResolver | undefined
  /** Looks up the names of proxies, and of the destination for proxies that cannot; default `Resolver.getDefault()`. */
  readonly resolver?: Resolver | undefined
}

/** A resolver may be a script of somebody else's. */
const MAX_PROXIES = 16
/** Addresses of the destination tried through a proxy that cannot look it up itself. */
const MAX_DESTINATIONS = 16

type Addresses = AsyncGenerator<SocketAddress, undefined>

/**
 * All addresses of the first proxy, then those of the next. A proxy that cannot be used, say because its name is not
 * found, is passed over; its error is thrown when nothing comes after it.
 */
export class ProxyAddressEnumerator implements SocketAddressEnumerator {
  readonly uri: string
  readonly defaultPort: number
  readonly connectable: SocketConnectable
  readonly proxyResolver: ProxyResolver
  readonly #resolver: Resolver | undefined
  readonly #addresses: Addresses
  #signal: AbortSignal | undefined

  constructor(properties: ProxyAddressEnumeratorProperties) {
    this.connectable = properties.connectable
    this.uri = properties.uri
    this.defaultPort = properties.defaultPort ?? 0
    this.proxyResolver = properties.proxyResolver ?? ProxyResolver.getDefault()
    this.#resolver = properties.resolver
    this.#addresses = this.#enumerate()
  }

  /**
   * A `ProxyAddress`, or an address of the destination itself.
   *
   * @throws {IOError} `PROXY_FAILED` without any proxy; `INVALID_ARGUMENT` for the URI of a proxy; `CANCELLED`.
   * @throws {ResolverError} A name was not found. Also what the proxy resolver failed with.
   */
  async next({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<SocketAddress | null> {
    this.#signal = signal
    return (await this.#addresses.next()).value ?? null
  }

  async *#enumerate(): Addresses {
    const proxies = await this.proxyResolver.lookup(this.uri, { signal: this.#signal })
    let firstError: Error | undefined
    let hasAddress = false
    for (const proxy of proxies.slice(0, MAX_PROXIES)) {
      try {
        for await (const address of this.#through(proxy)) {
          hasAddress = true
          yield address
        }
      } catch (error) {
        if (this.#signal?.aborted) throw error
        firstError ??= error instanceof Error ? error : IOError.fromNode(error)
      }
    }
    if (hasAddress) return
    throw firstError ?? new IOError('PROXY_FAILED', 'The proxy resolver gave no answer.')
  }

  #through(proxy: string): Addresses {
    const protocol = Uri.parseScheme(proxy)?.toLowerCase() ?? null
    return protocol === 'direct' ? this.#each(this.connectable) : this.#eachOfProxy(proxy, protocol)
  }

  async *#each(connectable: SocketConnectable): Addresses {
    const enumerator = connectable.enumerate({ resolver: this.#resolver })
    for (;;) {
      const address = await enumerator.next({ signal: this.#signal })
      if (address === null) return
      yield address
    }
  }

  async *#eachOfProxy(uri: string, protocol: string | null): Addresses {
    if (protocol === null) throw new IOError('INVALID_ARGUMENT', 'The proxy is not given as a URI.')
    const { host, port, user, password } = parseProxyUri(uri)
    const destination = this.#destination()
    const destinations = await this.#destinationHostnames(protocol, destination.hostname)
    const proxyHost = new NetworkAddress(host, port > 0 ? port : Math.max(defaultSchemePort(protocol), 0))
    for await (const address of this.#each(proxyHost)) {
      if (!(address instanceof InetSocketAddress)) continue
      for (const destinationHostname of destinations) {
        yield new ProxyAddress({
          address: address.address,
          port: address.port,
          protocol,
          destinationHostname,
          destinationPort: destination.port,
          destinationProtocol: destination.scheme,
          username: user,
          password,
          uri,
        })
      }
    }
  }

  #destination(): { scheme: string | null; hostname: string; port: number } {
    const { scheme, host, port } = Uri.parse(this.uri)
    if (host === null || host === '') throw new IOError('INVALID_ARGUMENT', 'The destination has no host.')
    return { scheme: scheme === 'none' ? null : scheme, hostname: host, port: port > 0 ? port : this.defaultPort }
  }

  /** The name itself, or its IPv4 addresses: the only protocol that wants addresses knows no others. */
  async #destinationHostnames(protocol: string, hostname: string): Promise<readonly string[]> {
    const supportsHostname = Proxy.getDefaultForProtocol(protocol)?.supportsHostname ?? true
    if (supportsHostname || InetAddress.fromString(hostname)) return [hostname]
    const resolver = this.#resolver ?? Resolver.getDefault()
    const found = await resolver.lookupByName(hostname, {
      flags: ResolverNameLookupFlags.IPV4_ONLY,
      signal: this.#signal,
    })
    return found.slice(0, MAX_DESTINATIONS).map(String)
  }
}

function parseProxyUri(text: string): { host: string; port: number; user: string | null; password: string | null } {
  try {
    const { host, port, user, password } = Uri.parse(text, UriFlags.HAS_PASSWORD)
    if (host !== null && host !== '') return { host, port, user, password }
  } catch (cause) {
    throw new IOError('INVALID_ARGUMENT', 'The URI of the proxy is not valid.', { cause })
  }
  throw new IOError('INVALID_ARGUMENT', 'The URI of the proxy has no host.')
}
