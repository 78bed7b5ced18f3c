// The signatures of certificates by Node's own OpenSSL: what TlsDatabase.verifyChain uses when no backend is asked.
// RFC 5280 section 6.1.3 (a) (1).

import type { KeyObject } from 'node:crypto'
import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import type { SignatureVerifier } from './verify-chain.ts'

/** Verifies with `node:crypto`. */
export const nodeSignatureVerifier: SignatureVerifier = {
  isSignedBy(certificate: TlsCertificate, issuer: TlsCertificate): boolean {
    const key = publicKeyOf(issuer)
    return key !== null && certificate.x509.verify(key)
  },
}

/** Null for a key that is none, or that OpenSSL cannot use. */
function publicKeyOf(issuer: TlsCertificate): KeyObject | null {
  try {
    return issuer.x509.publicKey
  } catch {
    return null
  }
}
