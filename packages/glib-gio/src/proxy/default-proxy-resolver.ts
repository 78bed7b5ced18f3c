// What the machine is set up for: the desktop's settings, else the environment. Made by ProxyResolver.getDefault.
// Upstream: glib/gio/gproxyresolver.c (g_proxy_resolver_get_default) and its extension point.

import { EnvironmentProxyResolver } from './environment-proxy-resolver.ts'
import { GnomeProxyResolver } from './gnome-proxy-resolver.ts'
import type { ProxyLookupOptions, ProxyResolver } from './proxy-resolver.ts'

/** GNOME's settings in a GNOME session, else `http_proxy` and its like; supported when one of them is. */
export class DefaultProxyResolver implements ProxyResolver {
  readonly #candidates: readonly ProxyResolver[]

  /** @param candidates Asked in this order: the first that is supported decides. */
  constructor(candidates: readonly ProxyResolver[] = [new GnomeProxyResolver(), new EnvironmentProxyResolver()]) {
    this.#candidates = candidates
  }

  get isSupported(): boolean {
    return this.#candidates.some((candidate) => candidate.isSupported)
  }

  async lookup(uri: string, options: ProxyLookupOptions = {}): Promise<readonly string[]> {
    for (const candidate of this.#candidates) {
      if (!candidate.isSupported) continue
      try {
        return await candidate.lookup(uri, options)
      } catch (error) {
        if (candidate.isSupported) throw error // otherwise it has just found out that it has nothing to go by
      }
    }
    return ['direct://']
  }
}
