// Whether a certificate is for a host. Called by verify-chain.ts.
// Upstream: glib-networking/tls/openssl/gtlscertificate-openssl.c (verify_identity). RFC 9525 section 6.

import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import { decodeOrNull } from './decoded-certificate.ts'
import type { GeneralName } from './general-name.ts'
import { patternMatchesHost } from './host-name.ts'
import { ipOctets } from './ip-octets.ts'

/** What domainToASCII ends the host at, leaves out or decodes, as if it stood in a URL, so that other names come of it. */
const NO_PART_OF_A_HOST = /[\s/\\?#%]/

/**
 * The name to send as SNI for `identity`: an ASCII host name without trailing dot, or null for an IP address or null
 * (RFC 6066 section 3 allows no addresses).
 */
export function serverNameOf(identity: string | null): string | null {
  if (identity === null || isIP(bareAddress(identity)) !== 0 || NO_PART_OF_A_HOST.test(identity)) return null
  const name = domainToASCII(identity.replace(/\.$/, ''))
  // Forms such as 127.1 become addresses only here.
  return name === '' || isIP(name) !== 0 ? null : name
}

/**
 * Whether `certificate` is for `identity`, a host name (Unicode or ASCII) or an IP address, by its subjectAltName
 * extension alone. An IP address matches IP entries only. A wildcard stands for one whole leftmost label, and not right
 * below a registry's suffix such as `co.uk`.
 */
export function certificateMatchesIdentity(certificate: TlsCertificate, identity: string): boolean {
  const names = decodeOrNull(certificate)?.extensions.subjectAltNames ?? []
  return namesMatchIdentity(names, identity)
}

/** {@link certificateMatchesIdentity} for the names of a certificate already decoded. */
export function namesMatchIdentity(names: readonly GeneralName[], identity: string): boolean {
  const address = ipOctets(bareAddress(identity))
  if (address !== null) return names.some((name) => name.kind === 'ip' && name.octets.equals(address))
  const host = serverNameOf(identity)?.toLowerCase()
  if (host === undefined) return false
  return names.some((name) => name.kind === 'dns' && patternMatchesHost(name.value, host))
}

/** URIs write IPv6 addresses in brackets and may add a zone; certificates know neither. */
function bareAddress(identity: string): string {
  return identity.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '')
}
