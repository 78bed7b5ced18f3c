// The paths that can be made of the certificates a peer sent, for a library that looks at one order only.
// RFC 4158 section 2.

import type { TlsCertificate } from '@wpe-networking/glib-networking-base'

/** A peer that sends certificates with more ways through them than this has them judged by the first ones. */
const MAXIMUM_PATHS = 32

/** Every way from the leaf to a certificate none of the others has issued, by names and key identifiers. */
export function sentPaths(certificates: readonly TlsCertificate[]): readonly (readonly TlsCertificate[])[] {
  const [leaf, ...others] = certificates
  const paths: (readonly TlsCertificate[])[] = []
  const extend = (path: readonly TlsCertificate[], last: TlsCertificate): void => {
    const issuers = others.filter((other) => !path.includes(other) && last.x509.checkIssued(other.x509))
    for (const issuer of issuers) if (paths.length < MAXIMUM_PATHS) extend([...path, issuer], issuer)
    if (issuers.length === 0) paths.push(path)
  }
  if (leaf !== undefined) extend([leaf], leaf)
  return paths
}
