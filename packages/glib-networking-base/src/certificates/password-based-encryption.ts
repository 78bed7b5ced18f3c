// Decrypts what was encrypted with a password: private keys in PKCS#8 and the parts of a PKCS#12 file.
// RFC 8018 section 6.2 (PBES2), RFC 7914 (scrypt), RFC 7292 appendix C (PKCS#12's own ciphers).

import { createDecipheriv, pbkdf2Sync, scryptSync } from 'node:crypto'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import type { AlgorithmIdentifier } from '@peculiar/asn1-x509'
import { TlsError } from '../errors.ts'
import type { DerivationBudget } from './derivation-budget.ts'
import type { PasswordBytes } from './password-bytes.ts'
import { Pbes2Parameters, Pbkdf2Parameters, Pkcs12PbeParameters, ScryptParameters } from './password-based-schema.ts'
import { derivePkcs12Key, Pkcs12KeyPurpose } from './pkcs12-key.ts'

const PBES2 = '1.2.840.113549.1.5.13'
const PBKDF2 = '1.2.840.113549.1.5.12'
const SCRYPT = '1.3.6.1.4.1.11591.4.11'

/** The memory scrypt may take; OpenSSL writes files that need 16 MiB. */
const MAXIMUM_SCRYPT_BYTES = 128 * 2 ** 20

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

/** PBKDF2 runs once for each output of its hash that the key takes. */
const SHORTEST_HASH_BYTES = 20

/** PKCS#12's RC4 and RC2, which OpenSSL has not offered since 3.0. */
const BROKEN_CIPHERS = new Set(['1', '2', '5', '6'].map((last) => `1.2.840.113549.1.12.1.${last}`))

const HMAC_HASHES = new Map([
  ['1.2.840.113549.2.7', 'sha1'],
  ['1.2.840.113549.2.8', 'sha224'],
  ['1.2.840.113549.2.9', 'sha256'],
  ['1.2.840.113549.2.10', 'sha384'],
  ['1.2.840.113549.2.11', 'sha512'],
])

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

/** The hash of an HMAC's object identifier. */
export function hmacHash(algorithm: AlgorithmIdentifier): string {
  return HMAC_HASHES.get(algorithm.algorithm) ?? unsupported(algorithm)
}

/**
 * A key from PBKDF2 or scrypt.
 *
 * @throws {TlsError} `BAD_CERTIFICATE` for another algorithm, or one that takes too much work.
 */
export function deriveKey(
  algorithm: AlgorithmIdentifier,
  bytes: number,
  password: PasswordBytes,
  budget: DerivationBudget,
): Buffer {
  if (algorithm.algorithm === PBKDF2) {
    const { salt, iterations, keyLength, prf } = parameters(algorithm, Pbkdf2Parameters)
    if (keyLength !== undefined && keyLength !== bytes) return unsupported(algorithm)
    budget.spend(iterations * Math.ceil(bytes / SHORTEST_HASH_BYTES))
    const hash = prf === undefined ? 'sha1' : hmacHash(prf)
    return pbkdf2Sync(password.utf8, new Uint8Array(salt.buffer), iterations, bytes, hash)
  }
  if (algorithm.algorithm !== SCRYPT) return unsupported(algorithm)
  const { salt, cost, blockSize, parallelization } = parameters(algorithm, ScryptParameters)
  budget.spend(cost * blockSize * parallelization)
  const work = { N: cost, r: blockSize, p: parallelization, maxmem: MAXIMUM_SCRYPT_BYTES }
  return scryptSync(password.utf8, new Uint8Array(salt.buffer), bytes, work)
}

/** The parameters of `algorithm`, which has to have some. */
export function parameters<T>(algorithm: AlgorithmIdentifier, schema: new () => T): T {
  if (algorithm.parameters === undefined || algorithm.parameters === null) return unsupported(algorithm)
  return AsnConvert.parse(algorithm.parameters, schema)
}

function cipherOf(
  algorithm: AlgorithmIdentifier,
  password: PasswordBytes,
  budget: DerivationBudget,
): { readonly name: string; readonly key: Buffer; readonly iv: Uint8Array } {
  if (algorithm.algorithm === PBES2) {
    const { keyDerivation, cipher } = parameters(algorithm, Pbes2Parameters)
    const { name, keyBytes } = CIPHERS.get(cipher.algorithm) ?? unsupported(cipher)
    const iv = new Uint8Array(parameters(cipher, OctetString).buffer)
    return { name, key: deriveKey(keyDerivation, keyBytes, password, budget), iv }
  }
  const { name, keyBytes } = PKCS12_CIPHERS.get(algorithm.algorithm) ?? unsupported(algorithm)
  const { salt, iterations } = parameters(algorithm, Pkcs12PbeParameters)
  const derive = (purpose: Pkcs12KeyPurpose, bytes: number): Buffer =>
    derivePkcs12Key(password, { hash: 'sha1', salt: new Uint8Array(salt.buffer), iterations, purpose, bytes }, budget)
  return { name, key: derive(Pkcs12KeyPurpose.KEY, keyBytes), iv: derive(Pkcs12KeyPurpose.IV, DES_BLOCK_BYTES) }
}

function unsupported({ algorithm }: AlgorithmIdentifier): never {
  const what = BROKEN_CIPHERS.has(algorithm)
    ? 'is encrypted with RC2 or RC4, which OpenSSL no longer offers; encrypt it anew with AES'
    : `uses the algorithm ${algorithm}, or parameters of it, that are not supported`
  throw new TlsError('BAD_CERTIFICATE', `The file ${what}.`)
}
