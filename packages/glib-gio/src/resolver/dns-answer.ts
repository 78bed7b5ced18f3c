// Finds the answer to a question in what a DNS server sent, and how long it holds. Called by DnsSource.
// RFC 1034 section 4.3.2 and RFC 2181 section 10.1 (aliases), RFC 2308 (answers that say no).

import type { DnsMessage, DnsQuestion, DnsRecord } from './dns-message.ts'
import { canonicalName } from './dns-message.ts'
import type { DnsTransport } from './dns-transport.ts'
import type { ResolverAnswer } from './resolver-answer.ts'
import { ResolverError } from './resolver-error.ts'

export type DnsDataOf<Type extends DnsRecord['type']> = Extract<DnsRecord, { type: Type }>['data']

/** Aliases that are followed for one question. Nobody needs more than a handful; BIND stops at 16. */
const MAX_ALIASES = 16
/** Longest time an answer is kept, as in unbound: a day. */
const MAX_TTL = 86_400
/** Longest time a "no" is kept: RFC 2308 section 5 found one to three hours to work well. */
const MAX_NEGATIVE_TTL = 3 * 3600

/**
 * All records of the question's type, following aliases (CNAME): those in the answer first, and asking for what is
 * missing. Records under any other name are not looked at.
 *
 * @throws {ResolverError} `TEMPORARY_FAILURE`: the aliases lead in a circle or are too many; see {@link DnsTransport}.
 */
export async function askFollowingAliases<Type extends DnsQuestion['type']>(
  transport: DnsTransport,
  name: string,
  type: Type,
  signal: AbortSignal,
): Promise<ResolverAnswer<DnsDataOf<Type>>> {
  const seen = new Set([canonicalName(name)])
  let ttl = MAX_TTL
  let current = canonicalName(name)
  for (;;) {
    const message = await transport.query({ name: current, type }, { signal })
    const asked = current
    for (let alias = aliasOf(message, current); alias; alias = aliasOf(message, current)) {
      current = canonicalName(alias.data)
      ttl = Math.min(ttl, alias.ttl)
      if (seen.has(current) || seen.size > MAX_ALIASES) {
        throw ResolverError.temporaryFailure(name, { cause: new Error('The aliases of this name lead nowhere.') })
      }
      seen.add(current)
    }
    const found = message.answers.filter((record) => record.name === current && record.type === type)
    if (found.length > 0) {
      ttl = Math.min(ttl, ...found.map((record) => record.ttl))
      return { values: found.map((record) => record.data as DnsDataOf<Type>), ttl }
    }
    // A recursive server sends the whole chain; one that did not says nothing about its end.
    const denied = message.rcode === 'NXDOMAIN' || message.authorities.some((record) => record.type === 'SOA')
    if (denied || current === asked) return { values: [], ttl: Math.min(ttl, negativeTtl(message)) }
  }
}

function aliasOf(message: DnsMessage, name: string): Extract<DnsRecord, { type: 'CNAME' }> | undefined {
  return message.answers.find((record) => record.type === 'CNAME' && record.name === name) as
    Extract<DnsRecord, { type: 'CNAME' }> | undefined
}

/** RFC 2308 section 5: the SOA record says how long; without one, the answer is not to be kept. */
function negativeTtl(message: DnsMessage): number {
  const soa = message.authorities.find((record) => record.type === 'SOA')
  return soa ? Math.min(soa.ttl, soa.data.minimum, MAX_NEGATIVE_TTL) : 0
}
