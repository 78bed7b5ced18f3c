// A service of a domain, to be found by its SRV records when it is connected to. Upstream: glib/gio/gnetworkservice.c.
// RFC 2782.

import type { ProxyResolver } from '../proxy/proxy-resolver.ts'
import { ResolverError } from '../resolver/resolver-error.ts'
import { Resolver } from '../resolver/resolver.ts'
import { NetworkAddress } from './network-address.ts'
import { servicePort } from './service-ports.ts'
import type { SocketAddress } from './socket-address.ts'
import type { SocketAddressEnumerator, SocketConnectable } from './socket-connectable.ts'
import { SrvTarget } from './srv-target.ts'

/** Most hosts of one service that are tried, each with all of its addresses. */
const MAX_TARGETS = 16

type Enumerate = (target: NetworkAddress) => SocketAddressEnumerator

export class NetworkService implements SocketConnectable {
  readonly service: string
  readonly protocol: string
  readonly domain: string
  #scheme: string | null

  /** @param service 'ldap' @param protocol 'tcp' @param domain 'example.org' */
  constructor(service: string, protocol: string, domain: string, scheme: string | null = null) {
    this.service = service
    this.protocol = protocol
    this.domain = domain
    this.#scheme = scheme
  }

  /** The URI scheme by which proxies are chosen; the name of the service unless set. */
  get scheme(): string {
    return this.#scheme ?? this.service
  }

  set scheme(scheme: string | null) {
    this.#scheme = scheme
  }

  /**
   * Looks the service up at the first `next()`; then gives the addresses of one host after the other, in the order of
   * RFC 2782. A domain without SRV records is tried itself, at the port that is known for the service. Hosts without an
   * address are passed over; the error of the first is thrown when none has any.
   */
  enumerate(options: { resolver?: Resolver | undefined } = {}): SocketAddressEnumerator {
    return this.#enumerate(options.resolver, (target) => target.enumerate(options))
  }

  /** Through the proxies for {@link NetworkService.scheme} and each host. */
  proxyEnumerate(
    options: { resolver?: Resolver | undefined; proxyResolver?: ProxyResolver | undefined } = {},
  ): SocketAddressEnumerator {
    return this.#enumerate(options.resolver, (target) => target.proxyEnumerate(options))
  }

  /** '_ldap._tcp.example.org'. */
  toString(): string {
    return `_${this.service}._${this.protocol}.${this.domain}`
  }

  #enumerate(resolver: Resolver | undefined, enumerateTarget: Enumerate): SocketAddressEnumerator {
    let asked: AbortSignal | undefined
    const addresses = this.#addresses(resolver, enumerateTarget, () => asked)
    return {
      next: async ({ signal } = {}) => {
        asked = signal
        return (await addresses.next()).value ?? null
      },
    }
  }

  async *#addresses(
    resolver: Resolver | undefined,
    enumerateTarget: Enumerate,
    signal: () => AbortSignal | undefined,
  ): AsyncGenerator<SocketAddress, undefined> {
    const targets = await this.#lookup(resolver ?? Resolver.getDefault(), signal())
    let firstError: Error | undefined
    let hasAddress = false
    for (const { hostname, port } of targets.slice(0, MAX_TARGETS)) {
      const enumerator = enumerateTarget(new NetworkAddress(hostname, port, this.scheme))
      try {
        for (;;) {
          const address = await enumerator.next({ signal: signal() })
          if (address === null) break
          hasAddress = true
          yield address
        }
      } catch (error) {
        if (signal()?.aborted) throw error
        firstError ??= error as Error
      }
    }
    if (!hasAddress) throw firstError ?? ResolverError.noRecords(this.toString())
  }

  /** None when the domain says that it does not offer the service. */
  async #lookup(resolver: Resolver, signal: AbortSignal | undefined): Promise<readonly SrvTarget[]> {
    try {
      return await resolver.lookupService(this.service, this.protocol, this.domain, { signal })
    } catch (error) {
      const port = servicePort(this.service)
      if (!(error instanceof ResolverError) || error.code !== 'NOT_FOUND' || port === null) throw error
      return [new SrvTarget(this.domain, port, 0, 0)]
    }
  }
}
