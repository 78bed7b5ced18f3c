// What is wrong with a peer's certificate, from the one thing node:tls says about it plus what can be checked here.
// Upstream: glib-networking/tls/openssl/gtlscertificate-openssl.c (g_tls_certificate_openssl_convert_flags).

import {
  checkLeafCertificate,
  type TlsCertificate,
  TlsCertificateFlags,
  type TlsDatabase,
} from '@wpe-networking/glib-networking-base'

const { UNKNOWN_CA, NOT_ACTIVATED, EXPIRED, REVOKED, INSECURE, GENERIC_ERROR } = TlsCertificateFlags

/** OpenSSL's X509_V_ERR codes, as node:tls spells them in `authorizationError`; any other is a GENERIC_ERROR. */
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

/** Longest chain looked at; OpenSSL's own default depth is 100, no real chain comes near ten. */
const MAX_CHAIN = 10
/** What OpenSSL's security level 2 (112 bits) asks of an RSA, DSA or DH key, and of an elliptic curve. */
const MIN_MODULUS_BITS = 2048
const WEAK_CURVES = new Set(['secp192r1', 'prime192v1', 'secp160r1', 'secp160k1', 'secp192k1'])
const WEAK_SIGNATURE = /md5|sha1(?!\d)|sha-1(?!\d)/i

export interface Verification {
  readonly certificate: TlsCertificate
  readonly database: TlsDatabase
  /** Null checks no identity. */
  readonly identity: string | null
  /** `authorizationError` of the socket: the last thing OpenSSL found wrong, or null. */
  readonly verifyError: string | null
}

/**
 * Every flag that can be known. OpenSSL's error hides those found before it (an unknown issuer, then an expired leaf, ends
 * as CERT_HAS_EXPIRED), so with any error the rest is looked at here; without one nothing else costs time.
 */
export function verificationFlags({ certificate, database, identity, verifyError }: Verification): TlsCertificateFlags {
  const flags = checkLeafCertificate(certificate, identity)
  if (verifyError === null) return flags
  let chainFlags = FLAGS[verifyError] ?? GENERIC_ERROR
  if (chainFlags !== UNKNOWN_CA && !reachesAnchor(certificate, database)) chainFlags |= UNKNOWN_CA
  if (isWeak(certificate)) chainFlags = (chainFlags & ~GENERIC_ERROR) | INSECURE
  return flags | chainFlags
}

function reachesAnchor(leaf: TlsCertificate, database: TlsDatabase): boolean {
  let certificate: TlsCertificate | null = leaf
  for (let length = 0; certificate !== null && length < MAX_CHAIN; length++) {
    const { x509 } = certificate
    for (const anchor of database.anchors) {
      if (anchor.isSame(certificate)) return true
      if (x509.checkIssued(anchor.x509) && x509.verify(anchor.x509.publicKey)) return true
    }
    certificate = certificate.issuer
  }
  return false
}

/** Whether a key or signature of the chain is below what OpenSSL accepts; a root's own signature proves nothing anyway. */
function isWeak(leaf: TlsCertificate): boolean {
  let certificate: TlsCertificate | null = leaf
  for (let length = 0; certificate !== null && length < MAX_CHAIN; length++) {
    const { modulusLength, namedCurve } = certificate.x509.publicKey.asymmetricKeyDetails ?? {}
    if (modulusLength !== undefined && modulusLength < MIN_MODULUS_BITS) return true
    if (namedCurve !== undefined && WEAK_CURVES.has(namedCurve)) return true
    const selfSigned = certificate.subjectName === certificate.issuerName
    if (!selfSigned && WEAK_SIGNATURE.test(certificate.x509.signatureAlgorithm ?? '')) return true
    certificate = certificate.issuer
  }
  return false
}
