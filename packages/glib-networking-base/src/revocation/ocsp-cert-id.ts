// Which certificate an OCSP answer is about; called by checkOcspResponse.
// RFC 6960 section 4.1.1 (CertID).

import { createHash } from 'node:crypto'
import type { CertID } from '@peculiar/asn1-ocsp'
import { AsnConvert } from '@peculiar/asn1-schema'
import { Certificate, type Name } from '@peculiar/asn1-x509'
import type { TlsCertificate } from '../certificates/tls-certificate.ts'

/** The hash only finds the certificate, so that SHA-1 does no harm; it is what nearly every responder uses. */
const HASHES = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])

/** Whether `id` names `certificate`, issued by `issuer`. */
export function matchesCertId(id: CertID, certificate: TlsCertificate, issuer: TlsCertificate): boolean {
  const hash = HASHES.get(id.hashAlgorithm.algorithm)
  if (hash === undefined) return false
  const { tbsCertificate: issued } = parseCertificate(certificate)
  return (
    Buffer.from(id.serialNumber).equals(Buffer.from(issued.serialNumber)) &&
    Buffer.from(id.issuerNameHash.buffer).equals(digest(hash, nameDer(issued.issuer))) &&
    Buffer.from(id.issuerKeyHash.buffer).equals(publicKeyHash(issuer, hash))
  )
}

/** The hash of the key's bits alone, without the algorithm around them. */
export function publicKeyHash(certificate: TlsCertificate, hash: string): Buffer {
  return digest(hash, Buffer.from(parseCertificate(certificate).tbsCertificate.subjectPublicKeyInfo.subjectPublicKey))
}

export function parseCertificate(certificate: TlsCertificate): Certificate {
  return AsnConvert.parse(certificate.certificate, Certificate)
}

export function nameDer(name: Name): Buffer {
  return Buffer.from(AsnConvert.serialize(name))
}

function digest(hash: string, data: Uint8Array): Buffer {
  return createHash(hash).update(data).digest()
}
