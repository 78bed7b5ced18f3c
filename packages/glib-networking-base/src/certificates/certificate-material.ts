// Decodes a certificate, its issuers and its private key from PEM, DER or PKCS#12; called by TlsCertificate.
// Upstream: glib/gio/gtlscertificate.c (parse_and_create_certificate).

import { type KeyObject, X509Certificate } from 'node:crypto'
import { TlsError } from '../errors.ts'
import { certificateEncoding, readCertificateFile } from './certificate-file.ts'
import { certificateBlocks, privateKeyBlock } from './pem.ts'
import { decodePkcs12 } from './pkcs12.ts'
import { decryptedPrivateKeyPem, privateKeyPem } from './private-key.ts'

/** Issuers read with a certificate; OpenSSL would not follow more either. */
const MAXIMUM_ISSUERS = 100

/** In UTF-8; null when there is none. */
export type Password = string | Uint8Array | null

export interface CertificateMaterial {
  /** The leaf, then its issuer, that one's issuer, and so on as far as they are known. */
  readonly chain: readonly X509Certificate[]
  /** Never encrypted; null when there is none. */
  readonly privateKeyPem: string | null
}

/** @throws {TlsError} `BAD_CERTIFICATE` when it is none. */
export function decodeCertificate(data: Uint8Array | string): X509Certificate {
  try {
    return new X509Certificate(data)
  } catch (cause) {
    throw new TlsError('BAD_CERTIFICATE', 'A certificate could not be decoded.', { cause })
  }
}

/**
 * The first certificate, and those that follow as far as each was issued by the next.
 *
 * @throws {TlsError} `BAD_CERTIFICATE` when there is none or one of the chain cannot be decoded.
 */
export function chainOf(certificates: readonly (Uint8Array | string)[]): readonly X509Certificate[] {
  const [first, ...others] = certificates
  if (first === undefined) throw new TlsError('BAD_CERTIFICATE', 'There is no certificate in the data.')
  let last = decodeCertificate(first)
  const chain = [last]
  for (const other of others.slice(0, MAXIMUM_ISSUERS)) {
    const issuer = decodeCertificate(other)
    // A root is its own issuer, and may be there twice.
    if (issuer.raw.equals(last.raw) || !last.checkIssued(issuer)) break
    chain.push((last = issuer))
  }
  return chain
}

/**
 * @param keyPem The text with the private key; default: `pem`.
 * @throws {TlsError} `BAD_CERTIFICATE`, `BAD_CERTIFICATE_PASSWORD`.
 */
export function materialFromPem(pem: string, password: Password, keyPem: string = pem): CertificateMaterial {
  const chain = chainOf(certificateBlocks(pem))
  const key = privateKeyBlock(keyPem)
  return { chain, privateKeyPem: key === null ? null : decryptedPrivateKeyPem(key, password) }
}

/** @throws {TlsError} `BAD_CERTIFICATE`, `BAD_CERTIFICATE_PASSWORD`. */
export function materialFromPkcs12(data: Uint8Array, password: Password): CertificateMaterial {
  const { certificates, privateKey } = decodePkcs12(data, password)
  const unordered = certificates.map(decodeCertificate)
  const leaf = leafOf(unordered, privateKey)
  if (leaf === undefined) throw new TlsError('BAD_CERTIFICATE', 'There is no certificate in the PKCS#12 file.')
  return {
    chain: orderedChain(leaf, unordered),
    privateKeyPem: privateKey === null ? null : privateKeyPem(privateKey),
  }
}

/**
 * By content: PEM, DER (one certificate) or PKCS#12.
 *
 * @throws {TlsError} `BAD_CERTIFICATE`, `BAD_CERTIFICATE_PASSWORD`; a file that cannot be read throws the system's error.
 */
export function materialFromFile(path: string, password: Password): CertificateMaterial {
  const data = readCertificateFile(path)
  switch (certificateEncoding(data)) {
    case 'pkcs12':
      return materialFromPkcs12(data, password)
    case 'der':
      return { chain: [decodeCertificate(data)], privateKeyPem: null }
    case 'pem':
      return materialFromPem(data.toString('latin1'), password)
  }
}

function leafOf(certificates: readonly X509Certificate[], key: KeyObject | null): X509Certificate | undefined {
  if (key === null) return certificates[0]
  const leaf = certificates.find((certificate) => certificate.checkPrivateKey(key))
  if (leaf === undefined && certificates.length > 0) {
    throw new TlsError('BAD_CERTIFICATE', 'The private key of the PKCS#12 file fits none of its certificates.')
  }
  return leaf
}

/** PKCS#12 files keep certificates in any order, and some that have nothing to do with it. */
function orderedChain(leaf: X509Certificate, certificates: readonly X509Certificate[]): readonly X509Certificate[] {
  const chain = [leaf]
  const rest = certificates.filter((certificate) => certificate !== leaf)
  for (let last = leaf; !last.checkIssued(last);) {
    const issuer = rest.find((candidate) => last.checkIssued(candidate))
    if (issuer === undefined) break
    rest.splice(rest.indexOf(issuer), 1)
    chain.push((last = issuer))
  }
  return chain
}
