// Verifies the signature of something an authority signed that is no certificate: an OCSP response, a revocation list.
// RFC 5280 section 4.1.1.2; algorithms: RFC 4055, 5758, 8410.

import { constants, type KeyObject, verify, type VerifyKeyObjectInput } from 'node:crypto'
import { type AlgorithmIdentifier, algorithmIdentifier } from '../verification/decoded-certificate.ts'
import { constructedContextTag, DerReader, DerTag } from '../verification/der-reader.ts'
import { HashOid, RSA_PSS_SIGNATURE } from '../verification/object-identifiers.ts'

/** As for certificates: shorter ones can be forged. */
const MINIMUM_RSA_BITS = 2048

interface SignatureAlgorithm {
  readonly keyType: string
  /** Null when the algorithm has a hash of its own. */
  readonly hash: string | null
  /** What RSA-PSS needs besides. */
  readonly padding?: Pick<VerifyKeyObjectInput, 'padding' | 'saltLength'>
}

/** MD5 and SHA-1 are left out on purpose: who can find collisions can forge a signature. */
const ALGORITHMS = new Map<string, SignatureAlgorithm>([
  ['1.2.840.113549.1.1.11', { keyType: 'rsa', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { keyType: 'rsa', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { keyType: 'rsa', hash: 'sha512' }],
  ['1.2.840.10045.4.3.2', { keyType: 'ec', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { keyType: 'ec', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { keyType: 'ec', hash: 'sha512' }],
  ['1.3.101.112', { keyType: 'ed25519', hash: null }],
  ['1.3.101.113', { keyType: 'ed448', hash: null }],
])

export interface SignedData {
  /** The bytes that were signed. */
  readonly data: Uint8Array
  readonly algorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
}

const PSS_HASHES = new Map<string, string>([
  [HashOid.SHA256, 'sha256'],
  [HashOid.SHA384, 'sha384'],
  [HashOid.SHA512, 'sha512'],
])

/** Whether `signed` was signed with the private key of `publicKey`. An algorithm not known, or too weak, counts as no. */
export function verifySignedData({ data, algorithm, signature }: SignedData, publicKey: KeyObject): boolean {
  try {
    const known = algorithm.oid === RSA_PSS_SIGNATURE ? pssAlgorithm(algorithm) : ALGORITHMS.get(algorithm.oid)
    if (known === undefined || known.keyType !== publicKey.asymmetricKeyType) return false
    const bits = publicKey.asymmetricKeyDetails?.modulusLength
    if (bits !== undefined && bits < MINIMUM_RSA_BITS) return false
    return verify(known.hash, data, { key: publicKey, ...known.padding }, signature)
  } catch {
    return false // The signature, or the parameters of its algorithm, cannot even be read.
  }
}

function pssAlgorithm({ parameters }: AlgorithmIdentifier): SignatureAlgorithm | undefined {
  const reader = new DerReader(parameters).inside(DerTag.SEQUENCE)
  const hashAlgorithm = reader.optional(constructedContextTag(0))
  reader.optional(constructedContextTag(1)) // The mask generation, for which OpenSSL takes the same hash.
  const saltLength = reader.optional(constructedContextTag(2))
  // What is left out stands for SHA-1 and its length.
  if (hashAlgorithm === null || saltLength === null) return undefined
  const hash = PSS_HASHES.get(algorithmIdentifier(new DerReader(hashAlgorithm)).oid)
  if (hash === undefined) return undefined
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: new DerReader(saltLength).count() }
  return { keyType: 'rsa', hash, padding }
}
