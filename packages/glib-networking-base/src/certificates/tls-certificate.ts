// An X.509 certificate with its issuers and, for one's own, the private key; backends take and return it.
// Upstream: glib/gio/gtlscertificate.c. RFC 5280 section 4.

import { X509Certificate } from 'node:crypto'
import { TlsError } from '../errors.ts'
import { TlsDatabase } from '../trust/tls-database.ts'
import { TlsCertificateFlags } from '../tls-certificate-flags.ts'
import { TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER } from '../verification/object-identifiers.ts'
import { readCertificateFile } from './certificate-file.ts'
import {
  type CertificateMaterial,
  chainOf,
  decodeCertificate,
  materialFromFile,
  materialFromPem,
  materialFromPkcs12,
} from './certificate-material.ts'
import { certificateBlocks } from './pem.ts'
import { privateKeyDer } from './private-key.ts'
import { subjectAltNames, type SubjectAltNames } from './subject-alt-names.ts'

export interface TlsCertificateOptions {
  /** The private key in PEM (PKCS#8, PKCS#1 or SEC 1); default: the one in the text itself, if any. */
  readonly privateKeyPem?: string | null | undefined
  /** What an encrypted private key is decrypted with, as text or in UTF-8. Not kept. */
  readonly password?: string | Uint8Array | null | undefined
}

/** A certificate. Immutable; decoded when made, names parsed when asked for. */
export class TlsCertificate {
  readonly #x509: X509Certificate
  #names: SubjectAltNames | undefined
  #issuer: TlsCertificate | null | undefined
  /** The private key in PEM, never encrypted, or null for somebody else's certificate. */
  readonly privateKeyPem: string | null

  /**
   * @param certificate DER or PEM of one certificate, or what Node already decoded (whose issuers then come along).
   * @param options The private key is taken as it is: not encrypted.
   * @throws {TlsError} `BAD_CERTIFICATE` when it cannot be decoded.
   */
  constructor(
    certificate: Uint8Array | string | X509Certificate,
    options: Pick<TlsCertificateOptions, 'privateKeyPem'> & {
      readonly issuer?: TlsCertificate | null | undefined
    } = {},
  ) {
    this.#x509 = certificate instanceof X509Certificate ? certificate : decodeCertificate(certificate)
    this.privateKeyPem = options.privateKeyPem ?? null
    this.#issuer = options.issuer
  }

  /**
   * The first certificate of `pem`; those that follow become its chain of issuers, as far as each was issued by the next.
   *
   * @throws {TlsError} `BAD_CERTIFICATE` when there is none or one of the chain cannot be decoded;
   *   `BAD_CERTIFICATE_PASSWORD` when the private key is encrypted and the password is wrong or missing.
   */
  static fromPem(pem: string, options: TlsCertificateOptions = {}): TlsCertificate {
    const { password = null, privateKeyPem } = options
    return TlsCertificate.#of(materialFromPem(pem, password, privateKeyPem ?? pem))
  }

  /**
   * The certificate of a PKCS#12 file that its private key belongs to (the first one when there is no key), with the
   * issuers that are in the file. Blocks while the password is hashed, as often as the file demands: up to some seconds.
   *
   * @param password As text or in UTF-8; null opens files without one.
   * @throws {TlsError} `BAD_CERTIFICATE_PASSWORD` when the password is wrong or missing; `BAD_CERTIFICATE` when the file
   *   cannot be decoded, or is encrypted with RC2 or RC4, which OpenSSL does not offer any more.
   */
  static fromPkcs12(data: Uint8Array, password: string | Uint8Array | null = null): TlsCertificate {
    return TlsCertificate.#of(materialFromPkcs12(data, password))
  }

  /**
   * The leaf of a chain given as DER, leaf first, as it comes in a handshake.
   *
   * @throws {TlsError} `BAD_CERTIFICATE` when it is empty or one of the chain cannot be decoded.
   */
  static fromDerChain(chain: readonly Uint8Array[]): TlsCertificate {
    return TlsCertificate.#of({ chain: chainOf(chain), privateKeyPem: null })
  }

  static #of({ chain, privateKeyPem }: CertificateMaterial): TlsCertificate {
    const [leaf, ...issuers] = chain as [X509Certificate, ...X509Certificate[]]
    let issuer: TlsCertificate | null = null
    for (const link of issuers.toReversed()) issuer = new TlsCertificate(link, { issuer })
    return new TlsCertificate(leaf, { issuer, privateKeyPem })
  }

  /**
   * Reads a file in PEM (as {@link TlsCertificate.fromPem}), DER (one certificate) or PKCS#12 (as
   * {@link TlsCertificate.fromPkcs12}), told apart by content. Blocks for the time of the read, as the original does.
   *
   * @throws {TlsError} As those do, and `BAD_CERTIFICATE` for more than 4 MiB; a file that cannot be read throws the
   *   system's error.
   */
  static fromFile(path: string): TlsCertificate {
    return TlsCertificate.#of(materialFromFile(path, null))
  }

  /** As {@link TlsCertificate.fromFile}, for a PKCS#12 file or a private key that is encrypted. */
  static fromFileWithPassword(path: string, password: string | Uint8Array): TlsCertificate {
    return TlsCertificate.#of(materialFromFile(path, password))
  }

  /**
   * As {@link TlsCertificate.fromPem}, with the private key in a file of its own.
   *
   * @throws {TlsError} As that does, and `BAD_CERTIFICATE` when there is no key in that file.
   */
  static fromFiles(
    certificatePath: string,
    privateKeyPath: string,
    password: string | Uint8Array | null = null,
  ): TlsCertificate {
    const keyPem = readCertificateFile(privateKeyPath).toString('latin1')
    const material = materialFromPem(readCertificateFile(certificatePath).toString('latin1'), password, keyPem)
    if (material.privateKeyPem === null) {
      throw new TlsError('BAD_CERTIFICATE', `There is no private key in ${privateKeyPath}.`)
    }
    return TlsCertificate.#of(material)
  }

  /** Every certificate of `pem`, unrelated to one another and without private keys; empty when there is none. */
  static listFromPem(pem: string): readonly TlsCertificate[] {
    return certificateBlocks(pem).map((block) => new TlsCertificate(block))
  }

  /**
   * Reads a PEM file with {@link TlsCertificate.listFromPem}.
   *
   * @throws {TlsError} `BAD_CERTIFICATE` when one cannot be decoded or the file has more than 4 MiB; a file that cannot be
   *   read throws the system's error.
   */
  static listFromFile(path: string): readonly TlsCertificate[] {
    return TlsCertificate.listFromPem(readCertificateFile(path).toString('latin1'))
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
    return this.#chain()
      .map(({ certificatePem }) => certificatePem)
      .join('')
  }

  /**
   * The private key in DER (PKCS#8), never encrypted, or null for somebody else's certificate.
   *
   * @throws {TlsError} `BAD_CERTIFICATE` when it cannot be decoded.
   */
  get privateKey(): Buffer | null {
    return this.privateKeyPem === null ? null : privateKeyDer(this.privateKeyPem)
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

  /**
   * What is wrong with this certificate as that of a server, now, without a connection. With more than one authority, or
   * for another purpose or time, use {@link TlsDatabase.verifyChain}.
   *
   * @param identity The host name or IP address it has to be for; null checks none.
   * @param trustedCa The only authority to trust. Null trusts whatever the known chain ends with, so that `UNKNOWN_CA` is
   *   never set.
   */
  verify(identity: string | null, trustedCa: TlsCertificate | null): TlsCertificateFlags {
    const trusted = trustedCa ?? (this.#chain().at(-1) as TlsCertificate)
    const flags = new TlsDatabase([trusted]).verifyChain(this, TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity)
    return trustedCa === null ? flags & ~TlsCertificateFlags.UNKNOWN_CA : flags
  }

  #chain(): readonly TlsCertificate[] {
    const chain: TlsCertificate[] = [this]
    for (let { issuer } = this; issuer !== null; { issuer } = issuer) chain.push(issuer)
    return chain
  }
}

/** Node prints one attribute per line in the order of the encoding; RFC 4514 wants commas and the reverse. */
function distinguishedName(lines: string | undefined): string {
  return (lines ?? '').replaceAll(' + ', '+').split('\n').toReversed().join(',')
}
