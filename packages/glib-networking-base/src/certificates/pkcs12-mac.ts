// Whether a PKCS#12 file is what was written with this password; checked before anything in it is decoded.
// RFC 7292 section 5.1 and appendix B, RFC 9579 (PBMAC1).

import { createHmac, timingSafeEqual } from 'node:crypto'
import { TlsError } from '../errors.ts'
import { type AlgorithmIdentifier, algorithmIdentifier } from '../verification/decoded-certificate.ts'
import { DerReader, DerTag } from '../verification/der-reader.ts'
import type { DerivationBudget } from './derivation-budget.ts'
import type { PasswordBytes } from './password-bytes.ts'
import { deriveKey, hmacHash, pbkdf2Parameters } from './password-based-key.ts'
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
 * @param macData The MacData of the file.
 * @param content What the MAC is over.
 * @throws {TlsError} `BAD_CERTIFICATE_PASSWORD` when it does not fit, `BAD_CERTIFICATE` for an algorithm not known.
 */
export function checkPkcs12Mac(
  macData: DerReader,
  content: Uint8Array,
  password: PasswordBytes,
  budget: DerivationBudget,
): void {
  const digestInfo = macData.inside(DerTag.SEQUENCE)
  const algorithm = algorithmIdentifier(digestInfo)
  const actual = digestInfo.read(DerTag.OCTET_STRING)
  const salt = macData.read(DerTag.OCTET_STRING)
  const iterations = macData.atEnd ? 1 : macData.count()
  const { hash, key } =
    algorithm.oid === PBMAC1
      ? pbmac1Key(algorithm, password, budget)
      : pkcs12MacKey(algorithm, { salt, iterations }, password, budget)
  const expected = createHmac(hash, key).update(content).digest()
  key.fill(0)
  if (actual.length === expected.length && timingSafeEqual(actual, expected)) return
  throw new TlsError('BAD_CERTIFICATE_PASSWORD', 'The password of the PKCS#12 file is wrong.')
}

interface MacKey {
  readonly hash: string
  readonly key: Buffer
}

function pkcs12MacKey(
  { oid }: AlgorithmIdentifier,
  { salt, iterations }: { readonly salt: Buffer; readonly iterations: number },
  password: PasswordBytes,
  budget: DerivationBudget,
): MacKey {
  const digest = DIGESTS.get(oid)
  if (digest === undefined) {
    throw new TlsError('BAD_CERTIFICATE', `The MAC of the PKCS#12 file uses ${oid}, which is not known.`)
  }
  const { hash, bytes } = digest
  const key = derivePkcs12Key(password, { hash, salt, iterations, purpose: Pkcs12KeyPurpose.MAC, bytes }, budget)
  return { hash, key }
}

/** Salt and iterations are in the parameters; those of the file's MacData do not count. */
function pbmac1Key({ parameters }: AlgorithmIdentifier, password: PasswordBytes, budget: DerivationBudget): MacKey {
  const reader = new DerReader(parameters).inside(DerTag.SEQUENCE)
  const derivation = algorithmIdentifier(reader)
  const mac = algorithmIdentifier(reader)
  // The RFC demands the length here, which is optional elsewhere.
  const { keyLength } = pbkdf2Parameters(derivation)
  if (keyLength === null || keyLength === 0 || keyLength > MAXIMUM_MAC_KEY_BYTES) {
    throw new TlsError('BAD_CERTIFICATE', 'The MAC of the PKCS#12 file has a key of no sensible length.')
  }
  return { hash: hmacHash(mac), key: deriveKey(derivation, keyLength, password, budget) }
}
