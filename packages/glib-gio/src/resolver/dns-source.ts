// Answers the questions of Resolver with DNS, over whatever transport. Upstream: gthreadedresolver.c
// (g_resolver_records_from_res_query). RFC 1035, RFC 3596 (AAAA, ip6.arpa).

import { InetAddress } from '../addresses/inet-address.ts'
import { SocketFamily } from '../addresses/socket-family.ts'
import { askFollowingAliases } from './dns-answer.ts'
import type { DnsDataOf } from './dns-answer.ts'
import { canonicalName } from './dns-message.ts'
import type { DnsTransport } from './dns-transport.ts'
import type { ResolverAnswer, ResolverSource, ResolverSourceOptions } from './resolver-answer.ts'
import { ResolverNameLookupFlags } from './resolver-name-lookup-flags.ts'
import { ResolverRecordType } from './resolver-records.ts'
import type { ResolverRecords } from './resolver-records.ts'

/** Turns what DNS sends into what callers get, by type. */
const CONVERT: {
  readonly [Type in keyof typeof ResolverRecordType]: (
    data: DnsDataOf<Type>,
  ) => ResolverRecords[(typeof ResolverRecordType)[Type]]
} = {
  SRV: ({ priority, weight, port, target }) => ({ priority, weight, port, hostname: canonicalName(target) || '.' }),
  MX: ({ preference, exchange }) => ({ preference, hostname: canonicalName(exchange) || '.' }),
  TXT: (strings) => ({ contents: strings.map((bytes) => bytes.toString('utf8')) }),
  SOA: ({ mname, rname, serial, refresh, retry, expire, minimum }) => ({
    primaryNs: mname,
    administrator: rname,
    serial,
    refresh,
    retry,
    expire,
    ttl: minimum,
  }),
  NS: (hostname) => ({ hostname: canonicalName(hostname) }),
  SVCB: (binding) => binding,
  HTTPS: (binding) => binding,
}

const TYPE_NAMES = Object.fromEntries(
  Object.entries(ResolverRecordType).map(([name, value]) => [value, name]),
) as Readonly<Record<ResolverRecordType, keyof typeof ResolverRecordType>>

export class DnsSource implements ResolverSource {
  readonly #transport: DnsTransport

  constructor(transport: DnsTransport) {
    this.#transport = transport
  }

  /** Tries the search domains, where there are any, until a name has an address. */
  async lookupName(
    hostname: string,
    flags: number,
    { signal }: ResolverSourceOptions,
  ): Promise<ResolverAnswer<InetAddress>> {
    let ttl = Infinity
    for (const candidate of await this.#transport.candidates(hostname)) {
      const answer = await this.#lookupFamilies(candidate, flags, signal)
      ttl = Math.min(ttl, answer.ttl)
      if (answer.values.length > 0) return { values: answer.values, ttl }
    }
    return { values: [], ttl: ttl === Infinity ? 0 : ttl }
  }

  async lookupAddress(address: InetAddress, { signal }: ResolverSourceOptions): Promise<ResolverAnswer<string>> {
    const { values, ttl } = await askFollowingAliases(this.#transport, reverseName(address), 'PTR', signal)
    return { values: values.map(canonicalName).filter(isHostname), ttl }
  }

  async lookupRecords<Type extends ResolverRecordType>(
    name: string,
    type: Type,
    { signal }: ResolverSourceOptions,
  ): Promise<ResolverAnswer<ResolverRecords[Type]>> {
    const dnsType = TYPE_NAMES[type]
    const { values, ttl } = await askFollowingAliases(this.#transport, name, dnsType, signal)
    const convert = CONVERT[dnsType] as (data: unknown) => ResolverRecords[Type]
    return { values: values.map(convert).filter(hasUsableName), ttl }
  }

  reload(): void {
    this.#transport.reload()
  }

  close(): void {
    this.#transport.close()
  }

  /** Both families at once, IPv6 in front (RFC 8305 section 4). One that fails does not spoil the other. */
  async #lookupFamilies(name: string, flags: number, signal: AbortSignal): Promise<ResolverAnswer<InetAddress>> {
    const types: ('AAAA' | 'A')[] = []
    if (!(flags & ResolverNameLookupFlags.IPV4_ONLY)) types.push('AAAA')
    if (!(flags & ResolverNameLookupFlags.IPV6_ONLY)) types.push('A')
    const results = await Promise.allSettled(
      types.map((type) => askFollowingAliases(this.#transport, name, type, signal)),
    )
    const answers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const failure = results.find((result) => result.status === 'rejected')
    const values = answers.flatMap((answer) => answer.values.map((text) => InetAddress.fromString(text)))
    const addresses = values.filter((address) => address !== null)
    if (failure && addresses.length === 0) throw failure.reason
    // Half an answer is good enough to connect, but not to be kept. That a name has no address of one family is often
    // said without a time (no SOA); that must not keep the other family's addresses out of the cache.
    const telling =
      addresses.length > 0 ? answers.filter((answer) => answer.values.length > 0 || answer.ttl > 0) : answers
    return { values: addresses, ttl: failure ? 0 : Math.min(...telling.map((answer) => answer.ttl)) }
  }
}

/**
 * Whether a name from the network can be a host's. DNS itself takes any bytes; line breaks, quotes or slashes in a name
 * are meant for whoever prints it or builds a URI with it.
 */
function isHostname(name: string): boolean {
  return name.length <= 253 && /^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/i.test(name)
}

function hasUsableName(record: ResolverRecords[ResolverRecordType]): boolean {
  const name = 'hostname' in record ? record.hostname : 'targetName' in record ? record.targetName : '.'
  return name === '.' || isHostname(name)
}

/** The name under which DNS keeps the name of an address: RFC 1035 section 3.5, RFC 3596 section 2.5. */
export function reverseName(address: InetAddress): string {
  const bytes = address.toBytes()
  if (address.family === SocketFamily.IPV4) return `${[...bytes].reverse().join('.')}.in-addr.arpa`
  const nibbles = Buffer.from(bytes).toString('hex')
  return `${[...nibbles].reverse().join('.')}.ip6.arpa`
}
