// A Resolver that talks DNS itself. For records with their TTLs, for servers of one's own choice.
// Upstream: what the system resolver behind gthreadedresolver.c does.

import { DnsClient } from './dns-client.ts'
import { parseDnsServer } from './dns-server.ts'
import { DnsSource } from './dns-source.ts'
import { Resolver } from './resolver.ts'
import type { ResolverOptions } from './resolver.ts'

export interface DnsResolverOptions extends ResolverOptions {
  /** IP addresses with an optional port, asked in this order: '192.0.2.1', '[2001:db8::1]:5353'. */
  readonly servers?: readonly string[] | undefined
  /** Domains that are put behind short names; default none with `servers`, else those of resolv.conf. */
  readonly search?: readonly string[] | undefined
  /** A name with at least this many dots is tried as it is before the search domains; default 1. */
  readonly ndots?: number | undefined
  /** How long one server may take over one question, in milliseconds; default 5000. */
  readonly serverTimeout?: number | undefined
  /** How often the list of servers is gone through; default 2. */
  readonly attempts?: number | undefined
  /** Ask over TCP from the start; default false. */
  readonly useTcp?: boolean | undefined
}

/**
 * Asks DNS servers over UDP, and TCP where an answer does not fit: those given, else those of /etc/resolv.conf. It reads no
 * /etc/hosts; names on the local link (mDNS) are not known to it.
 */
export class DnsResolver extends Resolver {
  /** @throws {IOError} `INVALID_ARGUMENT` for a server that is not an IP address with an optional port. */
  constructor(options: DnsResolverOptions = {}) {
    const { servers, search, ndots, serverTimeout: timeoutMs, attempts, useTcp } = options
    const client = new DnsClient({
      ...(servers && { servers: servers.map(parseDnsServer) }),
      ...(search && { search }),
      ...(ndots !== undefined && { ndots }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(attempts !== undefined && { attempts }),
      ...(useTcp !== undefined && { useTcp }),
    })
    super(options, new DnsSource(client))
  }
}
