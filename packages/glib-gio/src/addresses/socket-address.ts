// The address of one end of a connection. Upstream: glib/gio/gsocketaddress.c.

import type { SocketAddressEnumerator, SocketConnectable } from './socket-connectable.ts'
import type { SocketFamily } from './socket-family.ts'

/** Base of {@link InetSocketAddress} and {@link UnixSocketAddress}; as a connectable it enumerates itself. */
export abstract class SocketAddress implements SocketConnectable {
  abstract readonly family: SocketFamily
  abstract toString(): string

  enumerate(): SocketAddressEnumerator {
    const addresses: SocketAddress[] = [this]
    return { next: () => Promise.resolve(addresses.pop() ?? null) }
  }
}
