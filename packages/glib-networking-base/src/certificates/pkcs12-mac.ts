// Whether a PKCS#12 file is what was written with this password; checked before anything in it is decoded.
// RFC 7292 section 5.1 and appendix B, RFC 9579 (PBMAC1).

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { MacData } from '@peculiar/asn1-pfx'
import { AlgorithmIdentifier } from '@peculiar/asn1-x509'
import { TlsError } from '../errors.ts'
import type { DerivationBudget } from './derivation-budget.ts'
import type { PasswordBytes } from './password-bytes.ts'
import { deriveKey, hmacHash, parameters } from './password-based-encryption.ts'
import { Pbkdf2Parameters, Pbmac1Parameters } from './password-based-schema.ts'
import { derivePkcs12Key, type Pkcs12Hash, Pkcs12KeyPurpose } from './pkcs12-key.ts'

const PBMAC1 = '1.2.840.113549.1.5.14'
/** The longest key of PBMAC1: the block of the longest hash. */
const MAXIMUM_MAC_KEY_BYTES = 128

interface DigestAlgorithm {
  readonly hash: Pkcs12Hash
  readonly bytes: number
}

const DIGESTS = new Map<string, DigestAlgorithm>([
  ['1.3.14.3.2.26', { hash: 'sha1', bytes: 20 }],
  ['2.16.840.1.101.3.4.2.4', { hash: 'sha224', bytes: 28 }],
  ['2.16.840.1.101.3.4.2.1', { hash: 'sha256', bytes: 32 }],
  ['2.16.840.1.101.3.4.2.2', { hash: 'sha384', bytes: 48 }],
  ['2.16.840.1.101.3.4.2.3', { hash: 'sha512', bytes: 64 }],
])

/**
 * @param content What the MAC is over.
 * @throws {TlsError} `BAD_CERTIFICATE_PASSWORD` when it does not fit, `BAD_CERTIFICATE` for an algorithm not known.
 */
export function checkPkcs12Mac(
  macData: MacData,
  content: Uint8Array,
  password: PasswordBytes,
  budget: DerivationBudget,
): void {
  const { hash, key } = macKey(macData, password, budget)
  const expected = createHmac(hash, key).update(content).digest()
  key.fill(0)
  const actual = new Uint8Array(macData.mac.digest.buffer)
  if (actual.length === expected.length && timingSafeEqual(actual, expected)) return
  throw new TlsError('BAD_CERTIFICATE_PASSWORD', 'The password of the PKCS#12 file is wrong.')
}

function macKey(
  { mac, macSalt, iterations }: MacData,
  password: PasswordBytes,
  budget: DerivationBudget,
): { readonly hash: string; readonly key: Buffer } {
  const algorithm = new AlgorithmIdentifier(mac.digestAlgorithm)
  if (algorithm.algorithm === PBMAC1) return pbmac1Key(algorithm, password, budget)
  const digest = DIGESTS.get(algorithm.algorithm)
  if (digest === undefined) {
    throw new TlsError(
      'BAD_CERTIFICATE',
      `The MAC of the PKCS#12 file uses ${algorithm.algorithm}, which is not known.`,
    )
  }
  const { hash, bytes } = digest
  const salt = new Uint8Array(macSalt.buffer)
  const key = derivePkcs12Key(password, { hash, salt, iterations, purpose: Pkcs12KeyPurpose.MAC, bytes }, budget)
  return { hash, key }
}

function pbmac1Key(
  algorithm: AlgorithmIdentifier,
  password: PasswordBytes,
  budget: DerivationBudget,
): { readonly hash: string; readonly key: Buffer } {
  const { keyDerivation, mac } = parameters(algorithm, Pbmac1Parameters)
  // The RFC demands the length here, which is optional elsewhere.
  const { keyLength = 0 } = parameters(keyDerivation, Pbkdf2Parameters)
  if (!(keyLength > 0 && keyLength <= MAXIMUM_MAC_KEY_BYTES)) {
    throw new TlsError('BAD_CERTIFICATE', 'The MAC of the PKCS#12 file has a key of no sensible length.')
  }
  return { hash: hmacHash(mac), key: deriveKey(keyDerivation, keyLength, password, budget) }
}
