// Signs the certificates and revocation lists of CertificateAuthority. RFC 5280 sections 4.1 and 5.1.

import 'reflect-metadata' // @peculiar/x509 will not load without it
import { sign as signWith, type webcrypto } from 'node:crypto'
import { AsnConvert } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier, Certificate } from '@peculiar/asn1-x509'
import {
  AuthorityKeyIdentifierExtension,
  Extension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
  X509CrlReason,
} from '@peculiar/x509'
import { exportKey } from './key-pairs.ts'

export const DAY = 24 * 60 * 60_000
const CRL_NUMBER = '2.5.29.20'
const WEAK_RSA_SIGNATURES = { MD5: '1.2.840.113549.1.1.4', 'SHA-1': '1.2.840.113549.1.1.5' } as const
/** The parameters of RSA's algorithm identifiers in DER. */
const NULL = new Uint8Array([5, 0]).buffer

/** What an authority signs with; all but `SHA-256` are too weak on purpose, and `MD5` is for RSA keys only. */
export type SignatureHash = 'SHA-256' | 'SHA-1' | 'MD5'

/** Who signs. */
export interface Issuer {
  /** The distinguished name. */
  readonly name: string
  readonly keys: webcrypto.CryptoKeyPair
}

export interface Validity {
  /** Default: a day ago. */
  readonly notBefore?: Date | undefined
  /** Default: 30 days from now. */
  readonly notAfter?: Date | undefined
}

export interface SigningOptions extends Validity {
  readonly subject: string
  readonly keys: webcrypto.CryptoKeyPair
  readonly issuer: Issuer
  readonly signatureHash?: SignatureHash | undefined
  readonly extensions: readonly Extension[]
}

/** A certificate in PEM, with key identifiers beside the extensions given. */
export async function signCertificate(options: SigningOptions): Promise<string> {
  const { issuer, signatureHash = 'SHA-256' } = options
  const now = Date.now()
  const certificate = await X509CertificateGenerator.create({
    subject: options.subject,
    issuer: issuer.name,
    notBefore: options.notBefore ?? new Date(now - DAY),
    notAfter: options.notAfter ?? new Date(now + 30 * DAY),
    publicKey: options.keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: algorithm(issuer, isWeakRsa(issuer, signatureHash) ? 'SHA-256' : signatureHash),
    extensions: [
      ...options.extensions,
      await SubjectKeyIdentifierExtension.create(options.keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
    ],
  })
  return toPem(isWeakRsa(issuer, signatureHash) ? await signedAgain(certificate, issuer, signatureHash) : certificate)
}

export interface RevocationListOptions {
  /** The certificates that are revoked, in PEM. */
  readonly revoked?: readonly string[] | undefined
  /** Default: an hour ago. */
  readonly thisUpdate?: Date | undefined
  /** Default: in a day. */
  readonly nextUpdate?: Date | undefined
}

/** A certificate revocation list in PEM. */
export async function signRevocationList(issuer: Issuer, options: RevocationListOptions): Promise<string> {
  const now = Date.now()
  const thisUpdate = options.thisUpdate ?? new Date(now - DAY / 24)
  const list = await X509CrlGenerator.create({
    issuer: issuer.name,
    thisUpdate,
    nextUpdate: options.nextUpdate ?? new Date(now + DAY),
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: algorithm(issuer, 'SHA-256'),
    entries: (options.revoked ?? []).map((pem) => ({
      serialNumber: new X509Certificate(pem).serialNumber,
      revocationDate: thisUpdate,
      reason: X509CrlReason.keyCompromise,
    })),
    extensions: [
      new Extension(CRL_NUMBER, false, new Uint8Array([2, 1, 1])),
      await AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
    ],
  })
  return toPem(list)
    .replaceAll('-----BEGIN CRL-----', '-----BEGIN X509 CRL-----')
    .replaceAll('-----END CRL-----', '-----END X509 CRL-----')
}

function algorithm({ keys }: Issuer, hash: string): { readonly name: string; readonly hash: string } {
  return { name: keys.privateKey.algorithm.name, hash }
}

/** WebCrypto has no MD5, and ties an RSA key to one hash. */
function isWeakRsa({ keys }: Issuer, hash: SignatureHash): hash is 'MD5' | 'SHA-1' {
  return hash !== 'SHA-256' && keys.privateKey.algorithm.name !== 'ECDSA'
}

async function signedAgain(
  certificate: X509Certificate,
  { keys }: Issuer,
  hash: 'MD5' | 'SHA-1',
): Promise<X509Certificate> {
  const { tbsCertificate } = AsnConvert.parse(certificate.rawData, Certificate)
  tbsCertificate.signature = new AlgorithmIdentifier({ algorithm: WEAK_RSA_SIGNATURES[hash], parameters: NULL })
  const tbs = Buffer.from(AsnConvert.serialize(tbsCertificate))
  const signature = signWith(hash.replace('-', ''), tbs, await exportKey(keys))
  const signed = new Certificate({
    tbsCertificate,
    signatureAlgorithm: tbsCertificate.signature,
    signatureValue: new Uint8Array(signature).buffer,
  })
  return new X509Certificate(AsnConvert.serialize(signed))
}

function toPem(encoded: { toString(format: 'pem'): string }): string {
  return `${encoded.toString('pem').trim()}\n`
}
