// The proxies set in GNOME's network settings. Used by DefaultProxyResolver.
// Upstream: glib-networking/proxy/gnome/gproxyresolvergnome.c.

import { IOError } from '../io-error.ts'
import { Uri } from '../uri/uri.ts'
import { waitFor } from '../wait-for.ts'
import { findGsettings, readSettings } from './gsettings.ts'
import type { Settings, SettingsValue } from './gsettings.ts'
import { IgnoreHosts } from './ignore-hosts.ts'
import { parseLookupUri } from './lookup-uri.ts'
import { PacProxyResolver } from './pac-proxy-resolver.ts'
import type { ProxyLookupOptions, ProxyResolver } from './proxy-resolver.ts'
import { SimpleProxyResolver } from './simple-proxy-resolver.ts'

const SCHEMA = 'org.gnome.system.proxy'
/** How long an answer of `gsettings` holds: a change in the settings shows after that. */
const MAX_AGE_MS = 5000
/** Desktops whose settings these are, as in XDG_CURRENT_DESKTOP. */
const DESKTOPS: readonly string[] = ['GNOME', 'Unity', 'Budgie', 'Pantheon']

export interface GnomeProxyResolverOptions {
  /** Default `process.env`. */
  readonly environment?: Readonly<NodeJS.ProcessEnv>
}

/** Reads `org.gnome.system.proxy` with `gsettings`: mode, proxies, hosts that need none, and the URL of a PAC script. */
export class GnomeProxyResolver implements ProxyResolver {
  readonly #executable: string | null
  #hasNoAnswer = false
  #readAt = -Infinity
  #reading: Promise<ProxyResolver> | null = null
  #pac: { url: string; resolver: PacProxyResolver } | null = null

  constructor({ environment = process.env }: GnomeProxyResolverOptions = {}) {
    const desktops = (environment['XDG_CURRENT_DESKTOP'] ?? '').split(':')
    this.#executable = desktops.some((name) => DESKTOPS.includes(name)) ? findGsettings(environment['PATH']) : null
  }

  /** In a session of such a desktop, while `gsettings` is there and knows the schema. */
  get isSupported(): boolean {
    return this.#executable !== null && !this.#hasNoAnswer
  }

  /** @throws {IOError} `NOT_SUPPORTED` without settings, or for automatic mode without a URL; as {@link PacProxyResolver}. */
  async lookup(uri: string, options: ProxyLookupOptions = {}): Promise<readonly string[]> {
    IOError.throwIfCancelled(options.signal)
    const resolver = await waitFor(this.#current(), options)
    return resolver.lookup(uri, options)
  }

  #current(): Promise<ProxyResolver> {
    if (this.#reading === null || performance.now() - this.#readAt > MAX_AGE_MS) {
      this.#readAt = performance.now()
      this.#reading = this.#read()
    }
    return this.#reading
  }

  async #read(): Promise<ProxyResolver> {
    try {
      return this.#resolverFor(await this.#settings())
    } catch (error) {
      this.#reading = null
      throw error
    }
  }

  async #settings(): Promise<Settings> {
    const noAnswer = 'There are no proxy settings of a desktop to go by.'
    if (this.#executable === null) throw new IOError('NOT_SUPPORTED', noAnswer)
    try {
      const settings = await readSettings(this.#executable, SCHEMA)
      if (settings.has(`${SCHEMA} mode`)) return settings
      throw new IOError('NOT_SUPPORTED', noAnswer)
    } catch (error) {
      this.#hasNoAnswer = error instanceof IOError && error.code === 'NOT_SUPPORTED'
      throw error
    }
  }

  #resolverFor(settings: Settings): ProxyResolver {
    const mode = settings.get(`${SCHEMA} mode`)
    const isAutomatic = mode === 'auto'
    const url = isAutomatic ? text(settings.get(`${SCHEMA} autoconfig-url`)) : ''
    if (this.#pac?.url !== url) {
      this.#pac?.resolver.close()
      this.#pac = null
    }
    if (!isAutomatic) return mode === 'manual' ? manualResolver(settings) : new SimpleProxyResolver()
    if (url === '') return WITHOUT_DISCOVERY
    this.#pac ??= { url, resolver: new PacProxyResolver(url) }
    return automaticResolver(settings, this.#pac.resolver)
  }
}

/** Automatic mode without a URL means to look for a script in the local network, which anybody there could offer. */
const WITHOUT_DISCOVERY: ProxyResolver = {
  isSupported: true,
  lookup: () =>
    Promise.reject(
      new IOError('NOT_SUPPORTED', 'The desktop settings ask for an automatic proxy, but have no URL for its script.'),
    ),
}

function automaticResolver(settings: Settings, pac: ProxyResolver): ProxyResolver {
  const ignored = new IgnoreHosts(ignoreHosts(settings))
  return {
    isSupported: true,
    lookup: async (uri, options) =>
      ignored.matches(parseLookupUri(uri)) ? ['direct://'] : await pac.lookup(uri, options),
  }
}

function manualResolver(settings: Settings): ProxyResolver {
  const http = httpProxy(settings)
  const https = proxyUri(settings, 'https', 'http') ?? http
  const socks = proxyUri(settings, 'socks', 'socks')
  const isSameForAll = settings.get(`${SCHEMA} use-same-proxy`) !== false
  const resolver = new SimpleProxyResolver(socks ?? (isSameForAll ? http : null), ignoreHosts(settings))
  for (const [scheme, proxy] of Object.entries({ http, ws: http, https, wss: https })) {
    if (proxy !== null) resolver.setUriProxy(scheme, proxy)
  }
  return resolver
}

function httpProxy(settings: Settings): string | null {
  const get = (key: string): SettingsValue | undefined => settings.get(`${SCHEMA}.http ${key}`)
  if (get('use-authentication') !== true) return proxyUri(settings, 'http', 'http')
  const [user, password] = [get('authentication-user'), get('authentication-password')]
  return proxyUri(settings, 'http', 'http', `${Uri.escapeString(text(user))}:${Uri.escapeString(text(password))}@`)
}

/** null when the settings of `kind` name no host. */
function proxyUri(settings: Settings, kind: string, protocol: string, userinfo = ''): string | null {
  const host = text(settings.get(`${SCHEMA}.${kind} host`)).trim()
  const port = settings.get(`${SCHEMA}.${kind} port`)
  if (host === '') return null
  const authority = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return `${protocol}://${userinfo}${authority}${typeof port === 'number' && port > 0 ? `:${port}` : ''}`
}

function ignoreHosts(settings: Settings): readonly string[] {
  const value = settings.get(`${SCHEMA} ignore-hosts`)
  return Array.isArray(value) ? (value as readonly string[]) : []
}

function text(value: SettingsValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
