// The certificates a peer sent, as they came, and the chain of issuers they make.
// Upstream: glib-networking/tls/openssl/gtlscertificate-openssl.c (g_tls_certificate_openssl_build_chain).

import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { TlsCertificate } from '@wpe-networking/glib-networking-base'

/** Most certificates looked at; OpenSSL itself takes 100 KB of them, no real chain comes near ten. */
const MAX_CERTIFICATES = 32

/** What a peer presented. */
export interface PeerCertificates {
  /** The leaf, then the rest in the order sent. */
  readonly sent: readonly TlsCertificate[]
  /** The leaf with its issuers, as far as they were sent. */
  readonly leaf: TlsCertificate
}

/** The peer's certificates, or null when it sent none. */
export function peerCertificatesOf(socket: TLSSocket): PeerCertificates | null {
  const sent: X509Certificate[] = []
  // Node links what was sent in the order it was sent; the name of the property notwithstanding, nothing is issued by it.
  let next: X509Certificate | undefined = socket.getPeerX509Certificate()
  while (next !== undefined && sent.length < MAX_CERTIFICATES) {
    sent.push(next)
    next = next.issuerCertificate
  }
  const [leaf] = sent
  if (leaf === undefined) return null
  return { sent: sent.map((x509) => new TlsCertificate(x509, { issuer: null })), leaf: chainOf(leaf, sent.slice(1)) }
}

/** `certificate` with those of `others` that issued it, one after the other; each is used once, so it ends. */
function chainOf(certificate: X509Certificate, others: readonly X509Certificate[]): TlsCertificate {
  const issuer = others.find((other) => certificate.checkIssued(other))
  if (issuer === undefined) return new TlsCertificate(certificate, { issuer: null })
  const rest = others.filter((other) => other !== issuer)
  return new TlsCertificate(certificate, { issuer: chainOf(issuer, rest) })
}
