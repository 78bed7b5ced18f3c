// Orders addresses so that one broken family costs one attempt, not all of its addresses. Called by NetworkAddress.
// Upstream: glib/gio/gnetworkaddress.c (list_interleave_families). RFC 8305 section 4.

import type { InetAddress } from './inet-address.ts'

/** The families in turn, starting with that of the first address (RFC 6724 put it there); order within each is kept. */
export function interleaveFamilies(addresses: readonly InetAddress[]): InetAddress[] {
  const first = addresses[0]?.family
  const same = addresses.filter((address) => address.family === first)
  const other = addresses.filter((address) => address.family !== first)
  const result: InetAddress[] = []
  for (let i = 0; i < Math.max(same.length, other.length); i++) {
    result.push(...same.slice(i, i + 1), ...other.slice(i, i + 1))
  }
  return result
}
