// From GnuTLS's verdict on a chain to the flags both backends report, and from those to the alert the peer gets.
// Upstream: glib-networking/tls/gnutls/gtlscertificate-gnutls.c (g_tls_certificate_gnutls_convert_flags).

import { checkLeafCertificate, TlsCertificateFlags, type TlsCertificate } from '@wpe-networking/glib-networking-base'
import {
  GNUTLS_A_BAD_CERTIFICATE,
  GNUTLS_A_CERTIFICATE_EXPIRED,
  GNUTLS_A_CERTIFICATE_REVOKED,
  GNUTLS_A_UNKNOWN_CA,
  GNUTLS_CERT_EXPIRED,
  GNUTLS_CERT_INSECURE_ALGORITHM,
  GNUTLS_CERT_INVALID,
  GNUTLS_CERT_NOT_ACTIVATED,
  GNUTLS_CERT_REVOKED,
  GNUTLS_CERT_SIGNER_NOT_CA,
  GNUTLS_CERT_SIGNER_NOT_FOUND,
  GNUTLS_CERT_UNEXPECTED_OWNER,
} from './libgnutls.ts'

const FLAGS: readonly (readonly [number, number])[] = [
  [GNUTLS_CERT_SIGNER_NOT_FOUND, TlsCertificateFlags.UNKNOWN_CA],
  [GNUTLS_CERT_SIGNER_NOT_CA, TlsCertificateFlags.UNKNOWN_CA],
  [GNUTLS_CERT_UNEXPECTED_OWNER, TlsCertificateFlags.BAD_IDENTITY],
  [GNUTLS_CERT_NOT_ACTIVATED, TlsCertificateFlags.NOT_ACTIVATED],
  [GNUTLS_CERT_EXPIRED, TlsCertificateFlags.EXPIRED],
  [GNUTLS_CERT_REVOKED, TlsCertificateFlags.REVOKED],
  [GNUTLS_CERT_INSECURE_ALGORITHM, TlsCertificateFlags.INSECURE],
]

/** `gnutls_certificate_status_t` as {@link TlsCertificateFlags}; what has no flag of its own is `GENERIC_ERROR`. */
export function flagsOfStatus(status: number): TlsCertificateFlags {
  if (status === 0) return TlsCertificateFlags.NO_FLAGS
  let rest = status & ~GNUTLS_CERT_INVALID
  let flags: TlsCertificateFlags = TlsCertificateFlags.NO_FLAGS
  for (const [bit, flag] of FLAGS) {
    if ((status & bit) !== 0) flags |= flag
    rest &= ~bit
  }
  return rest !== 0 || flags === 0 ? flags | TlsCertificateFlags.GENERIC_ERROR : flags
}

/**
 * Everything that is wrong with a peer's certificate: what GnuTLS says about the chain, and what both backends check
 * alike about the leaf, which GnuTLS leaves out when it finds no issuer.
 *
 * @param identity The host or address the certificate must be for; null checks none.
 */
export function verifyCertificate(
  certificate: TlsCertificate,
  status: number,
  identity: string | null,
): TlsCertificateFlags {
  return flagsOfStatus(status) | checkLeafCertificate(certificate, identity)
}

/** The alert of RFC 8446 section 6.2 that says best why a certificate was refused. */
export function alertOfFlags(flags: TlsCertificateFlags): number {
  if ((flags & TlsCertificateFlags.UNKNOWN_CA) !== 0) return GNUTLS_A_UNKNOWN_CA
  if ((flags & TlsCertificateFlags.REVOKED) !== 0) return GNUTLS_A_CERTIFICATE_REVOKED
  if ((flags & TlsCertificateFlags.EXPIRED) !== 0) return GNUTLS_A_CERTIFICATE_EXPIRED
  return GNUTLS_A_BAD_CERTIFICATE
}
