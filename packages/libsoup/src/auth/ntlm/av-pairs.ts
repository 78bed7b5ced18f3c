// The attribute-value pairs by which an NTLM server describes itself and the client answers. Used by the challenge and
// by the response. MS-NLMP section 2.2.2.1.

import { NtlmError } from './ntlm-error.ts'

export const AvId = {
  EOL: 0,
  NB_COMPUTER_NAME: 1,
  NB_DOMAIN_NAME: 2,
  DNS_COMPUTER_NAME: 3,
  DNS_DOMAIN_NAME: 4,
  DNS_TREE_NAME: 5,
  FLAGS: 6,
  TIMESTAMP: 7,
  SINGLE_HOST: 8,
  TARGET_NAME: 9,
  CHANNEL_BINDINGS: 10,
} as const

/** A bit of the pair FLAGS: the AUTHENTICATE_MESSAGE carries a MIC. */
export const AV_FLAG_MIC_PRESENT = 0x2

const HEADER_BYTES = 4
/** More than any server has use for. */
const MAX_PAIRS = 64

export interface AvPair {
  readonly id: number
  readonly value: Buffer
}

/**
 * The pairs in `bytes`, in their order, without the EOL that must end them. What stands behind it is not looked at.
 *
 * @throws {NtlmError} When they are cut off, doubled, too many, or of the wrong size for what they are.
 */
export function parseAvPairs(bytes: Buffer): AvPair[] {
  const pairs: AvPair[] = []
  const seen = new Set<number>()
  for (let offset = 0; offset + HEADER_BYTES <= bytes.length;) {
    const id = bytes.readUInt16LE(offset)
    const length = bytes.readUInt16LE(offset + 2)
    offset += HEADER_BYTES
    if (id === AvId.EOL) return pairs
    if (length > bytes.length - offset) throw new NtlmError('An attribute of the NTLM challenge is cut off.')
    if (!hasRightSize(id, length)) throw new NtlmError('An attribute of the NTLM challenge has the wrong size.')
    if (seen.has(id)) throw new NtlmError('An attribute of the NTLM challenge comes twice.')
    if (pairs.length === MAX_PAIRS) throw new NtlmError('The NTLM challenge has too many attributes.')
    seen.add(id)
    pairs.push({ id, value: bytes.subarray(offset, offset + length) })
    offset += length
  }
  throw new NtlmError('The attributes of the NTLM challenge have no end.')
}

/** The pairs in wire form, ended by an EOL. */
export function writeAvPairs(pairs: readonly AvPair[]): Buffer {
  const parts: Buffer[] = []
  for (const { id, value } of [...pairs, { id: AvId.EOL, value: Buffer.alloc(0) }]) {
    const header = Buffer.alloc(HEADER_BYTES)
    header.writeUInt16LE(id)
    header.writeUInt16LE(value.length, 2)
    parts.push(header, value)
  }
  return Buffer.concat(parts)
}

/** The value of one pair, or null. */
export function findAvPair(pairs: readonly AvPair[], id: number): Buffer | null {
  return pairs.find((pair) => pair.id === id)?.value ?? null
}

function hasRightSize(id: number, length: number): boolean {
  switch (id) {
    case AvId.FLAGS:
      return length === 4
    case AvId.TIMESTAMP:
      return length === 8
    case AvId.CHANNEL_BINDINGS:
      return length === 16
    case AvId.NB_COMPUTER_NAME:
    case AvId.NB_DOMAIN_NAME:
    case AvId.DNS_COMPUTER_NAME:
    case AvId.DNS_DOMAIN_NAME:
    case AvId.DNS_TREE_NAME:
    case AvId.TARGET_NAME:
      return length % 2 === 0 // UTF-16
    default:
      return true
  }
}
