// Turns host names into IP addresses. Used by NetworkAddress; replaced by tests and by other ways to ask.
// Upstream: glib/gio/gresolver.c, gthreadedresolver.c. RFC 6761 section 6.3 (localhost).

import { promises as dns } from 'node:dns'
import { resolverChannel, timestamp } from '../diagnostics.ts'
import { InetAddress } from '../addresses/inet-address.ts'
import { IOError } from '../io-error.ts'
import { ResolverError } from './resolver-error.ts'
import { SocketFamily } from '../addresses/socket-family.ts'
import { hostnameToAscii } from '../uri/uri-host.ts'
import { waitFor } from '../wait-for.ts'

/** Bits to be or-ed. */
export const ResolverNameLookupFlags = { DEFAULT: 0, IPV4_ONLY: 1, IPV6_ONLY: 2 } as const
export type ResolverNameLookupFlags = number

export interface ResolverLookupOptions {
  readonly flags?: ResolverNameLookupFlags | undefined
  readonly signal?: AbortSignal | undefined
}

/** RFC 1035 section 2.3.4, as text without the last dot. */
const MAX_HOSTNAME_LENGTH = 253
/** What the C library's inet_aton takes for an address and no name is: '127.1', '0x7f000001', '017700000001'. */
const LEGACY_IPV4 = /^(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}\.?$/i

let defaultResolver: Resolver | undefined
let lookups = 0

/**
 * Asks the system (`getaddrinfo`, on libuv's thread pool), so /etc/hosts, search domains and the order of RFC 6724 apply.
 * Questions for the same name at the same time are asked once. A subclass overrides {@link Resolver.resolve}.
 */
export class Resolver {
  /** Longest wait for an answer, in milliseconds. 0 waits as long as the system does. */
  timeout = 0
  readonly #pending = new Map<string, Promise<readonly InetAddress[]>>()

  /** The resolver of the process: what was last given to {@link Resolver.setDefault}, else one of the system. */
  static getDefault(): Resolver {
    defaultResolver ??= new Resolver()
    return defaultResolver
  }

  /** null goes back to the system's. */
  static setDefault(resolver: Resolver | null): void {
    defaultResolver = resolver ?? undefined
  }

  /**
   * All addresses of `hostname`, at least one, in the order in which they are best tried. IP addresses and `localhost`
   * (with everything under it) are answered without asking anybody.
   *
   * @param options.signal Stops the wait only: the system cannot be stopped, and others may wait for the same answer.
   * @throws {ResolverError} `NOT_FOUND`, `TEMPORARY_FAILURE`, `INTERNAL`.
   * @throws {IOError} `CANCELLED`; `TIMED_OUT` after {@link Resolver.timeout}; `PERMISSION_DENIED` in a sandbox.
   */
  async lookupByName(hostname: string, options: ResolverLookupOptions = {}): Promise<InetAddress[]> {
    IOError.throwIfCancelled(options.signal)
    const flags = options.flags ?? ResolverNameLookupFlags.DEFAULT
    const known = answerWithoutAsking(hostname)
    if (known) {
      const wanted = known.filter((address) => isWanted(address, flags))
      if (wanted.length === 0) throw ResolverError.notFound(hostname)
      return wanted
    }
    const ascii = hostnameToAscii(hostname).toLowerCase()
    const unusable =
      ascii === '' || ascii.replace(/\.$/, '').length > MAX_HOSTNAME_LENGTH || [...ascii].some((char) => char <= ' ')
    if (unusable || LEGACY_IPV4.test(ascii)) throw ResolverError.notFound(hostname)

    const addresses = await waitFor(this.#ask(ascii, flags), {
      signal: options.signal,
      timeoutMs: this.timeout,
      onTimeout: () => new IOError('TIMED_OUT', `Looking up the host "${ascii}" took too long.`),
    })
    return [...addresses]
  }

  /**
   * Asks for the addresses of a name that is neither an IP address nor `localhost`; overridden to ask somebody else.
   * Rejects with an error of `node:dns`, a `ResolverError` or an `IOError`.
   */
  protected async resolve(hostname: string, flags: ResolverNameLookupFlags): Promise<InetAddress[]> {
    const family = flags & ResolverNameLookupFlags.IPV4_ONLY ? 4 : flags & ResolverNameLookupFlags.IPV6_ONLY ? 6 : 0
    const answers = await dns.lookup(hostname, { all: true, family, order: 'verbatim' })
    return answers.map((answer) => InetAddress.fromString(answer.address)).filter((address) => address !== null)
  }

  #ask(hostname: string, flags: ResolverNameLookupFlags): Promise<readonly InetAddress[]> {
    const key = `${flags} ${hostname}`
    let pending = this.#pending.get(key)
    if (!pending) {
      pending = this.#lookup(hostname, flags).finally(() => this.#pending.delete(key))
      this.#pending.set(key, pending)
    }
    return pending
  }

  async #lookup(hostname: string, flags: ResolverNameLookupFlags): Promise<readonly InetAddress[]> {
    const lookupId = ++lookups
    if (resolverChannel.hasSubscribers) {
      resolverChannel.publish({ time: timestamp(), state: 'lookup', lookupId, hostname })
    }
    try {
      const addresses = await this.resolve(hostname, flags)
      if (addresses.length === 0) throw ResolverError.notFound(hostname)
      if (resolverChannel.hasSubscribers) {
        const texts = addresses.map(String)
        resolverChannel.publish({ time: timestamp(), state: 'resolved', lookupId, hostname, addresses: texts })
      }
      return addresses
    } catch (cause) {
      const isOurs = cause instanceof ResolverError || cause instanceof IOError
      const error = isOurs ? cause : ResolverError.fromNode(cause, hostname)
      if (resolverChannel.hasSubscribers) {
        resolverChannel.publish({ time: timestamp(), state: 'failed', lookupId, hostname, error })
      }
      throw error
    }
  }
}

function answerWithoutAsking(hostname: string): InetAddress[] | null {
  const literal = InetAddress.fromString(hostname)
  if (literal) return [literal]
  const isLocalhost = /(?:^|\.)localhost\.?$/i.test(hostname)
  return isLocalhost ? [InetAddress.loopback(SocketFamily.IPV6), InetAddress.loopback(SocketFamily.IPV4)] : null
}

function isWanted(address: InetAddress, flags: ResolverNameLookupFlags): boolean {
  if (flags & ResolverNameLookupFlags.IPV4_ONLY) return address.family === SocketFamily.IPV4
  if (flags & ResolverNameLookupFlags.IPV6_ONLY) return address.family === SocketFamily.IPV6
  return true
}
