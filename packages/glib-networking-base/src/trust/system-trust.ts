// Finds the trust anchors of the machine; called once per process by TlsDatabase.getDefault.
// Upstream: glib-networking/tls/openssl/gtlsdatabase-openssl.c and the meson option `trust_store`.

import { readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { getCACertificates, rootCertificates } from 'node:tls'
import { certificateBlocks } from '../certificates/pem.ts'

/** Where the distributions keep their bundle, in the order tried. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Arch, Gentoo, Alpine
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', // Fedora, RHEL
  '/etc/pki/tls/certs/ca-bundle.crt', // older Fedora, CentOS
  '/etc/ssl/ca-bundle.pem', // older openSUSE
  '/var/lib/ca-certificates/ca-bundle.pem', // openSUSE
  '/etc/ssl/cert.pem', // Alpine, the BSDs
  '/etc/ssl/certs/ca-bundle.crt', // NixOS
]

/** Files of one directory that are read; the distributions' own have some 300. */
const MAXIMUM_FILES = 2000

export interface SystemTrustOptions {
  /** A file of anchors; default: the environment variable SSL_CERT_FILE. */
  readonly certFile?: string | undefined
  /** Directories of such files, separated as in PATH; default: the environment variable SSL_CERT_DIR. */
  readonly certDir?: string | undefined
}

/**
 * The anchors in PEM, each once: those of SSL_CERT_FILE and SSL_CERT_DIR if they name any, else the distribution's bundle,
 * else what Node finds in the system's store (macOS, Windows), else the roots that come with Node.
 */
export function systemAnchorsPem({
  certFile = process.env['SSL_CERT_FILE'],
  certDir = process.env['SSL_CERT_DIR'],
}: SystemTrustOptions = {}): readonly string[] {
  const files = certFile ? [certFile] : []
  const named = [...files, ...(certDir ?? '').split(delimiter).flatMap(filesOf)].flatMap(readAnchors)
  if (named.length > 0) return [...new Set(named)]
  for (const path of BUNDLES) {
    const anchors = readAnchors(path)
    if (anchors.length > 0) return anchors
  }
  const system = getCACertificates('system')
  return system.length > 0 ? system : rootCertificates
}

/** OpenSSL keeps one certificate a file, under its name and as a link under its hash. */
function filesOf(directory: string): readonly string[] {
  if (directory === '') return []
  try {
    const names = readdirSync(directory).toSorted().slice(0, MAXIMUM_FILES)
    return names.map((name) => join(directory, name))
  } catch {
    return [] // Not there, or not ours to read: the others are looked at.
  }
}

function readAnchors(path: string): readonly string[] {
  try {
    return certificateBlocks(readFileSync(path, 'utf8'))
  } catch {
    return [] // Not this distribution's place, not ours to read, or no file: the next place is tried.
  }
}
