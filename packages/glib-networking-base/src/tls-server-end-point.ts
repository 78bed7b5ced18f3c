// The channel binding tls-server-end-point, which depends on the certificate alone and is therefore the same code for both
// backends. Upstream: glib-networking/tls/*/gtlsconnection-*.c. RFC 5929 section 4.1.

import { createHash } from 'node:crypto'
import type { TlsCertificate } from './certificates/tls-certificate.ts'
import { TlsChannelBindingError } from './tls-channel-binding.ts'
import { constructedContextTag, DerReader, DerTag } from './verification/der-reader.ts'

/** The hash in signature algorithms; the RFC replaces MD5 and SHA-1 by SHA-256. */
const SIGNATURE_HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'sha256', // md5WithRSAEncryption
  '1.2.840.113549.1.1.5': 'sha256', // sha1WithRSAEncryption
  '1.2.840.113549.1.1.14': 'sha224',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.1': 'sha256', // ecdsa-with-SHA1
  '1.2.840.10045.4.3.1': 'sha224',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
}
const RSA_PSS = '1.2.840.113549.1.1.10'
/** The hash that RSA-PSS names in its parameters; SHA-1 is the default there. RFC 4055 section 3.1. */
const PSS_HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha256', // SHA-1
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

/**
 * The hash of the server's certificate, with the hash function it was signed with.
 *
 * @throws {TlsChannelBindingError} `NOT_SUPPORTED` when there is no such function, as for Ed25519.
 */
export function serverEndPoint(certificate: TlsCertificate): Buffer {
  const hash = signatureHash(certificate.certificate)
  if (hash === undefined) {
    throw new TlsChannelBindingError(
      'NOT_SUPPORTED',
      'The channel binding tls-server-end-point is not defined for the signature of the certificate.',
    )
  }
  return createHash(hash).update(certificate.certificate).digest()
}

function signatureHash(der: Buffer): string | undefined {
  const certificate = new DerReader(der).inside(DerTag.SEQUENCE)
  certificate.element() // What is signed.
  const algorithm = certificate.inside(DerTag.SEQUENCE)
  const oid = algorithm.oid()
  return oid === RSA_PSS ? pssHash(algorithm) : SIGNATURE_HASHES[oid]
}

function pssHash(algorithm: DerReader): string | undefined {
  const hash = algorithm.inside(DerTag.SEQUENCE).optional(constructedContextTag(0))
  return hash === null ? 'sha256' : PSS_HASHES[new DerReader(hash).inside(DerTag.SEQUENCE).oid()]
}
