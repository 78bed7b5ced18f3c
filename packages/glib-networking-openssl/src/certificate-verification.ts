// What is wrong with a peer's certificates: the checks both backends share, with OpenSSL's cryptography, and beside them
// OpenSSL's own verdict, so that nothing is accepted that the library refuses.
// Upstream: glib-networking/tls/openssl/gtlsdatabase-openssl.c and gtlscertificate-openssl.c.

import {
  nodeSignatureVerifier,
  type TlsCertificate,
  TlsCertificateFlags,
  verifyChain as verifySharedChain,
  type VerifyChainOptions,
} from '@wpe-networking/glib-networking-base'

const { UNKNOWN_CA, NOT_ACTIVATED, EXPIRED, REVOKED, GENERIC_ERROR, NO_FLAGS } = TlsCertificateFlags

/**
 * OpenSSL's X509_V_ERR codes, as node:tls spells them in `authorizationError`. Those Node has no name for, such as keys
 * that are too short, are all `UNSPECIFIED`.
 */
const FLAGS: Readonly<Record<string, TlsCertificateFlags>> = {
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_CA,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_CA,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_CA,
  CERT_UNTRUSTED: UNKNOWN_CA,
  CERT_NOT_YET_VALID: NOT_ACTIVATED,
  CERT_HAS_EXPIRED: EXPIRED,
  CERT_REVOKED: REVOKED,
}

/** {@link TlsBackend.verifyChain} of this backend: base's signatures are OpenSSL's too, through node:crypto. */
export function verifyChain(certificates: readonly TlsCertificate[], options: VerifyChainOptions): TlsCertificateFlags {
  return verifySharedChain(certificates, options, nodeSignatureVerifier)
}

/**
 * The verdict on a handshake: what the shared checks found and what OpenSSL did. A code of OpenSSL's without a flag of its
 * own becomes GENERIC_ERROR, unless the chain is refused already, most likely for the same thing.
 *
 * OpenSSL is overruled in one case. It follows one path only: where an intermediate was sent twice, signed by a known root
 * and by an unknown one, it may take the latter's and find no root at its end, while the shared checks found the other.
 *
 * @param verifyError What OpenSSL found wrong (`authorizationError` of a socket), or null.
 */
export function addOwnVerdict(
  flags: TlsCertificateFlags,
  verifyError: string | null,
  sent: readonly TlsCertificate[],
): TlsCertificateFlags {
  if (verifyError === null) return flags
  const own = FLAGS[verifyError]
  if (own === undefined) return flags === NO_FLAGS ? GENERIC_ERROR : flags
  if (flags === NO_FLAGS && own === UNKNOWN_CA && isCrossSigned(sent)) return flags
  return flags | own
}

/** Whether two different certificates were sent for one name. */
function isCrossSigned(sent: readonly TlsCertificate[]): boolean {
  return sent.some((certificate, index) =>
    sent.some(
      (other, otherIndex) =>
        otherIndex > index && other.x509.subject === certificate.x509.subject && !other.isSame(certificate),
    ),
  )
}
