// The proxies named by environment variables. Used by DefaultProxyResolver; the variables have no standard, their meaning
// here is the one of curl (curl.se/docs/manpage.html, "ENVIRONMENT").

import { IOError } from '../io-error.ts'
import { IgnoreHosts } from './ignore-hosts.ts'
import { parseLookupUri } from './lookup-uri.ts'
import type { ProxyLookupOptions, ProxyResolver } from './proxy-resolver.ts'
import { expandSocks } from './simple-proxy-resolver.ts'

/** Schemes that go the way of another one when they have no variable of their own. */
const SAME_AS: Readonly<Record<string, string>> = { ws: 'http', wss: 'https' }

/**
 * `http_proxy`, `https_proxy`, …: the proxy for URIs of that scheme; `all_proxy`: for any other; `no_proxy`: hosts that
 * need none, with commas or spaces between them and the rules of `SimpleProxyResolver.ignoreHosts`. Each in lower case
 * first, then in upper case, but for `HTTP_PROXY` in a CGI program, where it is the header `Proxy` of some client. Read at
 * each lookup.
 */
export class EnvironmentProxyResolver implements ProxyResolver {
  readonly #environment: Readonly<NodeJS.ProcessEnv>
  #noProxy = ''
  #ignored = new IgnoreHosts([])

  constructor(environment: Readonly<NodeJS.ProcessEnv> = process.env) {
    this.#environment = environment
  }

  /** Whether any proxy is named. */
  get isSupported(): boolean {
    return ['http', 'https', 'all', 'ftp', 'ws', 'wss'].some((scheme) => this.#variable(scheme) !== null)
  }

  async lookup(uri: string, { signal }: ProxyLookupOptions = {}): Promise<readonly string[]> {
    IOError.throwIfCancelled(signal)
    const target = parseLookupUri(uri)
    const { scheme } = target
    const proxy = this.#variable(scheme) ?? this.#variable(SAME_AS[scheme] ?? scheme) ?? this.#variable('all')
    if (proxy === null || this.#ignoreHosts().matches(target)) return ['direct://']
    return expandSocks(asUri(proxy))
  }

  #ignoreHosts(): IgnoreHosts {
    const noProxy = this.#variable('no') ?? ''
    if (noProxy !== this.#noProxy) {
      this.#ignored = new IgnoreHosts(noProxy.split(/[\s,]+/))
      this.#noProxy = noProxy
    }
    return this.#ignored
  }

  #variable(name: string): string | null {
    const lower = this.#environment[`${name}_proxy`]?.trim()
    if (lower !== undefined && lower !== '') return lower
    if (name === 'http' && this.#environment['REQUEST_METHOD'] !== undefined) return null
    const upper = this.#environment[`${name.toUpperCase()}_PROXY`]?.trim()
    return upper === undefined || upper === '' ? null : upper
  }
}

/** 'proxy:3128' is an HTTP proxy; 'socks5h' says what 'socks5' does here anyway: the proxy looks names up. */
function asUri(proxy: string): string {
  return proxy.includes('://') ? proxy.replace(/^socks5h:/i, 'socks5:') : `http://${proxy}`
}
