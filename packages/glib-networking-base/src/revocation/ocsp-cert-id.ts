// Which certificate an OCSP answer is about, and which key a responder means; called by checkOcspResponse.
// RFC 6960 section 4.1.1 (CertID).

import { hash } from 'node:crypto'
import { DecodedCertificate } from '../verification/decoded-certificate.ts'
import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import type { OcspCertId } from './decoded-ocsp-response.ts'

/** The hash only finds the certificate, so that SHA-1 does no harm; it is what nearly every responder uses. */
const HASHES = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])

/** Whether `id` names `certificate`, issued by `issuer`. @throws {TlsError} `BAD_CERTIFICATE` when one is malformed. */
export function matchesCertId(id: OcspCertId, certificate: TlsCertificate, issuer: TlsCertificate): boolean {
  const algorithm = HASHES.get(id.hashAlgorithm)
  if (algorithm === undefined) return false
  const issued = DecodedCertificate.of(certificate)
  return (
    id.serialNumber.equals(issued.serialNumber) &&
    id.issuerNameHash.equals(hash(algorithm, issued.issuer.raw, 'buffer')) &&
    id.issuerKeyHash.equals(publicKeyHash(issuer, algorithm))
  )
}

/** The hash of the key's bits alone, without the algorithm around them. */
export function publicKeyHash(certificate: TlsCertificate, algorithm: string): Buffer {
  return hash(algorithm, DecodedCertificate.of(certificate).publicKey.key, 'buffer')
}
