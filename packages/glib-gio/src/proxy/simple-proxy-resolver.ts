// One proxy for everything, or one for each scheme, and hosts that need none. Upstream: glib/gio/gsimpleproxyresolver.c.

import { IOError } from '../io-error.ts'
import { IgnoreHosts } from './ignore-hosts.ts'
import { parseLookupUri } from './lookup-uri.ts'
import type { ProxyLookupOptions, ProxyResolver } from './proxy-resolver.ts'

/** Set up by hand: give it to a `SocketClient`, or to `ProxyResolver.setDefault`. */
export class SimpleProxyResolver implements ProxyResolver {
  readonly isSupported = true
  /**
   * For every URI that no scheme's own proxy takes; null for none. 'socks://host' stands for all three versions, newest
   * first.
   */
  defaultProxy: string | null
  readonly #uriProxies = new Map<string, string>()
  #ignoreHosts: readonly string[] = []
  #ignored = new IgnoreHosts([])

  /** @param ignoreHosts See {@link SimpleProxyResolver.ignoreHosts}. */
  constructor(defaultProxy: string | null = null, ignoreHosts: readonly string[] = []) {
    this.defaultProxy = defaultProxy
    this.ignoreHosts = ignoreHosts
  }

  /**
   * Hosts that are reached directly: 'example.com', '.example.com' and '*.example.com' are that name and all below it;
   * '192.0.2.1' an address; '192.0.2.0/24' and 'fe80::/10' ranges; 'example.com:80', '[2001:db8::1]:443' only that port;
   * '*' everything. A name is never looked up: it is compared as a name.
   */
  get ignoreHosts(): readonly string[] {
    return this.#ignoreHosts
  }

  set ignoreHosts(rules: readonly string[]) {
    this.#ignoreHosts = [...rules]
    this.#ignored = new IgnoreHosts(rules)
  }

  /** Sets the proxy of URIs with `uriScheme`, which goes before {@link SimpleProxyResolver.defaultProxy}. */
  setUriProxy(uriScheme: string, proxy: string): void {
    this.#uriProxies.set(uriScheme.toLowerCase(), proxy)
  }

  async lookup(uri: string, { signal }: ProxyLookupOptions = {}): Promise<readonly string[]> {
    IOError.throwIfCancelled(signal)
    const target = parseLookupUri(uri)
    if (this.#ignored.matches(target)) return ['direct://']
    return expandSocks(this.#uriProxies.get(target.scheme) ?? this.defaultProxy ?? 'direct://')
  }
}

/** 'socks://' leaves the version open. */
export function expandSocks(proxy: string): readonly string[] {
  if (!/^socks:\/\//i.test(proxy)) return [proxy]
  return ['socks5', 'socks4a', 'socks4'].map((protocol) => `${protocol}${proxy.slice('socks'.length)}`)
}
