// Reads DER strictly, one element after the other: what is not the one allowed encoding is an error, so that no two
// libraries can see different things in the same bytes. Called by the decoders beside it.
// ITU-T X.690 sections 8 and 10.

import { TlsError } from '../errors.ts'

/** Identifier octets of the types X.509 uses. */
export const DerTag = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OID: 0x06,
  ENUMERATED: 0x0a,
  UTF8_STRING: 0x0c,
  PRINTABLE_STRING: 0x13,
  TELETEX_STRING: 0x14,
  IA5_STRING: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  UNIVERSAL_STRING: 0x1c,
  BMP_STRING: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const

const CONTEXT = 0x80
const CONSTRUCTED = 0x20
/** Longest length field read: four octets, more than any buffer holds. */
const MAX_LENGTH_OCTETS = 4

/** The identifier octet of `[number]` around a primitive value. */
export function contextTag(number: number): number {
  return CONTEXT | number
}

/** The identifier octet of `[number]` around a constructed value. */
export function constructedContextTag(number: number): number {
  return CONTEXT | CONSTRUCTED | number
}

export interface DerElement {
  /** The identifier octet. */
  readonly tag: number
  readonly contents: Buffer
  /** The whole encoding, identifier and length included. */
  readonly raw: Buffer
}

/** The error for bytes that are not what they should be. */
export function malformed(what: string): TlsError {
  return new TlsError('BAD_CERTIFICATE', `${what} is malformed.`)
}

/** A position in a run of DER elements. Every method throws TlsError `BAD_CERTIFICATE` for what it cannot read. */
export class DerReader {
  readonly #bytes: Buffer
  #offset = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Whether everything was read. */
  get atEnd(): boolean {
    return this.#offset >= this.#bytes.length
  }

  /** The identifier octet of the next element; -1 at the end. */
  get nextTag(): number {
    return this.#bytes[this.#offset] ?? -1
  }

  /** The next element, of whatever type. */
  element(): DerElement {
    const start = this.#offset
    const tag = this.#octet()
    if ((tag & 0x1f) === 0x1f) throw malformed('A tag')
    const length = this.#length()
    const end = this.#offset + length
    if (end > this.#bytes.length) throw malformed('A length')
    const contents = this.#bytes.subarray(this.#offset, end)
    this.#offset = end
    return { tag, contents, raw: this.#bytes.subarray(start, end) }
  }

  /** The contents of the next element, which must have `tag`. */
  read(tag: number): Buffer {
    if (this.nextTag !== tag) throw malformed('An element')
    return this.element().contents
  }

  /** The contents of the next element if it has `tag`, else null and nothing is read. */
  optional(tag: number): Buffer | null {
    return this.nextTag === tag ? this.element().contents : null
  }

  /** A reader inside the next element, which must have `tag`. */
  inside(tag: number): DerReader {
    return new DerReader(this.read(tag))
  }

  /** The elements up to the end, each of which must have `tag`. */
  *rest(tag: number): Generator<Buffer, void, undefined> {
    while (!this.atEnd) yield this.read(tag)
  }

  /** Says that nothing may follow. */
  end(): void {
    if (!this.atEnd) throw malformed('The end of an element')
  }

  /** In dotted form. */
  oid(): string {
    return decodeOid(this.read(DerTag.OID))
  }

  /** The octets of an integer in two's complement, at least one, without superfluous ones. */
  integer(): Buffer {
    const octets = this.read(DerTag.INTEGER)
    const [first, second = 0] = octets
    if (first === undefined) throw malformed('An integer')
    if (octets.length > 1 && (first === 0 ? second < 0x80 : first === 0xff && second >= 0x80)) {
      throw malformed('An integer')
    }
    return octets
  }

  /** An integer from 0 to 2^31 - 1; larger ones are given as 2^31 - 1, which stands for "very many". */
  count(tag: number = DerTag.INTEGER): number {
    const octets = tag === DerTag.INTEGER ? this.integer() : this.read(tag)
    const [first] = octets
    if (first === undefined || first >= 0x80) throw malformed('A number')
    return octets.length > 4 ? 0x7fffffff : octets.readUIntBE(0, octets.length)
  }

  /** A BOOLEAN if one comes next, else its default, false; which many certificates write out, though DER does not. */
  flag(): boolean {
    const octets = this.optional(DerTag.BOOLEAN)
    if (octets === null) return false
    const [value] = octets
    if (octets.length !== 1 || (value !== 0xff && value !== 0)) throw malformed('A boolean')
    return value === 0xff
  }

  /** The octets of a BIT STRING that is a whole number of octets. */
  bitStringOctets(): Buffer {
    const octets = this.read(DerTag.BIT_STRING)
    if (octets[0] !== 0) throw malformed('A bit string')
    return octets.subarray(1)
  }

  /** The first 16 named bits of a BIT STRING; bit 0 is the lowest. */
  namedBits(tag: number = DerTag.BIT_STRING): number {
    const octets = this.read(tag)
    const unused = octets[0] ?? 8
    if (unused > 7 || (octets.length === 1 && unused !== 0)) throw malformed('A bit string')
    let bits = 0
    for (let bit = 0; bit < Math.min(16, (octets.length - 1) * 8 - unused); bit++) {
      if (((octets[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0) bits |= 1 << bit
    }
    return bits
  }

  /** A UTCTime or GeneralizedTime, in milliseconds since the epoch. RFC 5280 section 4.1.2.5. */
  time(): number {
    const { tag, contents } = this.element()
    if (tag === DerTag.UTC_TIME) return utcTime(contents.toString('latin1'))
    if (tag === DerTag.GENERALIZED_TIME) return generalizedTime(contents.toString('latin1'))
    throw malformed('A time')
  }

  #octet(): number {
    const octet = this.#bytes[this.#offset++]
    if (octet === undefined) throw malformed('The end of the data')
    return octet
  }

  #length(): number {
    const first = this.#octet()
    if (first < 0x80) return first
    const count = first & 0x7f
    if (count === 0 || count > MAX_LENGTH_OCTETS) throw malformed('A length')
    let length = 0
    for (let index = 0; index < count; index++) length = length * 256 + this.#octet()
    if (length < 0x80 || length < 256 ** (count - 1)) throw malformed('A length')
    return length
  }
}

function decodeOid(octets: Buffer): string {
  if (octets.length === 0 || ((octets.at(-1) ?? 0) & 0x80) !== 0) throw malformed('An object identifier')
  const arcs: number[] = []
  let arc = 0
  for (const octet of octets) {
    if (arc === 0 && octet === 0x80) throw malformed('An object identifier')
    arc = arc * 128 + (octet & 0x7f)
    if (arc > Number.MAX_SAFE_INTEGER) throw malformed('An object identifier')
    if ((octet & 0x80) !== 0) continue
    if (arcs.length === 0) {
      const root = Math.min(2, Math.floor(arc / 40))
      arcs.push(root, arc - root * 40)
    } else {
      arcs.push(arc)
    }
    arc = 0
  }
  return arcs.join('.')
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/

function utcTime(text: string): number {
  const match = UTC_TIME.exec(text)
  if (match === null) throw malformed('A time')
  const year = Number(match[1])
  return milliseconds(year < 50 ? 2000 + year : 1900 + year, match)
}

function generalizedTime(text: string): number {
  const match = GENERALIZED_TIME.exec(text)
  if (match === null) throw malformed('A time')
  return milliseconds(Number(match[1]), match)
}

function milliseconds(year: number, [, , month, day, hour, minute, second]: RegExpExecArray): number {
  const date = new Date(0)
  date.setUTCFullYear(year, Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute), Number(second))
  // A month of 13 or a second of 61 would have carried over.
  const exact =
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60
  if (!exact || Number(second) > 59) throw malformed('A time')
  return date.getTime()
}
