// A certificate revocation list: decoded, and asked about certificates by revocation-check.ts. Held by TlsDatabase.
// RFC 5280 section 5. Delta and indirect lists are not supported: they cannot be judged by themselves.

import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import { pemBlocks } from '../certificates/pem.ts'
import { TlsError } from '../errors.ts'
import type { RawExtension } from '../verification/certificate-extensions.ts'
import {
  type AlgorithmIdentifier,
  algorithmIdentifier,
  distinguishedName,
  rawExtensions,
} from '../verification/decoded-certificate.ts'
import { constructedContextTag, contextTag, DerReader, DerTag, malformed } from '../verification/der-reader.ts'
import type { DistinguishedName } from '../verification/distinguished-name.ts'
import { ExtensionOid } from '../verification/object-identifiers.ts'
import { verifySignedData } from './verify-signed-data.ts'

/** Larger lists than the web's authorities publish are more likely an attack on memory. */
const MAXIMUM_BYTES = 64 * 1024 * 1024

/** A list as its authority published it. Immutable; its entries are read when first asked for. */
export class CertificateRevocationList {
  /** The DER encoding. */
  readonly der: Buffer
  readonly issuer: DistinguishedName
  /** When it was published, in milliseconds since the epoch. */
  readonly thisUpdate: number
  /** When the next one will be, in milliseconds since the epoch; null when it does not say. */
  readonly nextUpdate: number | null
  /** Of the key it was signed with, or null. */
  readonly authorityKeyIdentifier: Buffer | null
  /** Whether it follows RFC 5280: has a number, and demands nothing that is not understood here. */
  readonly isUsable: boolean
  readonly #signed: Buffer
  readonly #algorithm: AlgorithmIdentifier
  readonly #signature: Buffer
  readonly #entries: Buffer | null
  #serialNumbers: ReadonlySet<string> | undefined
  readonly #signers = new WeakMap<TlsCertificate, boolean>()

  /**
   * @param list DER, or PEM with the label `X509 CRL`.
   * @throws {TlsError} `BAD_CERTIFICATE` when it cannot be decoded.
   */
  constructor(list: Uint8Array | string) {
    this.der = typeof list === 'string' ? derOf(list) : Buffer.from(list)
    if (this.der.length > MAXIMUM_BYTES) throw new TlsError('BAD_CERTIFICATE', 'A revocation list is too large.')
    const outer = new DerReader(this.der)
    const whole = outer.inside(DerTag.SEQUENCE)
    outer.end()
    const signed = whole.element()
    if (signed.tag !== DerTag.SEQUENCE) throw malformed('A revocation list')
    this.#signed = signed.raw
    this.#algorithm = algorithmIdentifier(whole)
    this.#signature = whole.bitStringOctets()
    whole.end()

    const reader = new DerReader(signed.contents)
    if (reader.nextTag === DerTag.INTEGER && reader.count() !== 1) throw malformed('A revocation list')
    const algorithmsAgree = algorithmIdentifier(reader).raw.equals(this.#algorithm.raw)
    this.issuer = distinguishedName(reader)
    this.thisUpdate = reader.time()
    this.nextUpdate = isTime(reader.nextTag) ? reader.time() : null
    this.#entries = reader.optional(DerTag.SEQUENCE)
    const extensions = rawExtensions(reader.optional(constructedContextTag(0)))
    reader.end()
    this.authorityKeyIdentifier = keyIdentifierOf(extensions)
    this.isUsable = algorithmsAgree && hasUsableExtensions(extensions)
  }

  /** Every list of `pem`; other blocks are skipped. @throws {TlsError} `BAD_CERTIFICATE` when one cannot be decoded. */
  static listFromPem(pem: string): readonly CertificateRevocationList[] {
    return listBlocks(pem).map((block) => new CertificateRevocationList(block))
  }

  /**
   * Whether the certificate with `serialNumber` (two's complement octets) of this issuer is on the list.
   *
   * @throws {TlsError} `BAD_CERTIFICATE` when an entry is malformed or is one for another issuer.
   */
  has(serialNumber: Buffer): boolean {
    this.#serialNumbers ??= readSerialNumbers(this.#entries)
    return this.#serialNumbers.has(serialNumber.toString('latin1'))
  }

  /** Whether `issuer` signed the list, with an algorithm that is strong enough. Found out once for each issuer. */
  isSignedBy(issuer: TlsCertificate): boolean {
    let known = this.#signers.get(issuer)
    if (known === undefined) {
      known = this.#verify(issuer)
      this.#signers.set(issuer, known)
    }
    return known
  }

  #verify(issuer: TlsCertificate): boolean {
    try {
      const signed = { data: this.#signed, algorithm: this.#algorithm, signature: this.#signature }
      return verifySignedData(signed, issuer.x509.publicKey)
    } catch {
      return false // A key or an algorithm that cannot be read has signed nothing.
    }
  }
}

/** The revocation lists of `pem`, each as PEM text of its own; nothing is decoded. */
export function listBlocks(pem: string): readonly string[] {
  return pemBlocks(pem)
    .filter(({ label }) => label === 'X509 CRL')
    .map(({ text }) => text)
}

function derOf(pem: string): Buffer {
  const [block] = listBlocks(pem)
  if (block === undefined) throw new TlsError('BAD_CERTIFICATE', 'There is no revocation list in the text.')
  return Buffer.from(block.replace(/-----[^-]*-----/g, ''), 'base64')
}

function isTime(tag: number): boolean {
  return tag === DerTag.UTC_TIME || tag === DerTag.GENERALIZED_TIME
}

/** The entries' serial numbers. A list may be large, so that the octets are kept as short strings in one set. */
function readSerialNumbers(entries: Buffer | null): ReadonlySet<string> {
  const serialNumbers = new Set<string>()
  if (entries === null) return serialNumbers
  for (const contents of new DerReader(entries).rest(DerTag.SEQUENCE)) {
    const entry = new DerReader(contents)
    serialNumbers.add(entry.integer().toString('latin1'))
    entry.time()
    const extensions = entry.optional(DerTag.SEQUENCE)
    entry.end()
    if (extensions !== null) checkEntryExtensions(extensions)
  }
  return serialNumbers
}

/** The one critical extension of an entry says that it is about another issuer's certificate. */
function checkEntryExtensions(contents: Buffer): void {
  for (const extension of new DerReader(contents).rest(DerTag.SEQUENCE)) {
    const reader = new DerReader(extension)
    reader.oid()
    if (reader.flag()) throw malformed('An entry of a revocation list')
    reader.read(DerTag.OCTET_STRING)
    reader.end()
  }
}

function keyIdentifierOf(extensions: readonly RawExtension[]): Buffer | null {
  const extension = extensions.find(({ oid }) => oid === ExtensionOid.AUTHORITY_KEY_IDENTIFIER)
  if (extension === undefined) return null
  return new DerReader(extension.value).inside(DerTag.SEQUENCE).optional(contextTag(0))
}

function hasUsableExtensions(extensions: readonly RawExtension[]): boolean {
  if (new Set(extensions.map(({ oid }) => oid)).size !== extensions.length) return false
  const number = extensions.find(({ oid }) => oid === ExtensionOid.CRL_NUMBER)
  if (number === undefined || number.critical || !isNumber(number.value)) return false
  return extensions.every(
    ({ oid, critical, value }) => !critical || (oid === ExtensionOid.ISSUING_DISTRIBUTION_POINT && isDirect(value)),
  )
}

/** Not negative, of 20 octets at most. */
function isNumber(value: Buffer): boolean {
  try {
    const octets = new DerReader(value).integer()
    return octets.length <= 20 && (octets[0] ?? 0) < 0x80
  } catch {
    return false
  }
}

/** Whether the list, which may be about a part of the issuer's certificates, is about no other issuer's. */
function isDirect(value: Buffer): boolean {
  try {
    const point = new DerReader(value).inside(DerTag.SEQUENCE)
    while (!point.atEnd) if (point.element().tag === contextTag(4)) return false
    return true
  } catch {
    return false
  }
}
