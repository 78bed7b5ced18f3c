// Whether an OCSP response was signed by someone entitled to: the issuer, or a responder the issuer delegated to.
// RFC 6960 section 4.2.2.2.

import { TlsCertificate } from '../certificates/tls-certificate.ts'
import { DecodedCertificate } from '../verification/decoded-certificate.ts'
import { ExtensionOid } from '../verification/object-identifiers.ts'
import { isStrongKey, isStrongSignature } from '../verification/key-strength.ts'
import type { VerificationClock } from '../verification/verification-clock.ts'
import type { BasicOcspResponse, OcspResponderId } from './decoded-ocsp-response.ts'
import { publicKeyHash } from './ocsp-cert-id.ts'
import type { OcspCheckOptions } from './ocsp-response.ts'
import { verifySignedData } from './verify-signed-data.ts'

/** Responders send their own certificate, at most with its chain. */
const MAXIMUM_RESPONDER_CERTIFICATES = 8
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
const OCSP_NO_CHECK = '1.3.6.1.5.5.7.48.1.5'
/** What a responder's certificate may demand to be understood; names and policies do not matter here. */
const UNDERSTOOD_CRITICAL_EXTENSIONS: ReadonlySet<string> = new Set([
  ExtensionOid.BASIC_CONSTRAINTS,
  ExtensionOid.CERTIFICATE_POLICIES,
  ExtensionOid.EXTENDED_KEY_USAGE,
  ExtensionOid.KEY_USAGE,
  ExtensionOid.SUBJECT_ALT_NAME,
  OCSP_NO_CHECK,
])

/** Whether the signature of `basic` is that of the issuer or of a responder with a valid certificate from the issuer. */
export function isSignedByResponder(
  basic: BasicOcspResponse,
  options: OcspCheckOptions,
  clock: VerificationClock,
): boolean {
  const { responderId, signedData: data, signatureAlgorithm: algorithm, signature } = basic
  const signed = { data, algorithm, signature }
  if (isResponder(responderId, options.issuer) && verifySignedData(signed, options.issuer.x509.publicKey)) return true
  return delegates(basic.certificates).some(
    (delegate) =>
      isResponder(responderId, delegate) &&
      isDelegatedBy(delegate, options, clock) &&
      verifySignedData(signed, delegate.x509.publicKey),
  )
}

function delegates(certificates: readonly Buffer[]): readonly TlsCertificate[] {
  return certificates.slice(0, MAXIMUM_RESPONDER_CERTIFICATES).flatMap((der) => {
    try {
      return [new TlsCertificate(der)]
    } catch {
      return [] // Not a certificate OpenSSL can read, so nobody's that can have signed.
    }
  })
}

function isResponder(id: OcspResponderId, certificate: TlsCertificate): boolean {
  if ('keyHash' in id) return id.keyHash.equals(publicKeyHash(certificate, 'sha1'))
  return id.name.equals(DecodedCertificate.of(certificate).subject)
}

/** Directly by the issuer, for this work, at this time; a responder further down a chain is not entitled. */
function isDelegatedBy(
  delegate: TlsCertificate,
  { issuer, signatures }: OcspCheckOptions,
  clock: VerificationClock,
): boolean {
  const decoded = DecodedCertificate.of(delegate)
  const { extensions, hasMalformedExtensions, rawExtensions } = decoded
  return (
    !hasMalformedExtensions &&
    decoded.signatureAlgorithmsAgree &&
    isStrongSignature(decoded.signatureAlgorithm) &&
    isStrongKey(decoded.publicKey) &&
    (extensions.extendedKeyUsage ?? []).includes(OCSP_SIGNING) &&
    !rawExtensions.some(({ critical, oid }) => critical && !UNDERSTOOD_CRITICAL_EXTENSIONS.has(oid)) &&
    !clock.isBefore(delegate.notValidBefore.getTime()) &&
    !clock.isAfter(delegate.notValidAfter.getTime()) &&
    delegate.x509.checkIssued(issuer.x509) &&
    signatures.isSignedBy(delegate, issuer)
  )
}
