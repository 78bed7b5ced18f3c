// An X.509 certificate with its issuers and, for one's own, the private key; backends take and return it.
// Upstream: glib/gio/gtlscertificate.c. RFC 5280 section 4.

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { TlsError } from '../errors.ts'
import { certificateBlocks, privateKeyBlock } from './pem.ts'
import { subjectAltNames, type SubjectAltNames } from './subject-alt-names.ts'

export interface TlsCertificateOptions {
  /** The private key in PEM (PKCS#8, PKCS#1 or SEC 1); default: the one in the text itself, if any. */
  readonly privateKeyPem?: string | null | undefined
}

/** A certificate. Immutable; decoded when made, names parsed when asked for. */
export class TlsCertificate {
  readonly #x509: X509Certificate
  #names: SubjectAltNames | undefined
  #issuer: TlsCertificate | null | undefined
  /** The private key in PEM, or null for somebody else's certificate. */
  readonly privateKeyPem: string | null

  /**
   * @param certificate DER or PEM of one certificate, or what Node already decoded (whose issuers then come along).
   * @throws {TlsError} `BAD_CERTIFICATE` when it cannot be decoded.
   */
  constructor(
    certificate: Uint8Array | string | X509Certificate,
    options: TlsCertificateOptions & { readonly issuer?: TlsCertificate | null | undefined } = {},
  ) {
    this.#x509 = certificate instanceof X509Certificate ? certificate : decode(certificate)
    this.privateKeyPem = options.privateKeyPem ?? null
    this.#issuer = options.issuer
  }

  /**
   * The first certificate of `pem`; those that follow become its chain of issuers, as far as each was issued by the next.
   *
   * @throws {TlsError} `BAD_CERTIFICATE` when there is none or one cannot be decoded.
   */
  static fromPem(pem: string, options: TlsCertificateOptions = {}): TlsCertificate {
    const decoded = certificateBlocks(pem).map(decode)
    return TlsCertificate.#chain(decoded, options.privateKeyPem ?? privateKeyBlock(pem))
  }

  /**
   * The leaf of a chain given as DER, leaf first, as it comes in a handshake.
   *
   * @throws {TlsError} `BAD_CERTIFICATE` when it is empty or one cannot be decoded.
   */
  static fromDerChain(chain: readonly Uint8Array[]): TlsCertificate {
    return TlsCertificate.#chain(chain.map(decode), null)
  }

  static #chain(decoded: readonly X509Certificate[], privateKeyPem: string | null): TlsCertificate {
    const [leaf] = decoded
    if (leaf === undefined) throw new TlsError('BAD_CERTIFICATE', 'There is no certificate in the data.')
    let end = 1
    for (let issuer = decoded[end]; issuer !== undefined; issuer = decoded[++end]) {
      if (!decoded[end - 1]?.checkIssued(issuer)) break
    }
    let issuer: TlsCertificate | null = null
    for (const link of decoded.slice(1, end).toReversed()) issuer = new TlsCertificate(link, { issuer })
    return new TlsCertificate(leaf, { issuer, privateKeyPem })
  }

  /**
   * Reads a PEM file with {@link TlsCertificate.fromPem}. Blocks for the time of the read, as the original does.
   *
   * @throws {TlsError} `BAD_CERTIFICATE`; a file that cannot be read throws the system's error.
   */
  static fromFile(path: string): TlsCertificate {
    return TlsCertificate.fromPem(readFileSync(path, 'utf8'))
  }

  /** Like {@link TlsCertificate.fromFile}, with the private key in a file of its own. */
  static fromFiles(certificatePath: string, privateKeyPath: string): TlsCertificate {
    const key = privateKeyBlock(readFileSync(privateKeyPath, 'utf8'))
    if (key === null) throw new TlsError('BAD_CERTIFICATE', `There is no private key in ${privateKeyPath}.`)
    return TlsCertificate.fromPem(readFileSync(certificatePath, 'utf8'), { privateKeyPem: key })
  }

  /** Every certificate of `pem`, unrelated to one another and without private keys; empty when there is none. */
  static listFromPem(pem: string): readonly TlsCertificate[] {
    return certificateBlocks(pem).map((block) => new TlsCertificate(block))
  }

  /** The DER encoding. */
  get certificate(): Buffer {
    return this.#x509.raw
  }

  /** This certificate alone in PEM, without issuers and private key. */
  get certificatePem(): string {
    return this.#x509.toString()
  }

  /** This certificate and its known issuers in PEM, leaf first, as a server sends them. */
  get chainPem(): string {
    return this.certificatePem + (this.issuer?.chainPem ?? '')
  }

  /** Node's view of the certificate, for what this class does not offer. */
  get x509(): X509Certificate {
    return this.#x509
  }

  /** The certificate that signed this one, as far as known from the chain it came with; null at the end of the chain. */
  get issuer(): TlsCertificate | null {
    if (this.#issuer === undefined) {
      const issuer = this.#x509.issuerCertificate
      // Node gives a root as its own issuer, which would make an endless chain.
      this.#issuer = issuer === undefined || issuer.raw.equals(this.#x509.raw) ? null : new TlsCertificate(issuer)
    }
    return this.#issuer
  }

  /** The subject in RFC 4514 form: `CN=example.org,O=Example`. */
  get subjectName(): string {
    return distinguishedName(this.#x509.subject)
  }

  /** The issuer's name in RFC 4514 form. */
  get issuerName(): string {
    return distinguishedName(this.#x509.issuer)
  }

  /** The first moment of validity. */
  get notValidBefore(): Date {
    return this.#x509.validFromDate
  }

  /** The last moment of validity. */
  get notValidAfter(): Date {
    return this.#x509.validToDate
  }

  /** The DNS names of the subjectAltName extension, as written there (wildcards included). */
  get dnsNames(): readonly string[] {
    return this.#subjectAltNames.dnsNames
  }

  /** The IP addresses of the subjectAltName extension, in their canonical text form. */
  get ipAddresses(): readonly string[] {
    return this.#subjectAltNames.ipAddresses
  }

  get #subjectAltNames(): SubjectAltNames {
    return (this.#names ??= subjectAltNames(this.#x509.subjectAltName))
  }

  /** Whether both are the same certificate, byte for byte; issuers and private keys do not count. */
  isSame(other: TlsCertificate): boolean {
    return this.#x509.raw.equals(other.#x509.raw)
  }
}

function decode(data: Uint8Array | string): X509Certificate {
  try {
    return new X509Certificate(data)
  } catch (cause) {
    throw new TlsError('BAD_CERTIFICATE', 'A certificate could not be decoded.', { cause })
  }
}

/** Node prints one attribute per line in the order of the encoding; RFC 4514 wants commas and the reverse. */
function distinguishedName(lines: string | undefined): string {
  return (lines ?? '').replaceAll(' + ', '+').split('\n').toReversed().join(',')
}
