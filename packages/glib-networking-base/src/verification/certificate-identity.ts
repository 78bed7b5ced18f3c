// Whether a certificate is for a host, and what its dates say; the part of verification both backends share.
// Upstream: glib-networking/tls/openssl/gtlscertificate-openssl.c (verify_identity). RFC 9525 section 6.

import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import { TlsCertificateFlags } from '../tls-certificate-flags.ts'

/**
 * The name to send as SNI for `identity`: an ASCII host name without trailing dot, or null for an IP address or null
 * (RFC 6066 section 3 allows no addresses).
 */
export function serverNameOf(identity: string | null): string | null {
  if (identity === null || isIP(bareAddress(identity)) !== 0) return null
  const name = domainToASCII(identity.replace(/\.$/, ''))
  // Forms such as 127.1 become addresses only here.
  return name === '' || isIP(name) !== 0 ? null : name
}

/**
 * Whether `certificate` is for `identity`, a host name (Unicode or ASCII) or an IP address. An IP address matches IP
 * entries only. Wildcards stand for one whole leftmost label. The common name counts only when the certificate names
 * no DNS name at all, as in the original.
 */
export function certificateMatchesIdentity(certificate: TlsCertificate, identity: string): boolean {
  const address = bareAddress(identity)
  if (isIP(address) !== 0) return certificate.x509.checkIP(address) !== undefined
  const name = serverNameOf(identity)
  return (
    name !== null && certificate.x509.checkHost(name, { subject: 'default', partialWildcards: false }) !== undefined
  )
}

/**
 * The flags that follow from the leaf alone: BAD_IDENTITY (unless `identity` is null), NOT_ACTIVATED, EXPIRED. What the
 * chain says is the library's to find out.
 *
 * @param now Milliseconds since the epoch.
 */
export function checkLeafCertificate(
  certificate: TlsCertificate,
  identity: string | null,
  now: number = Date.now(),
): TlsCertificateFlags {
  let flags: TlsCertificateFlags = TlsCertificateFlags.NO_FLAGS
  if (identity !== null && !certificateMatchesIdentity(certificate, identity)) flags |= TlsCertificateFlags.BAD_IDENTITY
  if (now < certificate.notValidBefore.getTime()) flags |= TlsCertificateFlags.NOT_ACTIVATED
  if (now > certificate.notValidAfter.getTime()) flags |= TlsCertificateFlags.EXPIRED
  return flags
}

/** URIs write IPv6 addresses in brackets and may add a zone; certificates know neither. */
function bareAddress(identity: string): string {
  return identity.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '')
}
