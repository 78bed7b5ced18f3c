// The way from an address to the proxies in front of it. Called by the addresses' proxyEnumerate.

import type { ProxyAddressEnumeratorProperties } from '../proxy/proxy-address-enumerator.ts'
import type { SocketAddressEnumerator } from './socket-connectable.ts'

/** A `ProxyAddressEnumerator`, loaded when first asked: it is made of addresses, which cannot be made of it. */
export function enumerateThroughProxies(properties: ProxyAddressEnumeratorProperties): SocketAddressEnumerator {
  let enumerator: SocketAddressEnumerator | undefined
  return {
    next: async (options) => {
      if (!enumerator) {
        const { ProxyAddressEnumerator } = await import('../proxy/proxy-address-enumerator.ts')
        enumerator = new ProxyAddressEnumerator(properties)
      }
      return enumerator.next(options)
    },
  }
}
