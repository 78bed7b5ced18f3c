// Private keys in PKCS#8, encrypted with a password or not; in PEM files and in PKCS#12.
// RFC 5958 sections 2 and 3.

import { createPrivateKey, type KeyObject } from 'node:crypto'
import { TlsError } from '../errors.ts'
import { algorithmIdentifier } from '../verification/decoded-certificate.ts'
import { type DerReader, DerTag } from '../verification/der-reader.ts'
import type { DerivationBudget } from './derivation-budget.ts'
import { decryptWithPassword } from './password-based-encryption.ts'
import type { PasswordBytes } from './password-bytes.ts'

/**
 * Decrypts the EncryptedPrivateKeyInfo that comes next. Not left to OpenSSL, which would take as long as the file demands.
 *
 * @throws {TlsError} `BAD_CERTIFICATE_PASSWORD` when the password is wrong; `BAD_CERTIFICATE` when it is malformed or
 *   encrypted in a way that is not supported.
 */
export function decryptPrivateKeyInfo(reader: DerReader, password: PasswordBytes, budget: DerivationBudget): KeyObject {
  const info = reader.inside(DerTag.SEQUENCE)
  const algorithm = algorithmIdentifier(info)
  const decrypted = decryptWithPassword(algorithm, info.read(DerTag.OCTET_STRING), password, budget)
  try {
    return createPrivateKey({ key: decrypted, format: 'der', type: 'pkcs8' })
  } catch (cause) {
    // Now and then a wrong password decrypts to something with the right padding.
    throw new TlsError('BAD_CERTIFICATE_PASSWORD', 'The password of the private key is wrong.', { cause })
  } finally {
    decrypted.fill(0)
  }
}

/**
 * @param der A PrivateKeyInfo.
 * @throws {TlsError} `BAD_CERTIFICATE` when it cannot be decoded.
 */
export function privateKeyFromInfo(der: Buffer): KeyObject {
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  } catch (cause) {
    throw new TlsError('BAD_CERTIFICATE', 'The private key cannot be decoded.', { cause })
  }
}
