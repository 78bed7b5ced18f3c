// What a SocketClient can connect to, and how it gets at the addresses behind it.
// Upstream: glib/gio/gsocketconnectable.c, gsocketaddressenumerator.c.

import type { ProxyResolver } from '../proxy/proxy-resolver.ts'
import type { Resolver } from '../resolver/resolver.ts'
import type { SocketAddress } from './socket-address.ts'

/** Gives the addresses of one connectable, one at a time, in the order in which they should be tried. */
export interface SocketAddressEnumerator {
  /**
   * The next address, or null after the last. An error is only ever thrown by the first call. One call at a time.
   *
   * @throws {ResolverError} The name has no address. @throws {IOError} `CANCELLED`.
   */
  next(options?: { signal?: AbortSignal | undefined }): Promise<SocketAddress | null>
}

/** A name, an address or a service that can be connected to. */
export interface SocketConnectable {
  /** @param options.resolver Looks up names; `Resolver.getDefault()` when left out. */
  enumerate(options?: { resolver?: Resolver | undefined }): SocketAddressEnumerator
  /**
   * As {@link SocketConnectable.enumerate}, with the proxies in front of it: gives each a `ProxyAddress`. Left out where
   * no proxy can be, as for Unix sockets.
   *
   * @param options.proxyResolver Default `ProxyResolver.getDefault()`.
   */
  proxyEnumerate?(options?: {
    resolver?: Resolver | undefined
    proxyResolver?: ProxyResolver | undefined
  }): SocketAddressEnumerator
  /** For messages and logs. */
  toString(): string
}
