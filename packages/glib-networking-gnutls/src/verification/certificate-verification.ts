// What is wrong with a peer's certificates: the checks both backends share, with GnuTLS's cryptography, and beside them
// GnuTLS's own verdict; and the alert the peer gets.
// Upstream: glib-networking/tls/gnutls/gtlscertificate-gnutls.c (g_tls_certificate_gnutls_convert_flags).

import {
  TlsCertificateFlags,
  verifyChain as verifySharedChain,
  type TlsCertificate,
  type VerifyChainOptions,
} from '@wpe-networking/glib-networking-base'
import type { GnutlsRuntime } from '../gnutls-runtime.ts'
import {
  GNUTLS_A_BAD_CERTIFICATE,
  GNUTLS_A_CERTIFICATE_EXPIRED,
  GNUTLS_A_CERTIFICATE_REVOKED,
  GNUTLS_A_UNKNOWN_CA,
  GNUTLS_CERT_EXPIRED,
  GNUTLS_CERT_INSECURE_ALGORITHM,
  GNUTLS_CERT_NOT_ACTIVATED,
  GNUTLS_CERT_REVOKED,
  GNUTLS_CERT_SIGNER_NOT_CA,
  GNUTLS_CERT_SIGNER_NOT_FOUND,
  GNUTLS_CERT_UNEXPECTED_OWNER,
} from '../libgnutls.ts'

const FLAGS: readonly (readonly [number, number])[] = [
  [GNUTLS_CERT_SIGNER_NOT_FOUND, TlsCertificateFlags.UNKNOWN_CA],
  [GNUTLS_CERT_SIGNER_NOT_CA, TlsCertificateFlags.UNKNOWN_CA],
  [GNUTLS_CERT_UNEXPECTED_OWNER, TlsCertificateFlags.BAD_IDENTITY],
  [GNUTLS_CERT_NOT_ACTIVATED, TlsCertificateFlags.NOT_ACTIVATED],
  [GNUTLS_CERT_EXPIRED, TlsCertificateFlags.EXPIRED],
  [GNUTLS_CERT_REVOKED, TlsCertificateFlags.REVOKED],
  [GNUTLS_CERT_INSECURE_ALGORITHM, TlsCertificateFlags.INSECURE],
]

/** {@link TlsBackend.verifyChain} of this backend. */
export function verifyChain(
  runtime: GnutlsRuntime,
  certificates: readonly TlsCertificate[],
  options: VerifyChainOptions,
): TlsCertificateFlags {
  const { signatures } = runtime
  try {
    return verifySharedChain(certificates, options, signatures)
  } finally {
    signatures.release()
  }
}

/**
 * The verdict on a handshake: what the shared checks found and what GnuTLS did. A bit of GnuTLS's without a flag of its
 * own becomes GENERIC_ERROR, unless the chain is refused already, most likely for the same thing.
 *
 * @param status `gnutls_certificate_status_t`.
 */
export function addOwnVerdict(flags: TlsCertificateFlags, status: number): TlsCertificateFlags {
  let own: TlsCertificateFlags = TlsCertificateFlags.NO_FLAGS
  for (const [bit, flag] of FLAGS) if ((status & bit) !== 0) own |= flag
  if (status !== 0 && (flags | own) === 0) return TlsCertificateFlags.GENERIC_ERROR
  return flags | own
}

/** The alert of RFC 8446 section 6.2 that says best why a certificate was refused. */
export function alertOfFlags(flags: TlsCertificateFlags): number {
  if ((flags & TlsCertificateFlags.UNKNOWN_CA) !== 0) return GNUTLS_A_UNKNOWN_CA
  if ((flags & TlsCertificateFlags.REVOKED) !== 0) return GNUTLS_A_CERTIFICATE_REVOKED
  if ((flags & TlsCertificateFlags.EXPIRED) !== 0) return GNUTLS_A_CERTIFICATE_EXPIRED
  return GNUTLS_A_BAD_CERTIFICATE
}
