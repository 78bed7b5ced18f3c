// Whether an OCSP response was signed by someone entitled to: the issuer, or a responder the issuer delegated to.
// RFC 6960 section 4.2.2.2.

import { type BasicOCSPResponse, id_kp_OCSPSigning, id_pkix_ocsp_nocheck, type ResponderID } from '@peculiar/asn1-ocsp'
import { AsnConvert } from '@peculiar/asn1-schema'
import {
  type Certificate,
  id_ce_basicConstraints,
  id_ce_certificatePolicies,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
} from '@peculiar/asn1-x509'
import { TlsCertificate } from '../certificates/tls-certificate.ts'
import { nameDer, parseCertificate, publicKeyHash } from './ocsp-cert-id.ts'
import type { VerificationClock } from '../verification/verification-clock.ts'
import type { OcspCheckOptions } from './ocsp-response.ts'
import { verifySignedData } from './verify-signed-data.ts'

/** Responders send their own certificate, at most with its chain. */
const MAXIMUM_RESPONDER_CERTIFICATES = 8
/** What a responder's certificate may demand to be understood; names and policies do not matter here. */
const UNDERSTOOD_CRITICAL_EXTENSIONS = new Set([
  id_ce_basicConstraints,
  id_ce_certificatePolicies,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_pkix_ocsp_nocheck,
])

/** Whether the signature of `basic` is that of the issuer or of a responder with a valid certificate from the issuer. */
export function isSignedByResponder(
  basic: BasicOCSPResponse,
  options: OcspCheckOptions,
  clock: VerificationClock,
): boolean {
  if (basic.tbsResponseDataRaw === undefined) return false
  const { responderID } = basic.tbsResponseData
  const signed = {
    data: Buffer.from(basic.tbsResponseDataRaw),
    algorithm: basic.signatureAlgorithm,
    signature: Buffer.from(basic.signature),
  }
  if (isResponder(responderID, options.issuer) && verifySignedData(signed, options.issuer.x509.publicKey)) return true
  return delegates(basic.certs ?? []).some(
    (delegate) =>
      isResponder(responderID, delegate) &&
      isDelegatedBy(delegate, options, clock) &&
      verifySignedData(signed, delegate.x509.publicKey),
  )
}

function delegates(certificates: readonly Certificate[]): readonly TlsCertificate[] {
  return certificates.slice(0, MAXIMUM_RESPONDER_CERTIFICATES).flatMap((certificate) => {
    try {
      return [new TlsCertificate(Buffer.from(AsnConvert.serialize(certificate)))]
    } catch {
      return [] // Not a certificate OpenSSL can read, so nobody's that can have signed.
    }
  })
}

function isResponder(id: ResponderID, certificate: TlsCertificate): boolean {
  if (id.byKey !== undefined) return Buffer.from(id.byKey.buffer).equals(publicKeyHash(certificate, 'sha1'))
  if (id.byName === undefined) return false
  return nameDer(id.byName).equals(nameDer(parseCertificate(certificate).tbsCertificate.subject))
}

/** Directly by the issuer, for this work, at this time; a responder further down a chain is not entitled. */
function isDelegatedBy(
  delegate: TlsCertificate,
  { issuer, signatures }: OcspCheckOptions,
  clock: VerificationClock,
): boolean {
  const { x509 } = delegate
  return (
    (x509.keyUsage ?? []).includes(id_kp_OCSPSigning) &&
    !hasUnknownCriticalExtension(delegate) &&
    !clock.isBefore(delegate.notValidBefore.getTime()) &&
    !clock.isAfter(delegate.notValidAfter.getTime()) &&
    x509.checkIssued(issuer.x509) &&
    signatures.isSignedBy(delegate, issuer)
  )
}

function hasUnknownCriticalExtension(certificate: TlsCertificate): boolean {
  return (parseCertificate(certificate).tbsCertificate.extensions ?? []).some(
    ({ critical, extnID }) => critical && !UNDERSTOOD_CRITICAL_EXTENSIONS.has(extnID),
  )
}
