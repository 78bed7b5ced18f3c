// Answers for the raw DNS server of test-support, made with dns-packet.

import dnsPacket from 'dns-packet'
import type { Answer, DecodedPacket } from 'dns-packet'

export interface DnsReply {
  readonly answers?: readonly Answer[]
  readonly authorities?: readonly Answer[]
  /** Default 0, NOERROR. */
  readonly rcode?: number
  readonly truncated?: boolean
  /** Sends an OPT record with this in it. */
  readonly extendedRcode?: number
  /** Default those of the query. */
  readonly id?: number
  readonly question?: { readonly name: string; readonly type: string } | null
}

export const RCODE = { FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const

export function reply(query: Buffer, given: DnsReply = {}): Buffer {
  const { id = 0, questions = [] } = dnsPacket.decode(query)
  const question = given.question === undefined ? questions : given.question === null ? [] : [given.question]
  return dnsPacket.encode({
    type: 'response',
    id: given.id ?? id,
    flags: dnsPacket.RECURSION_AVAILABLE | (given.truncated ? dnsPacket.TRUNCATED_RESPONSE : 0) | (given.rcode ?? 0),
    questions: question as NonNullable<DecodedPacket['questions']>,
    answers: [...(given.answers ?? [])],
    authorities: [...(given.authorities ?? [])],
    additionals: given.extendedRcode === undefined ? [] : [opt(given.extendedRcode)],
  })
}

const opt = (extendedRcode: number): Answer => ({
  type: 'OPT',
  name: '.',
  udpPayloadSize: 512,
  extendedRcode,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
})

/** The name and type that were asked about, such as 'A h.test'. */
export function questionOf(query: Buffer): string {
  const [question] = dnsPacket.decode(query).questions ?? []
  return `${question?.type} ${question?.name}`
}

export function hasEdns(query: Buffer): boolean {
  return (dnsPacket.decode(query).additionals ?? []).some((record) => record.type === 'OPT')
}

export const a = (name: string, data: string, ttl = 60): Answer => ({ type: 'A', name, data, ttl })
export const cname = (name: string, data: string, ttl = 60): Answer => ({ type: 'CNAME', name, data, ttl })
export const soa = (name: string, ttl: number, minimum: number): Answer => ({
  type: 'SOA',
  name,
  ttl,
  data: { mname: 'ns.test', rname: 'admin.test', serial: 1, refresh: 1, retry: 1, expire: 1, minimum },
})
