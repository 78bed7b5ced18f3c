// Derives keys from a password with PBKDF2 or scrypt, as the parameters in a file ask for it, within bounds.
// RFC 8018 section 5.2 and appendix A.2, RFC 7914.

import { pbkdf2Sync, scryptSync } from 'node:crypto'
import { TlsError } from '../errors.ts'
import { type AlgorithmIdentifier, algorithmIdentifier } from '../verification/decoded-certificate.ts'
import { DerReader, DerTag } from '../verification/der-reader.ts'
import type { DerivationBudget } from './derivation-budget.ts'
import type { PasswordBytes } from './password-bytes.ts'

const PBKDF2 = '1.2.840.113549.1.5.12'
const SCRYPT = '1.3.6.1.4.1.11591.4.11'

/** The memory scrypt may take; OpenSSL writes files that need 16 MiB. */
const MAXIMUM_SCRYPT_BYTES = 128 * 2 ** 20
/** A step of scrypt takes as long as this many hashes. */
const COST_OF_A_STEP = 3
/** PBKDF2 runs once for each output of its hash that the key takes. */
const SHORTEST_HASH_BYTES = 20

const HMAC_HASHES = new Map([
  ['1.2.840.113549.2.7', 'sha1'],
  ['1.2.840.113549.2.8', 'sha224'],
  ['1.2.840.113549.2.9', 'sha256'],
  ['1.2.840.113549.2.10', 'sha384'],
  ['1.2.840.113549.2.11', 'sha512'],
])

export interface Pbkdf2Parameters {
  readonly salt: Buffer
  readonly iterations: number
  /** Null when the file leaves it to the cipher. */
  readonly keyLength: number | null
  readonly hash: string
}

/**
 * @param algorithm PBKDF2 or scrypt.
 * @param bytes How long the key has to be.
 * @throws {TlsError} `BAD_CERTIFICATE` for another algorithm, or one that takes too much work.
 */
export function deriveKey(
  algorithm: AlgorithmIdentifier,
  bytes: number,
  password: PasswordBytes,
  budget: DerivationBudget,
): Buffer {
  if (algorithm.oid === SCRYPT) return deriveByScrypt(algorithm, bytes, password, budget)
  const { salt, iterations, keyLength, hash } = pbkdf2Parameters(algorithm)
  if (keyLength !== null && keyLength !== bytes) return unsupportedAlgorithm(algorithm)
  budget.spend(iterations * Math.ceil(bytes / SHORTEST_HASH_BYTES))
  return pbkdf2Sync(password.utf8, salt, iterations, bytes, hash)
}

/** @throws {TlsError} `BAD_CERTIFICATE` for another algorithm than PBKDF2. */
export function pbkdf2Parameters(algorithm: AlgorithmIdentifier): Pbkdf2Parameters {
  if (algorithm.oid !== PBKDF2) return unsupportedAlgorithm(algorithm)
  const reader = new DerReader(algorithm.parameters).inside(DerTag.SEQUENCE)
  const salt = reader.read(DerTag.OCTET_STRING)
  const iterations = reader.count()
  const keyLength = reader.nextTag === DerTag.INTEGER ? reader.count() : null
  const hash = reader.atEnd ? 'sha1' : hmacHash(algorithmIdentifier(reader))
  reader.end()
  return { salt, iterations, keyLength, hash }
}

/** The hash of an HMAC. @throws {TlsError} `BAD_CERTIFICATE` for what is none. */
export function hmacHash(algorithm: AlgorithmIdentifier): string {
  return HMAC_HASHES.get(algorithm.oid) ?? unsupportedAlgorithm(algorithm)
}

export function unsupportedAlgorithm({ oid }: AlgorithmIdentifier): never {
  throw new TlsError(
    'BAD_CERTIFICATE',
    `The file uses the algorithm ${oid}, or parameters of it, that are not supported.`,
  )
}

function deriveByScrypt(
  algorithm: AlgorithmIdentifier,
  bytes: number,
  password: PasswordBytes,
  budget: DerivationBudget,
): Buffer {
  const reader = new DerReader(algorithm.parameters).inside(DerTag.SEQUENCE)
  const salt = reader.read(DerTag.OCTET_STRING)
  const [N, r, p] = [reader.count(), reader.count(), reader.count()]
  budget.spend(N * r * p * COST_OF_A_STEP)
  try {
    return scryptSync(password.utf8, salt, bytes, { N, r, p, maxmem: MAXIMUM_SCRYPT_BYTES })
  } catch {
    return unsupportedAlgorithm(algorithm) // More memory than allowed, or a cost that is no power of two.
  }
}
