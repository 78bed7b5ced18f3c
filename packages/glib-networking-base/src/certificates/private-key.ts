// Reads private keys in PEM, encrypted or not; called by TlsCertificate, which keeps them decrypted.
// RFC 5958 (PKCS#8), RFC 1421 section 4.6.1.1 (the older `Proc-Type: 4,ENCRYPTED`).

import { createPrivateKey, getCiphers, type KeyObject } from 'node:crypto'
import { TlsError } from '../errors.ts'
import { DerReader } from '../verification/der-reader.ts'
import { DerivationBudget } from './derivation-budget.ts'
import { PasswordBytes } from './password-bytes.ts'
import type { PemBlock } from './pem.ts'
import { decryptPrivateKeyInfo } from './private-key-info.ts'

const ENCRYPTED_PKCS8 = 'ENCRYPTED PRIVATE KEY'
const LEGACY_ENCRYPTION = /^Proc-Type: *4, *ENCRYPTED *$/m
const LEGACY_CIPHER = /^DEK-Info: *([A-Z0-9-]{1,40}),/im

/**
 * A private key in PEM, never encrypted: `block` as it stands, or decrypted as PKCS#8.
 *
 * @param password In UTF-8; null when there is none. Not looked at unless the key is encrypted.
 * @throws {TlsError} `BAD_CERTIFICATE_PASSWORD` when the key is encrypted and the password is wrong or missing;
 *   `BAD_CERTIFICATE` when it cannot be decoded, or is encrypted in a way that is not supported.
 */
export function decryptedPrivateKeyPem(block: PemBlock, password: string | Uint8Array | null): string {
  const decrypt =
    block.label === ENCRYPTED_PKCS8 ? decryptPkcs8 : LEGACY_ENCRYPTION.test(block.text) ? decryptLegacy : null
  if (decrypt === null) return block.text
  if (password === null) {
    throw new TlsError('BAD_CERTIFICATE_PASSWORD', 'The private key is encrypted and there is no password.')
  }
  using bytes = PasswordBytes.from(password)
  return privateKeyPem(decrypt(block.text, bytes))
}

/** @returns PKCS#8 in PEM. */
export function privateKeyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/**
 * @param pem A key that is not encrypted.
 * @returns PKCS#8 in DER.
 * @throws {TlsError} `BAD_CERTIFICATE` when it cannot be decoded.
 */
export function privateKeyDer(pem: string): Buffer {
  try {
    return createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
  } catch (cause) {
    throw new TlsError('BAD_CERTIFICATE', 'The private key cannot be decoded.', { cause })
  }
}

function decryptPkcs8(text: string, password: PasswordBytes): KeyObject {
  const der = Buffer.from(text.replaceAll(/-----[^-]*-----/g, ''), 'base64')
  return decryptPrivateKeyInfo(new DerReader(der), password, new DerivationBudget())
}

function decryptLegacy(text: string, password: PasswordBytes): KeyObject {
  const cipher = LEGACY_CIPHER.exec(text)?.[1] ?? 'nothing known'
  if (!getCiphers().includes(cipher.toLowerCase())) {
    throw new TlsError('BAD_CERTIFICATE', `The private key is encrypted with ${cipher}, which is not supported.`)
  }
  try {
    return createPrivateKey({ key: text, passphrase: password.utf8 })
  } catch (cause) {
    throw new TlsError('BAD_CERTIFICATE_PASSWORD', 'The password of the private key is wrong.', { cause })
  }
}
