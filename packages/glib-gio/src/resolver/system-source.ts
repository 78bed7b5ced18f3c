// Asks the system: getaddrinfo and getnameinfo for names and addresses, so that /etc/hosts, nsswitch.conf, search domains
// and the address order of RFC 6724 apply; DNS itself for records, which no such call exists for.
// Upstream: glib/gio/gthreadedresolver.c.

import { promises as dns } from 'node:dns'
import { InetAddress } from '../addresses/inet-address.ts'
import { DnsClient } from './dns-client.ts'
import { DnsSource } from './dns-source.ts'
import type { ResolverAnswer, ResolverSource, ResolverSourceOptions } from './resolver-answer.ts'
import { ResolverNameLookupFlags } from './resolver-name-lookup-flags.ts'
import type { ResolverRecords, ResolverRecordType } from './resolver-records.ts'

/**
 * How long an answer of the system is kept, in seconds, since the system says nothing of its TTL: a minute, as in
 * Chromium and Firefox. That it has no answer is not kept, since it does not say for how long that holds either.
 */
export const SYSTEM_ANSWER_TTL = 60

/** Neither getaddrinfo nor getnameinfo can be stopped: who waits is let go, and the thread pool ends it. */
export class SystemSource implements ResolverSource {
  readonly #records = new DnsSource(new DnsClient())

  async lookupName(hostname: string, flags: number): Promise<ResolverAnswer<InetAddress>> {
    const family = flags & ResolverNameLookupFlags.IPV4_ONLY ? 4 : flags & ResolverNameLookupFlags.IPV6_ONLY ? 6 : 0
    const answers = await dns.lookup(hostname, { all: true, family, order: 'verbatim' })
    const addresses = answers.map((answer) => InetAddress.fromString(answer.address))
    return { values: addresses.filter((address) => address !== null), ttl: SYSTEM_ANSWER_TTL }
  }

  async lookupAddress(address: InetAddress): Promise<ResolverAnswer<string>> {
    const { hostname } = await dns.lookupService(address.toString(), 0)
    return { values: [hostname], ttl: SYSTEM_ANSWER_TTL }
  }

  lookupRecords<Type extends ResolverRecordType>(
    name: string,
    type: Type,
    options: ResolverSourceOptions,
  ): Promise<ResolverAnswer<ResolverRecords[Type]>> {
    return this.#records.lookupRecords(name, type, options)
  }

  reload(): void {
    this.#records.reload()
  }

  close(): void {
    this.#records.close()
  }
}
