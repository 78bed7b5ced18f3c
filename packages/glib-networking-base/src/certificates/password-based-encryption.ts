// Decrypts what was encrypted with a password: private keys in PKCS#8 and the parts of a PKCS#12 file.
// RFC 8018 section 6.2 and appendix A (PBES2), RFC 7292 appendix C (PKCS#12's own ciphers).

import { createDecipheriv } from 'node:crypto'
import { TlsError } from '../errors.ts'
import { type AlgorithmIdentifier, algorithmIdentifier } from '../verification/decoded-certificate.ts'
import { DerReader, DerTag } from '../verification/der-reader.ts'
import type { DerivationBudget } from './derivation-budget.ts'
import type { PasswordBytes } from './password-bytes.ts'
import { deriveKey, unsupportedAlgorithm } from './password-based-key.ts'
import { derivePkcs12Key, Pkcs12KeyPurpose } from './pkcs12-key.ts'

const PBES2 = '1.2.840.113549.1.5.13'

interface Cipher {
  readonly name: string
  readonly keyBytes: number
}

const CIPHERS = new Map<string, Cipher>([
  ['2.16.840.1.101.3.4.1.2', { name: 'aes-128-cbc', keyBytes: 16 }],
  ['2.16.840.1.101.3.4.1.22', { name: 'aes-192-cbc', keyBytes: 24 }],
  ['2.16.840.1.101.3.4.1.42', { name: 'aes-256-cbc', keyBytes: 32 }],
  ['1.2.840.113549.3.7', { name: 'des-ede3-cbc', keyBytes: 24 }],
])

/** PKCS#12's own, which come with their key derivation. */
const PKCS12_CIPHERS = new Map<string, Cipher>([
  ['1.2.840.113549.1.12.1.3', { name: 'des-ede3-cbc', keyBytes: 24 }],
  ['1.2.840.113549.1.12.1.4', { name: 'des-ede-cbc', keyBytes: 16 }],
])
const DES_BLOCK_BYTES = 8

/** PKCS#12's RC4 and RC2, which OpenSSL has not offered since 3.0. */
const BROKEN_CIPHERS = new Set(['1', '2', '5', '6'].map((last) => `1.2.840.113549.1.12.1.${last}`))

/**
 * @param algorithm PBES2 with PBKDF2 or scrypt and AES or triple DES, or PKCS#12's SHA-1 with triple DES.
 * @throws {TlsError} `BAD_CERTIFICATE_PASSWORD` when the password is wrong, `BAD_CERTIFICATE` for another algorithm.
 */
export function decryptWithPassword(
  algorithm: AlgorithmIdentifier,
  data: Uint8Array,
  password: PasswordBytes,
  budget: DerivationBudget,
): Buffer {
  const { name, key, iv } = cipherOf(algorithm, password, budget)
  try {
    const decipher = createDecipheriv(name, key, iv)
    return Buffer.concat([decipher.update(data), decipher.final()])
  } catch (cause) {
    throw new TlsError('BAD_CERTIFICATE_PASSWORD', 'The password is wrong.', { cause })
  } finally {
    key.fill(0)
  }
}

interface KeyedCipher {
  readonly name: string
  readonly key: Buffer
  readonly iv: Uint8Array
}

function cipherOf(algorithm: AlgorithmIdentifier, password: PasswordBytes, budget: DerivationBudget): KeyedCipher {
  if (algorithm.oid === PBES2) return pbes2Cipher(algorithm, password, budget)
  const { name, keyBytes } = PKCS12_CIPHERS.get(algorithm.oid) ?? unsupportedCipher(algorithm)
  const parameters = new DerReader(algorithm.parameters).inside(DerTag.SEQUENCE)
  const salt = parameters.read(DerTag.OCTET_STRING)
  const iterations = parameters.count()
  const derive = (purpose: Pkcs12KeyPurpose, bytes: number): Buffer =>
    derivePkcs12Key(password, { hash: 'sha1', salt, iterations, purpose, bytes }, budget)
  return { name, key: derive(Pkcs12KeyPurpose.KEY, keyBytes), iv: derive(Pkcs12KeyPurpose.IV, DES_BLOCK_BYTES) }
}

function pbes2Cipher(
  { parameters }: AlgorithmIdentifier,
  password: PasswordBytes,
  budget: DerivationBudget,
): KeyedCipher {
  const reader = new DerReader(parameters).inside(DerTag.SEQUENCE)
  const derivation = algorithmIdentifier(reader)
  const cipher = algorithmIdentifier(reader)
  reader.end()
  const { name, keyBytes } = CIPHERS.get(cipher.oid) ?? unsupportedCipher(cipher)
  const iv = new DerReader(cipher.parameters).read(DerTag.OCTET_STRING)
  return { name, key: deriveKey(derivation, keyBytes, password, budget), iv }
}

function unsupportedCipher(algorithm: AlgorithmIdentifier): never {
  if (!BROKEN_CIPHERS.has(algorithm.oid)) return unsupportedAlgorithm(algorithm)
  throw new TlsError(
    'BAD_CERTIFICATE',
    'The file is encrypted with RC2 or RC4, which OpenSSL no longer offers; encrypt it anew with AES.',
  )
}
