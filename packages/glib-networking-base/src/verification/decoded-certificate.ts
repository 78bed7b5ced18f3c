// A certificate as verification sees it, decoded once from its DER form. Called by everything beside it.
// RFC 5280 section 4.1.

import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import { TlsError } from '../errors.ts'
import { type CertificateExtensions, decodeExtensions, type RawExtension } from './certificate-extensions.ts'
import { constructedContextTag, contextTag, DerReader, DerTag, malformed } from './der-reader.ts'
import { DistinguishedName } from './distinguished-name.ts'

export interface AlgorithmIdentifier {
  readonly oid: string
  /** The DER encoding of the parameters; empty when there are none. */
  readonly parameters: Buffer
  /** The whole DER encoding. */
  readonly raw: Buffer
}

export interface SubjectPublicKey {
  readonly algorithm: AlgorithmIdentifier
  readonly key: Buffer
  /** The DER encoding of the whole subjectPublicKeyInfo. */
  readonly raw: Buffer
}

const NO_EXTENSIONS: CertificateExtensions = decodeExtensions([])
const decodedCertificates = new WeakMap<TlsCertificate, DecodedCertificate | TlsError>()

/** The fields of a certificate; nothing is judged yet. */
export class DecodedCertificate {
  /** What was decoded. */
  readonly certificate: TlsCertificate
  /** 1, 2 or 3. */
  readonly version: number
  /** The octets in two's complement. */
  readonly serialNumber: Buffer
  /** The one the signature was made with, which the signature covers. */
  readonly signatureAlgorithm: AlgorithmIdentifier
  /** Whether the certificate names the same algorithm outside of what is signed, as it must. */
  readonly signatureAlgorithmsAgree: boolean
  readonly issuer: DistinguishedName
  /** The first and the last moment of validity, in milliseconds since the epoch. */
  readonly notBefore: number
  readonly notAfter: number
  readonly subject: DistinguishedName
  readonly publicKey: SubjectPublicKey
  readonly rawExtensions: readonly RawExtension[]
  /** All null when {@link DecodedCertificate.hasMalformedExtensions}. */
  readonly extensions: CertificateExtensions
  /** Whether an extension is malformed or there twice; nothing in such a certificate can be relied on. */
  readonly hasMalformedExtensions: boolean

  /** @throws {TlsError} `BAD_CERTIFICATE` when it is no certificate. */
  private constructor(certificate: TlsCertificate) {
    this.certificate = certificate
    const outer = new DerReader(certificate.certificate)
    const whole = outer.inside(DerTag.SEQUENCE)
    outer.end()
    const signed = whole.inside(DerTag.SEQUENCE)
    const outerAlgorithm = algorithmIdentifier(whole)
    whole.bitStringOctets()
    whole.end()

    this.version = version(signed)
    this.serialNumber = signed.integer()
    this.signatureAlgorithm = algorithmIdentifier(signed)
    this.signatureAlgorithmsAgree = outerAlgorithm.raw.equals(this.signatureAlgorithm.raw)
    this.issuer = distinguishedName(signed)
    const validity = signed.inside(DerTag.SEQUENCE)
    this.notBefore = validity.time()
    this.notAfter = validity.time()
    validity.end()
    this.subject = distinguishedName(signed)
    this.publicKey = subjectPublicKey(signed)
    signed.optional(contextTag(1)) // Unique identifiers, which RFC 5280 wants nobody to use.
    signed.optional(contextTag(2))
    this.rawExtensions = rawExtensions(signed.optional(constructedContextTag(3)))
    signed.end()

    const extensions = readableExtensions(this.rawExtensions)
    this.hasMalformedExtensions = extensions === null
    this.extensions = extensions ?? NO_EXTENSIONS
  }

  /**
   * Decodes `certificate`, once.
   *
   * @throws {TlsError} `BAD_CERTIFICATE` when it is no certificate.
   */
  static of(certificate: TlsCertificate): DecodedCertificate {
    let decoded = decodedCertificates.get(certificate)
    if (decoded === undefined) {
      decoded = decode(() => new DecodedCertificate(certificate))
      decodedCertificates.set(certificate, decoded)
    }
    if (decoded instanceof TlsError) throw decoded
    return decoded
  }

  /** Whether subject and issuer are the same name. */
  get isSelfIssued(): boolean {
    return this.subject.equals(this.issuer)
  }

  /** Whether the certificate says it may issue others. */
  get isAuthority(): boolean {
    return this.extensions.basicConstraints?.ca === true
  }

  /** Whether both are the same, byte for byte. */
  isSame(other: DecodedCertificate): boolean {
    return this.certificate.certificate.equals(other.certificate.certificate)
  }
}

/** Like {@link DecodedCertificate.of}, with null for what cannot be decoded. */
export function decodeOrNull(certificate: TlsCertificate): DecodedCertificate | null {
  const decoded = decode(() => DecodedCertificate.of(certificate))
  return decoded instanceof TlsError ? null : decoded
}

function decode<T>(make: () => T): T | TlsError {
  try {
    return make()
  } catch (error) {
    if (error instanceof TlsError) return error
    throw error
  }
}

function version(signed: DerReader): number {
  const explicit = signed.optional(constructedContextTag(0))
  if (explicit === null) return 1
  const reader = new DerReader(explicit)
  const number = reader.count() + 1
  reader.end()
  if (number < 2 || number > 3) throw malformed('A version')
  return number
}

/** Reads an AlgorithmIdentifier. @throws {TlsError} `BAD_CERTIFICATE` when malformed. */
export function algorithmIdentifier(reader: DerReader): AlgorithmIdentifier {
  if (reader.nextTag !== DerTag.SEQUENCE) throw malformed('An algorithm')
  const { contents, raw } = reader.element()
  const inner = new DerReader(contents)
  const oid = inner.oid()
  const parameters = inner.atEnd ? contents.subarray(contents.length) : inner.element().raw
  inner.end()
  return { oid, parameters, raw }
}

/** Reads a Name; what it consists of is decoded now. @throws {TlsError} `BAD_CERTIFICATE` when malformed. */
export function distinguishedName(reader: DerReader): DistinguishedName {
  if (reader.nextTag !== DerTag.SEQUENCE) throw malformed('A name')
  const name = new DistinguishedName(reader.element().raw)
  void name.key
  return name
}

function subjectPublicKey(reader: DerReader): SubjectPublicKey {
  if (reader.nextTag !== DerTag.SEQUENCE) throw malformed('A public key')
  const { contents, raw } = reader.element()
  const inner = new DerReader(contents)
  const algorithm = algorithmIdentifier(inner)
  const key = inner.bitStringOctets()
  inner.end()
  return { algorithm, key, raw }
}

/** Reads a list of extensions, at least one if there is a list. @throws {TlsError} `BAD_CERTIFICATE` when malformed. */
export function rawExtensions(explicit: Buffer | null): readonly RawExtension[] {
  if (explicit === null) return []
  const outer = new DerReader(explicit)
  const list = outer.inside(DerTag.SEQUENCE)
  outer.end()
  const extensions = Array.from(list.rest(DerTag.SEQUENCE), (contents) => {
    const reader = new DerReader(contents)
    const extension = { oid: reader.oid(), critical: reader.flag(), value: reader.read(DerTag.OCTET_STRING) }
    reader.end()
    return extension
  })
  if (extensions.length === 0) throw malformed('A list of extensions')
  return extensions
}

function readableExtensions(raw: readonly RawExtension[]): CertificateExtensions | null {
  if (new Set(raw.map(({ oid }) => oid)).size !== raw.length) return null
  const extensions = decode(() => decodeExtensions(raw))
  return extensions instanceof TlsError ? null : extensions
}
