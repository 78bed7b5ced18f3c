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
  const rest: X509Certificate[] = []
  const first = socket.getPeerX509Certificate()
  if (first === undefined) return null
  // Node links what was sent in the order it was sent; the name of the property notwithstanding, nothing is issued by it.
  let next = first.issuerCertificate
  while (next !== undefined && rest.length < MAX_CERTIFICATES - 1) {
    rest.push(next)
    next = next.issuerCertificate
  }
  const decoded = new Map<X509Certificate, TlsCertificate>()
  const leaf = chainOf(first, rest, decoded)
  return { leaf, sent: [leaf, ...rest.map((x509) => decoded.get(x509) ?? new TlsCertificate(x509, { issuer: null }))] }
}

/** `certificate` with those of `others` that issued it, one after the other; each is used once, so it ends. */
function chainOf(
  certificate: X509Certificate,
  others: readonly X509Certificate[],
  decoded: Map<X509Certificate, TlsCertificate>,
): TlsCertificate {
  const found = others.find((other) => certificate.checkIssued(other))
  const issuer = found === undefined ? null : chainOf(found, without(others, found), decoded)
  const chain = new TlsCertificate(certificate, { issuer })
  decoded.set(certificate, chain)
  return chain
}

function without<T>(values: readonly T[], value: T): readonly T[] {
  return values.filter((other) => other !== value)
}
