// Says through which proxies a URI is to be reached. Asked by ProxyAddressEnumerator. Upstream: glib/gio/gproxyresolver.c.

import { DefaultProxyResolver } from './default-proxy-resolver.ts'

export interface ProxyLookupOptions {
  /** Aborting rejects with `CANCELLED`. */
  readonly signal?: AbortSignal | undefined
}

export interface ProxyResolver {
  /** False when it has nothing to go by on this machine and another should be asked. */
  readonly isSupported: boolean
  /**
   * The proxies to try, best first, as URIs: 'http://proxy:3128', 'socks5://…', or 'direct://' for none.
   *
   * @param uri What is to be reached, at least 'scheme://host:port'; the scheme is 'none' when nobody knows it.
   * @throws {IOError} `INVALID_ARGUMENT` for what is no such URI; `CANCELLED`; what else the resolver fails with.
   */
  lookup(uri: string, options?: ProxyLookupOptions): Promise<readonly string[]>
}

let defaultResolver: ProxyResolver | undefined

/** The proxy resolver of the process. */
export const ProxyResolver = {
  /** What was last given to `setDefault`, else the settings of the desktop or of the environment. */
  getDefault: (): ProxyResolver => {
    defaultResolver ??= new DefaultProxyResolver()
    return defaultResolver
  },
  /** null goes back to the system's. */
  setDefault: (resolver: ProxyResolver | null): void => {
    defaultResolver = resolver ?? undefined
  },
} as const
