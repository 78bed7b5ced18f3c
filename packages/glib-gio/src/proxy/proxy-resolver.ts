// Says through which proxies a URI is to be reached. Asked by SocketClient. Upstream: glib/gio/gproxyresolver.c.

import { IOError } from '../io-error.ts'
import type { SocketAddressEnumerator, SocketConnectable } from '../addresses/socket-connectable.ts'
import type { Resolver } from '../resolver/resolver.ts'
import { NetworkAddress } from '../addresses/network-address.ts'

export interface ProxyResolver {
  /** False when it has nothing to go by on this machine and another should be asked. */
  readonly isSupported: boolean
  /**
   * The proxies to try, best first, as URIs: 'http://proxy:3128', 'socks5://…', or 'direct://' for none.
   *
   * @param uri What is to be reached, at least 'scheme://host:port'.
   */
  lookup(uri: string, options?: { signal?: AbortSignal | undefined }): Promise<readonly string[]>
}

/**
 * The addresses behind the first way to `connectable` that can be gone. Upstream: gproxyaddressenumerator.c.
 *
 * @throws {IOError} `NOT_SUPPORTED` from `next()` when only proxies are left and none speaks a known protocol. Going
 *   direct instead would tell the destination what the proxy was to hide.
 */
export function enumerateWithProxies(
  connectable: SocketConnectable,
  proxyResolver: ProxyResolver,
  resolver: Resolver | undefined,
): SocketAddressEnumerator {
  let direct: SocketAddressEnumerator | undefined
  return {
    next: async (options = {}) => {
      if (!direct) {
        const proxies = await proxyResolver.lookup(proxyLookupUri(connectable), options)
        if (!proxies.includes('direct://')) {
          const protocol = /^[a-z0-9+.-]*/i.exec(proxies[0] ?? '')?.[0] ?? ''
          throw new IOError('NOT_SUPPORTED', `The proxy protocol "${protocol}" is not supported.`)
        }
        direct = connectable.enumerate({ resolver })
      }
      return direct.next(options)
    },
  }
}

/** 'none' is what upstream asks about for a destination whose protocol nobody named. */
function proxyLookupUri(connectable: SocketConnectable): string {
  const scheme = connectable instanceof NetworkAddress ? (connectable.scheme ?? 'none') : 'none'
  return `${scheme}://${connectable.toString()}`
}
