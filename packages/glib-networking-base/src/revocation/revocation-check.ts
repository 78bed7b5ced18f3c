// Whether the certificates of a path were revoked, by the lists of the database and by the server's stapled OCSP
// response. Called by verify-chain.ts. RFC 5280 section 6.3, RFC 6960, RFC 7633.
//
// No list for an issuer, no response from a server: then nothing is known and nothing is held against the certificate.
// A list or response that is there must be good, otherwise an attacker could make it useless.

import { TlsCertificateFlags } from '../tls-certificate-flags.ts'
import { KeyUsageBit } from '../verification/certificate-extensions.ts'
import type { DecodedCertificate } from '../verification/decoded-certificate.ts'
import type { CertificatePath } from '../verification/path-builder.ts'
import type { VerificationClock } from '../verification/verification-clock.ts'
import type { SignatureVerifier } from '../verification/verify-chain.ts'
import { TlsError } from '../errors.ts'
import type { CertificateRevocationList } from './certificate-revocation-list.ts'
import { checkOcspResponse } from './ocsp-response.ts'

const { GENERIC_ERROR, NO_FLAGS, REVOKED } = TlsCertificateFlags

/** The TLS extension status_request, as the TLS feature extension names it. */
const STATUS_REQUEST = 5

export interface RevocationCheckOptions {
  readonly revocationLists: readonly CertificateRevocationList[]
  /** Null when the server sent none. */
  readonly ocspResponse: Uint8Array | null
  /** Whether the leaf is a server's, which has to keep its promise to send an OCSP response. */
  readonly isServer: boolean
  readonly clock: VerificationClock
  readonly signatures: SignatureVerifier
}

/** REVOKED for a certificate that was; GENERIC_ERROR when what should say so is not valid or is missing. */
export function checkRevocation(path: CertificatePath, options: RevocationCheckOptions): TlsCertificateFlags {
  let flags = checkStapledResponse(path, options)
  for (const [index, issuer] of path.slice(1).entries()) {
    const certificate = path[index]
    if (certificate !== undefined) flags |= checkLists(certificate, issuer, options)
  }
  return flags
}

function checkStapledResponse([leaf, issuer]: CertificatePath, options: RevocationCheckOptions): TlsCertificateFlags {
  if (leaf === undefined || issuer === undefined) return NO_FLAGS
  const { ocspResponse, clock, signatures } = options
  if (ocspResponse === null) {
    const isPromised = leaf.extensions.tlsFeatures?.includes(STATUS_REQUEST) === true
    return isPromised && options.isServer ? GENERIC_ERROR : NO_FLAGS
  }
  const { status } = checkOcspResponse(ocspResponse, {
    certificate: leaf.certificate,
    issuer: issuer.certificate,
    time: clock,
    signatures,
  })
  if (status === 'good') return NO_FLAGS
  return status === 'revoked' ? REVOKED : GENERIC_ERROR
}

function checkLists(
  certificate: DecodedCertificate,
  issuer: DecodedCertificate,
  { revocationLists, clock }: RevocationCheckOptions,
): TlsCertificateFlags {
  let flags: TlsCertificateFlags = NO_FLAGS
  for (const list of revocationLists) {
    if (list.issuer.equals(certificate.issuer) && isByKeyOf(list, issuer))
      flags |= checkList(list, certificate, issuer, clock)
  }
  return flags
}

/**
 * Authorities that changed their key publish a list under each; only a list that says so, and is right, is passed over: one
 * key may have several identifiers in as many certificates.
 */
function isByKeyOf(list: CertificateRevocationList, issuer: DecodedCertificate): boolean {
  const { subjectKeyIdentifier } = issuer.extensions
  if (list.authorityKeyIdentifier === null || subjectKeyIdentifier === null) return true
  return list.authorityKeyIdentifier.equals(subjectKeyIdentifier) || list.isSignedBy(issuer.certificate)
}

function checkList(
  list: CertificateRevocationList,
  certificate: DecodedCertificate,
  issuer: DecodedCertificate,
  clock: VerificationClock,
): TlsCertificateFlags {
  const usage = issuer.extensions.keyUsage
  const maySign = usage === null || (usage & KeyUsageBit.CRL_SIGN) !== 0
  if (!maySign || !list.isUsable || !list.isSignedBy(issuer.certificate)) return GENERIC_ERROR
  const isCurrent = !clock.isBefore(list.thisUpdate) && list.nextUpdate !== null && !clock.isAfter(list.nextUpdate)
  // What was revoked stays revoked, however old the list.
  return (isCurrent ? NO_FLAGS : GENERIC_ERROR) | (isListed(list, certificate) ? REVOKED : NO_FLAGS)
}

/** A list with an entry that cannot be judged is taken to hold every certificate. */
function isListed(list: CertificateRevocationList, certificate: DecodedCertificate): boolean {
  try {
    return list.has(certificate.serialNumber)
  } catch (error) {
    if (error instanceof TlsError) return true
    throw error
  }
}
