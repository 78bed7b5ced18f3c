// Asks a proxy auto-configuration script. Used by GnomeProxyResolver, or set up by hand.
// developer.mozilla.org/docs/Web/HTTP/Guides/Proxy_servers_and_tunneling/Proxy_Auto-Configuration_PAC_file

import { IOError } from '../io-error.ts'
import type { Resolver } from '../resolver/resolver.ts'
import { waitFor } from '../wait-for.ts'
import { parseLookupUri } from './lookup-uri.ts'
import { parsePacResult } from './pac/pac-result.ts'
import { PacRunner } from './pac/pac-runner.ts'
import { PacSource } from './pac/pac-source.ts'
import type { ProxyLookupOptions, ProxyResolver } from './proxy-resolver.ts'

export interface PacProxyResolverOptions {
  /** Looks names up for the script; default `Resolver.getDefault()`. */
  readonly resolver?: Resolver | null
  /** Longest time one answer of the script may take, DNS included, in milliseconds; default 5000. */
  readonly timeout?: number
}

/**
 * Runs `FindProxyForURL` of a script in a JavaScript engine of its own (QuickJS in WebAssembly), on a thread of its own:
 * the script sees nothing of this process, has 32 MB, and is stopped when it takes too long. The engine and the packages
 * `pac-resolver` and `quickjs-wasi` are loaded at the first lookup and given up again when unused for a while.
 */
export class PacProxyResolver implements ProxyResolver {
  readonly isSupported = true
  readonly #source: PacSource
  readonly #options: PacProxyResolverOptions
  #runner: { script: string; runner: PacRunner } | null = null

  /**
   * @param url Where the script is: 'file:' (read again when the file has changed), 'http:' and 'https:' (fetched without
   *   a proxy, and again every ten minutes) or 'data:'. At most 1 MB.
   * @throws {IOError} `NOT_SUPPORTED` for any other URL.
   */
  constructor(url: string, options: PacProxyResolverOptions = {}) {
    this.#source = new PacSource(url)
    this.#options = options
  }

  /**
   * @throws {IOError} `TIMED_OUT`: the script took too long; `PROXY_FAILED`: it failed, or gave an answer that is none;
   *   `NOT_SUPPORTED`: the engine is not installed; what reading the script failed with. It never goes direct by itself.
   */
  async lookup(uri: string, { signal }: ProxyLookupOptions = {}): Promise<readonly string[]> {
    IOError.throwIfCancelled(signal)
    const { host } = parseLookupUri(uri)
    for (;;) {
      const runner = this.#runnerOf(await waitFor(this.#source.load(), { signal }))
      try {
        return parsePacResult(await runner.findProxyForUrl(uri, host, { signal }))
      } catch (error) {
        if (this.#runner?.runner === runner || signal?.aborted) throw error // otherwise there is a newer script to ask
      }
    }
  }

  #runnerOf(script: string): PacRunner {
    if (this.#runner?.script === script) return this.#runner.runner
    this.#runner?.runner.close()
    this.#runner = { script, runner: new PacRunner(script, this.#options) }
    return this.#runner.runner
  }

  /** Stops the script's thread, failing lookups under way. The next lookup starts another. */
  close(): void {
    this.#runner?.runner.close()
  }
}
