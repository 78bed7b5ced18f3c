// Writes BER anew as DER, as far as PKCS#12 needs it: lengths that are left open, and octets in pieces, as Mozilla's NSS
// writes them. What is read afterwards can be read strictly.
// ITU-T X.690 sections 8.1.3.6, 8.7.3 and 10.

import { DerTag, malformed } from '../verification/der-reader.ts'

const CONSTRUCTED = 0x20
const LONG_TAG = 0x1f
const OPEN_LENGTH = 0x80
const MAXIMUM_LENGTH_OCTETS = 4
/** Real files have some ten levels. */
const MAXIMUM_DEPTH = 40

/**
 * One element in DER.
 *
 * @throws {TlsError} `BAD_CERTIFICATE` when `bytes` is not exactly one element, or nested too deeply.
 */
export function berToDer(bytes: Uint8Array): Buffer {
  const { der, end } = convert(Buffer.from(bytes), 0, MAXIMUM_DEPTH)
  if (end !== bytes.length) throw malformed('The end of an element')
  return der
}

/** One element in DER: its identifier octet, its length in as few octets as possible, its contents. */
export function derElement(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, part) => sum + part.length, 0)
  const octets: number[] = []
  for (let left = length; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256)
  const header = length < OPEN_LENGTH ? [tag, length] : [tag, OPEN_LENGTH | octets.length, ...octets]
  return Buffer.concat([Buffer.from(header), ...contents])
}

interface Converted {
  readonly der: Buffer
  /** Where the next element begins. */
  readonly end: number
}

function convert(bytes: Buffer, start: number, depth: number): Converted {
  const tag = bytes[start] ?? LONG_TAG
  if ((tag & LONG_TAG) === LONG_TAG || depth === 0) throw malformed('A tag')
  const { length, begin } = readLength(bytes, start + 1)
  if (length !== null && begin + length > bytes.length) throw malformed('A length')
  if ((tag & CONSTRUCTED) === 0) {
    if (length === null) throw malformed('A length')
    const end = begin + length
    return { der: derElement(tag, bytes.subarray(begin, end)), end }
  }
  const { children, end } = convertChildren(bytes, begin, length, depth - 1)
  if (tag !== (DerTag.OCTET_STRING | CONSTRUCTED)) return { der: derElement(tag, Buffer.concat(children)), end }
  return { der: derElement(DerTag.OCTET_STRING, Buffer.concat(children.map(octetsOf))), end }
}

function convertChildren(
  bytes: Buffer,
  begin: number,
  length: number | null,
  depth: number,
): { readonly children: readonly Buffer[]; readonly end: number } {
  const children: Buffer[] = []
  // No element may reach beyond the one it is in.
  const within = length === null ? bytes : bytes.subarray(0, begin + length)
  let at = begin
  while (length === null ? !isEndOfContents(bytes, at) : at < begin + length) {
    const { der, end } = convert(within, at, depth)
    children.push(der)
    at = end
  }
  return { children, end: length === null ? at + 2 : at }
}

function isEndOfContents(bytes: Buffer, at: number): boolean {
  if (at >= bytes.length) throw malformed('The end of the data')
  return bytes[at] === 0 && bytes[at + 1] === 0
}

/** The contents of a piece, which has been made primitive. */
function octetsOf(piece: Buffer): Buffer {
  if (piece[0] !== DerTag.OCTET_STRING) throw malformed('A string of octets')
  return piece.subarray(readLength(piece, 1).begin)
}

/** The length, null when it is left open, and where the contents begin. */
function readLength(bytes: Buffer, at: number): { readonly length: number | null; readonly begin: number } {
  const first = bytes[at]
  if (first === undefined) throw malformed('The end of the data')
  if (first < OPEN_LENGTH) return { length: first, begin: at + 1 }
  if (first === OPEN_LENGTH) return { length: null, begin: at + 1 }
  const count = first & 0x7f
  if (count > MAXIMUM_LENGTH_OCTETS || at + count >= bytes.length) throw malformed('A length')
  return { length: bytes.readUIntBE(at + 1, count), begin: at + 1 + count }
}
