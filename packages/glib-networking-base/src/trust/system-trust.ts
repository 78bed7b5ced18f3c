// Finds the trust anchors of the machine; called once per process by TlsDatabase.getDefault.
// Upstream: glib-networking/tls/openssl/gtlsdatabase-openssl.c and the meson option `trust_store`.

import { readFileSync } from 'node:fs'
import { getCACertificates, rootCertificates } from 'node:tls'
import { certificateBlocks } from '../certificates/pem.ts'

/** Where the distributions keep their bundle, in the order tried. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Arch, Gentoo
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', // Fedora, RHEL
  '/etc/pki/tls/certs/ca-bundle.crt', // older Fedora, CentOS
  '/etc/ssl/ca-bundle.pem', // openSUSE
  '/etc/ssl/cert.pem', // Alpine, the BSDs
]

/**
 * The anchors in PEM: the file named by SSL_CERT_FILE, else the distribution's bundle, else what Node finds in the
 * system's store (macOS, Windows), else the roots that come with Node.
 *
 * @param certFile Value of SSL_CERT_FILE.
 */
export function systemAnchorsPem(certFile: string | undefined = process.env['SSL_CERT_FILE']): readonly string[] {
  for (const path of certFile === undefined ? BUNDLES : [certFile, ...BUNDLES]) {
    const anchors = readBundle(path)
    if (anchors.length > 0) return anchors
  }
  const system = getCACertificates('system')
  return system.length > 0 ? system : rootCertificates
}

function readBundle(path: string): readonly string[] {
  try {
    return certificateBlocks(readFileSync(path, 'utf8'))
  } catch {
    return [] // Not this distribution's place, or not ours to read: the next place is tried.
  }
}
