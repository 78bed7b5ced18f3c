// A distinguished name, comparable as RFC 5280 section 7.1 has it: case and runs of spaces do not count.
// Made by the decoders of certificates and revocation lists.

import { DerReader, DerTag, malformed } from './der-reader.ts'
import { COMMON_NAME_ATTRIBUTE, EMAIL_ADDRESS_ATTRIBUTE } from './object-identifiers.ts'

const RDN_SEPARATOR = '\0'
const ATTRIBUTE_SEPARATOR = '\u0001'

interface Attribute {
  readonly type: string
  /** As it stands; null for what is no text. */
  readonly text: string | null
  /** Comparable: folded text, or the encoding of what is no text. */
  readonly value: string
}

/** The name in one encoding; what is derived from it is derived once, when asked for. */
export class DistinguishedName {
  /** The DER encoding. */
  readonly raw: Buffer
  #rdns: readonly (readonly Attribute[])[] | undefined
  #rdnKeys: readonly string[] | undefined
  #key: string | undefined

  /** @param raw The DER encoding; decoded when first needed. */
  constructor(raw: Buffer) {
    this.raw = raw
  }

  /** Whether it names nothing. */
  get isEmpty(): boolean {
    return this.raw.length <= 2
  }

  /** Equal for equal names, whatever their encodings. @throws {TlsError} `BAD_CERTIFICATE` when malformed. */
  get key(): string {
    return (this.#key ??= this.rdnKeys.join(RDN_SEPARATOR))
  }

  /** One key for each level, from the top of the tree down. @throws {TlsError} `BAD_CERTIFICATE` when malformed. */
  get rdnKeys(): readonly string[] {
    return (this.#rdnKeys ??= this.#decoded.map(rdnKey))
  }

  /** How many levels it has. @throws {TlsError} `BAD_CERTIFICATE` when malformed. */
  get length(): number {
    return this.#decoded.length
  }

  /** The values of emailAddress attributes, as they stand. @throws {TlsError} `BAD_CERTIFICATE` when malformed. */
  get emailAddresses(): readonly string[] {
    return this.#texts(EMAIL_ADDRESS_ATTRIBUTE)
  }

  /** The values of commonName attributes, as they stand. @throws {TlsError} `BAD_CERTIFICATE` when malformed. */
  get commonNames(): readonly string[] {
    return this.#texts(COMMON_NAME_ATTRIBUTE)
  }

  /** Whether both name the same. @throws {TlsError} `BAD_CERTIFICATE` when one is malformed. */
  equals(other: DistinguishedName): boolean {
    return this.raw.equals(other.raw) || this.key === other.key
  }

  #texts(wanted: string): readonly string[] {
    return this.#decoded.flat().flatMap(({ type, text }) => (type === wanted && text !== null ? [text] : []))
  }

  get #decoded(): readonly (readonly Attribute[])[] {
    return (this.#rdns ??= decodeName(this.raw))
  }
}

function decodeName(raw: Buffer): readonly (readonly Attribute[])[] {
  const outer = new DerReader(raw)
  const name = outer.inside(DerTag.SEQUENCE)
  outer.end()
  const rdns = Array.from(name.rest(DerTag.SET), (contents) =>
    Array.from(new DerReader(contents).rest(DerTag.SEQUENCE), decodeAttribute),
  )
  if (rdns.some((attributes) => attributes.length === 0)) throw malformed('A distinguished name')
  return rdns
}

function decodeAttribute(contents: Buffer): Attribute {
  const reader = new DerReader(contents)
  const type = reader.oid()
  const { tag, contents: value, raw } = reader.element()
  reader.end()
  const text = decodeText(tag, value)
  return { type, text, value: text === null ? `#${raw.toString('hex')}` : foldText(text) }
}

function decodeText(tag: number, value: Buffer): string | null {
  switch (tag) {
    case DerTag.UTF8_STRING:
      return value.toString('utf8')
    case DerTag.PRINTABLE_STRING:
    case DerTag.IA5_STRING:
    case DerTag.TELETEX_STRING:
      return value.toString('latin1')
    case DerTag.BMP_STRING:
      return value.length % 2 === 0 ? Buffer.from(value).swap16().toString('utf16le') : null
    default:
      return null
  }
}

function foldText(text: string): string {
  // The separators of keys cannot stand in a value.
  return text
    .normalize('NFKC')
    .toLowerCase()
    .trim()
    .replace(/\s+/g, ' ')
    .replaceAll(RDN_SEPARATOR, ' ')
    .replaceAll(ATTRIBUTE_SEPARATOR, ' ')
}

function rdnKey(attributes: readonly Attribute[]): string {
  return attributes
    .map(({ type, value }) => `${type}=${value}`)
    .toSorted()
    .join(ATTRIBUTE_SEPARATOR)
}
