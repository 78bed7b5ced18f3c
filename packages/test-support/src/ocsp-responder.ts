// Makes OCSP responses at test time, good ones and ones with something wrong, for servers under test to staple.
// RFC 6960 section 4.2.

import { createHash, createPrivateKey, sign as signWith, X509Certificate } from 'node:crypto'
import {
  BasicOCSPResponse,
  CertID,
  CertStatus,
  id_pkix_ocsp_basic,
  KeyHash,
  OCSPResponse,
  OCSPResponseStatus,
  ResponderID,
  ResponseBytes,
  ResponseData,
  RevokedInfo,
  SingleResponse,
} from '@peculiar/asn1-ocsp'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier, Certificate } from '@peculiar/asn1-x509'

const HOUR = 60 * 60_000

const HASH_OIDS = { 'SHA-1': '1.3.14.3.2.26', 'SHA-256': '2.16.840.1.101.3.4.2.1' } as const
/** The parameters of RSA's algorithm identifiers in DER. */
const NULL = new Uint8Array([5, 0]).buffer

/** Who signs: a certificate with its private key (ECDSA or RSA), both in PEM. */
export interface OcspSigner {
  readonly certificatePem: string
  readonly privateKeyPem: string
}

export interface OcspResponseOptions {
  /** The certificate asked about. */
  readonly certificatePem: string
  /** The certificate of the authority that issued it. */
  readonly issuerPem: string
  /** The issuer itself, or a responder with a certificate of its own, which is then sent along. */
  readonly signer: OcspSigner
  /** Default `good`. */
  readonly status?: 'good' | 'revoked' | 'unknown' | undefined
  /** Default: an hour ago. */
  readonly thisUpdate?: Date | undefined
  /** Default: a day from now; null leaves it out. */
  readonly nextUpdate?: Date | null | undefined
  /** What names and keys of the certificate asked about are hashed with; default `SHA-1`. */
  readonly certIdHash?: keyof typeof HASH_OIDS | undefined
  /** Default `byKey`. */
  readonly responderId?: 'byName' | 'byKey' | undefined
  /** What the responder signs with; default `SHA-256`. `SHA-1` is too weak on purpose. */
  readonly signatureHash?: 'SHA-1' | 'SHA-256' | undefined
}

/** The DER of an OCSPResponse, ready to be stapled. */
export function createOcspResponse(options: OcspResponseOptions): Buffer {
  const tbsResponseData = responseData(options)
  const tbs = Buffer.from(AsnConvert.serialize(tbsResponseData))
  const { certificatePem, privateKeyPem } = options.signer
  const hash = options.signatureHash ?? 'SHA-256'
  const basic = new BasicOCSPResponse({
    tbsResponseData,
    signatureAlgorithm: signatureAlgorithm(privateKeyPem, hash),
    signature: arrayBuffer(signWith(hash.replace('-', ''), tbs, privateKeyPem)),
    ...(certificatePem !== options.issuerPem && { certs: [parse(certificatePem)] }),
  })
  const response = new OctetString(AsnConvert.serialize(basic))
  return Buffer.from(
    AsnConvert.serialize(
      new OCSPResponse({
        responseStatus: OCSPResponseStatus.successful,
        responseBytes: new ResponseBytes({ responseType: id_pkix_ocsp_basic, response }),
      }),
    ),
  )
}

function responseData(options: OcspResponseOptions): ResponseData {
  const now = Date.now()
  const nextUpdate = options.nextUpdate === undefined ? new Date(now + 24 * HOUR) : options.nextUpdate
  return new ResponseData({
    responderID: responderId(options.signer.certificatePem, options.responderId ?? 'byKey'),
    producedAt: wholeSecond(new Date(now)),
    responses: [
      new SingleResponse({
        certID: certId(options),
        certStatus: certStatus(options.status ?? 'good'),
        thisUpdate: wholeSecond(options.thisUpdate ?? new Date(now - HOUR)),
        ...(nextUpdate !== null && { nextUpdate: wholeSecond(nextUpdate) }),
      }),
    ],
  })
}

function certStatus(status: 'good' | 'revoked' | 'unknown'): CertStatus {
  if (status !== 'revoked') return new CertStatus({ [status]: null })
  return new CertStatus({ revoked: new RevokedInfo({ revocationTime: wholeSecond(new Date(Date.now() - 2 * HOUR)) }) })
}

function certId({ certificatePem, issuerPem, certIdHash = 'SHA-1' }: OcspResponseOptions): CertID {
  const issuer = parse(issuerPem).tbsCertificate
  return new CertID({
    hashAlgorithm: new AlgorithmIdentifier({ algorithm: HASH_OIDS[certIdHash] }),
    issuerNameHash: new OctetString(digest(certIdHash, AsnConvert.serialize(issuer.subject))),
    issuerKeyHash: new OctetString(digest(certIdHash, issuer.subjectPublicKeyInfo.subjectPublicKey)),
    serialNumber: parse(certificatePem).tbsCertificate.serialNumber,
  })
}

function responderId(certificatePem: string, form: 'byName' | 'byKey'): ResponderID {
  const { subject, subjectPublicKeyInfo } = parse(certificatePem).tbsCertificate
  if (form === 'byName') return new ResponderID({ byName: subject })
  return new ResponderID({ byKey: new KeyHash(digest('SHA-1', subjectPublicKeyInfo.subjectPublicKey)) })
}

function signatureAlgorithm(privateKeyPem: string, hash: 'SHA-1' | 'SHA-256'): AlgorithmIdentifier {
  const isRsa = createPrivateKey(privateKeyPem).asymmetricKeyType === 'rsa'
  if (isRsa) {
    const algorithm = hash === 'SHA-1' ? '1.2.840.113549.1.1.5' : '1.2.840.113549.1.1.11'
    return new AlgorithmIdentifier({ algorithm, parameters: NULL })
  }
  return new AlgorithmIdentifier({ algorithm: hash === 'SHA-1' ? '1.2.840.10045.4.1' : '1.2.840.10045.4.3.2' })
}

function parse(certificatePem: string): Certificate {
  return AsnConvert.parse(new X509Certificate(certificatePem).raw, Certificate)
}

function digest(hash: keyof typeof HASH_OIDS, data: ArrayBuffer): ArrayBuffer {
  return arrayBuffer(createHash(hash.replace('-', '')).update(new Uint8Array(data)).digest())
}

function arrayBuffer(data: Uint8Array): ArrayBuffer {
  return new Uint8Array(data).buffer
}

/** Times in certificates and OCSP have no fractions (RFC 5280 section 4.1.2.5.2). */
function wholeSecond(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000)
}
