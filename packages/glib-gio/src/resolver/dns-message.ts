// DNS messages between bytes and objects, by dns-packet. The only file that knows that library; its shortcomings (no
// SVCB, no bound on what it decodes) are made up for here and in check-message-shape.ts. RFC 1035 section 4, RFC 6891 (EDNS), RFC 8467 (padding).

import dnsPacket from 'dns-packet'
import type { Answer, DecodedPacket, OptAnswer, RecordType } from 'dns-packet'
import { checkMessageShape } from './check-message-shape.ts'
import { decodeServiceBinding } from './service-binding.ts'
import type { ServiceBinding } from './service-binding.ts'

/** Record types that this library asks for. */
export const DNS_TYPES = ['A', 'AAAA', 'PTR', 'SRV', 'MX', 'TXT', 'SOA', 'NS', 'SVCB', 'HTTPS'] as const
export type DnsType = (typeof DNS_TYPES)[number]

export interface DnsQuestion {
  /** Without the last dot. */
  readonly name: string
  readonly type: DnsType
}

/** What each type of record carries. */
interface DnsData {
  readonly A: string
  readonly AAAA: string
  readonly CNAME: string
  readonly PTR: string
  readonly NS: string
  readonly SRV: { readonly priority: number; readonly weight: number; readonly port: number; readonly target: string }
  readonly MX: { readonly preference: number; readonly exchange: string }
  readonly TXT: readonly Buffer[]
  readonly SOA: {
    readonly mname: string
    readonly rname: string
    readonly serial: number
    readonly refresh: number
    readonly retry: number
    readonly expire: number
    readonly minimum: number
  }
  readonly SVCB: ServiceBinding
  readonly HTTPS: ServiceBinding
}

/** One record of a type that is understood here. */
export type DnsRecord = {
  [Type in keyof DnsData]: {
    readonly type: Type
    /** Lower case. */
    readonly name: string
    /** Seconds. */
    readonly ttl: number
    readonly data: DnsData[Type]
  }
}[keyof DnsData]

/** An answer from a server. */
export interface DnsMessage {
  readonly id: number
  /** 'NOERROR', 'NXDOMAIN', 'SERVFAIL', … */
  readonly rcode: string
  /** Only part of the answer fitted; ask again over TCP. */
  readonly truncated: boolean
  readonly answers: readonly DnsRecord[]
  readonly authorities: readonly DnsRecord[]
}

/** What a UDP datagram may hold without being cut into fragments on its way (DNS flag day 2020). */
export const EDNS_UDP_SIZE = 1232
/** A TTL is a 31 bit number; one with the sign bit means 0 (RFC 2181 section 8). */
const MAX_TTL = 0x7fffffff

const UNDERSTOOD: ReadonlySet<string> = new Set([...DNS_TYPES, 'CNAME'])
/** What the library calls the types that it does not know. */
const FOREIGN_NAMES: Readonly<Record<string, string>> = { SVCB: 'UNKNOWN_64', HTTPS: 'UNKNOWN_65' }
const OWN_NAMES: Readonly<Record<string, string>> = { UNKNOWN_64: 'SVCB', UNKNOWN_65: 'HTTPS' }

export interface EncodeOptions {
  /** Send EDNS: larger answers over UDP. */
  readonly edns: boolean
  /** Pad to a multiple of this many bytes, so that who listens in cannot tell names by their length. */
  readonly padTo?: number
}

/** A question with recursion desired. */
export function encodeQuestion(question: DnsQuestion, id: number, options: EncodeOptions): Buffer {
  const encode = (padding: number | null): Buffer =>
    dnsPacket.encode({
      type: 'query',
      id,
      flags: dnsPacket.RECURSION_DESIRED,
      questions: [{ name: question.name, type: foreignType(question.type), class: 'IN' }],
      additionals: options.edns ? [edns(padding)] : [],
    })
  const plain = encode(null)
  if (!options.edns || !options.padTo) return plain
  const withOption = plain.length + 4
  return encode((options.padTo - (withOption % options.padTo)) % options.padTo)
}

function edns(padding: number | null): OptAnswer {
  const options: OptAnswer['options'] = padding === null ? [] : [{ code: 12, data: Buffer.alloc(padding) }]
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: EDNS_UDP_SIZE,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options,
  }
}

/**
 * Reads an answer to `question`.
 *
 * @returns null when `bytes` answer another question, or none: they are no business of who asked (RFC 5452 section 4).
 * @throws {RangeError} The answer is not in the format of RFC 1035, or has too many records.
 */
export function decodeAnswer(bytes: Buffer, question: DnsQuestion, id: number): DnsMessage | null {
  if (bytes.length < 12 || bytes.readUInt16BE(0) !== id || (bytes.readUInt8(2) & 0x80) === 0) return null
  const packet = decode(bytes)
  const [asked, ...others] = packet.questions ?? []
  // A server that could not read the question at all may answer without it (FORMERR); what settles a question names it.
  const rcode = rcodeOf(packet)
  if (others.length > 0 || (!asked && (rcode === 'NOERROR' || rcode === 'NXDOMAIN'))) return null
  if (asked && (canonicalName(asked.name) !== canonicalName(question.name) || asked.class !== 'IN')) return null
  if (asked && asked.type !== foreignType(question.type)) return null
  return {
    id,
    rcode,
    truncated: packet.flag_tc,
    answers: (packet.answers ?? []).flatMap(toRecord),
    authorities: (packet.authorities ?? []).flatMap(toRecord),
  }
}

/** With EDNS the number has eight more bits, in the OPT record; 16, "BADVERS", is the only one that matters here. */
function rcodeOf(packet: DecodedPacket & { readonly rcode?: string }): string {
  const opt = packet.additionals?.find((record) => record.type === 'OPT')
  return opt && opt.extendedRcode !== 0 ? 'BADVERS' : (packet.rcode ?? 'SERVFAIL')
}

function decode(bytes: Buffer): DecodedPacket & { readonly rcode?: string } {
  const end = checkMessageShape(bytes)
  try {
    const packet = dnsPacket.decode(bytes)
    if (dnsPacket.decode.bytes === end) return packet
  } catch (cause) {
    throw new RangeError('The DNS answer is malformed.', { cause })
  }
  throw new RangeError('The DNS answer has a record of the wrong length.')
}

/** Lower case and without the last dot, as names are compared. */
export function canonicalName(name: string): string {
  return name.replace(/\.$/, '').toLowerCase()
}

/** What is not understood here is left out. */
function toRecord(answer: Answer): DnsRecord[] {
  if (answer.type === 'OPT' || answer.class !== 'IN') return []
  const type = OWN_NAMES[answer.type] ?? answer.type
  if (!UNDERSTOOD.has(type)) return []
  const ttl = answer.ttl ?? 0
  const common = { name: canonicalName(answer.name), ttl: ttl > MAX_TTL ? 0 : ttl }
  const isBinding = type === 'SVCB' || type === 'HTTPS'
  const { data } = answer as { data: unknown }
  return [{ ...common, type, data: isBinding ? decodeServiceBinding(data as Uint8Array) : data } as DnsRecord]
}

function foreignType(type: DnsType): RecordType {
  return (FOREIGN_NAMES[type] ?? type) as RecordType
}
