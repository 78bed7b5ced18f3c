// Verifies the signature of something an authority signed that is no certificate: an OCSP response, a revocation list.
// RFC 5280 section 4.1.1.2; algorithms: RFC 4055, 5758, 8410.

import { constants, type KeyObject, verify, type VerifyKeyObjectInput } from 'node:crypto'
import { id_RSASSA_PSS, RsaSaPssParams } from '@peculiar/asn1-rsa'
import { AsnConvert } from '@peculiar/asn1-schema'
import type { AlgorithmIdentifier } from '@peculiar/asn1-x509'

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

const PSS_HASHES = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])

/** Whether `signed` was signed with the private key of `publicKey`. An algorithm not known, or too weak, counts as no. */
export function verifySignedData({ data, algorithm, signature }: SignedData, publicKey: KeyObject): boolean {
  try {
    const known = algorithm.algorithm === id_RSASSA_PSS ? pssAlgorithm(algorithm) : ALGORITHMS.get(algorithm.algorithm)
    if (known === undefined || known.keyType !== publicKey.asymmetricKeyType) return false
    const bits = publicKey.asymmetricKeyDetails?.modulusLength
    if (bits !== undefined && bits < MINIMUM_RSA_BITS) return false
    return verify(known.hash, data, { key: publicKey, ...known.padding }, signature)
  } catch {
    return false // The signature, or the parameters of its algorithm, cannot even be read.
  }
}

function pssAlgorithm({ parameters }: AlgorithmIdentifier): SignatureAlgorithm | undefined {
  if (parameters === undefined || parameters === null) return undefined // Stands for SHA-1.
  const { hashAlgorithm, saltLength } = AsnConvert.parse(parameters, RsaSaPssParams)
  const hash = PSS_HASHES.get(hashAlgorithm.algorithm)
  if (hash === undefined) return undefined
  return { keyType: 'rsa', hash, padding: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength } }
}
