// What a session knows of who takes which credentials: per server the realms and their paths, and one auth per proxy.
// Bounded, so that no server fills it with realms; what was used longest ago goes. Owned by AuthManager.
// Upstream: SoupAuthHost in libsoup/auth/soup-auth-manager.c.

import type { Auth } from './auth.ts'
import { isInSpace } from './protection-space.ts'

const MAX_HOSTS = 1000
const MAX_REALMS_PER_HOST = 32
const MAX_PATHS_PER_HOST = 128
const MAX_PROXIES = 32

interface AuthHost {
  /** Path to the `info` of its realm. */
  readonly paths: Map<string, string>
  /** By `info`. */
  readonly auths: Map<string, Auth>
}

export class AuthCache {
  readonly #hosts = new Map<string, AuthHost>()
  readonly #proxies = new Map<string, Auth>()

  get isEmpty(): boolean {
    return this.#hosts.size === 0 && this.#proxies.size === 0
  }

  clear(): void {
    this.#hosts.clear()
    this.#proxies.clear()
  }

  /** Who is known to be asked for at `path` (the longest known that it is in) of the server `hostKey`, or null. */
  lookup(hostKey: string, path: string): Auth | null {
    const host = this.#hosts.get(hostKey)
    if (host === undefined) return null
    let longest: string | null = null
    for (const known of host.paths.keys()) {
      if (known.length > (longest?.length ?? -1) && isInSpace(path, known)) longest = known
    }
    const info = longest === null ? undefined : host.paths.get(longest)
    return (info === undefined ? undefined : host.auths.get(info)) ?? null
  }

  /**
   * Notes that `auth` is for these paths. Where its realm is known already the known auth stays, unless it is `refused`
   * or cancelled, since it may have credentials.
   *
   * @returns The one that is kept.
   */
  record(hostKey: string, spaces: readonly string[], auth: Auth, refused: Auth | null): Auth {
    let host = this.#hosts.get(hostKey)
    if (host === undefined) put(this.#hosts, hostKey, (host = { paths: new Map(), auths: new Map() }), MAX_HOSTS)
    const { info } = auth
    for (const space of spaces) put(host.paths, space, info, MAX_PATHS_PER_HOST)
    const known = host.auths.get(info)
    const kept = known === undefined || known === refused || known.isCancelled ? auth : known
    put(host.auths, info, kept, MAX_REALMS_PER_HOST)
    return kept
  }

  lookupProxy(proxyKey: string): Auth | null {
    return this.#proxies.get(proxyKey) ?? null
  }

  /** As `record`; a proxy has one realm. */
  recordProxy(proxyKey: string, auth: Auth, refused: Auth | null): Auth {
    const known = this.#proxies.get(proxyKey)
    const stays = known !== undefined && known !== refused && !known.isCancelled && known.info === auth.info
    const kept = stays ? known : auth
    put(this.#proxies, proxyKey, kept, MAX_PROXIES)
    return kept
  }

  isForSomeProxy(auth: Auth): boolean {
    for (const known of this.#proxies.values()) if (known === auth) return true
    return false
  }
}

/** Puts an entry at the end; over the limit the first goes. */
function put<Value>(map: Map<string, Value>, key: string, value: Value, limit: number): void {
  map.delete(key)
  if (map.size >= limit) map.delete(map.keys().next().value as string)
  map.set(key, value)
}
