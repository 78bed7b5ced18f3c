// Whether a key or a signature is strong enough to be believed: what the web's authorities may use, which is also what
// OpenSSL's security level 2 asks for. Called by path-checks.ts and the revocation checks.
// CA/Browser Forum Baseline Requirements sections 6.1.5 and 7.1.3.

import type { AlgorithmIdentifier, SubjectPublicKey } from './decoded-certificate.ts'
import { constructedContextTag, DerReader, DerTag } from './der-reader.ts'
import { HashOid, KeyOid, RSA_PSS_SIGNATURE, STRONG_CURVES, STRONG_SIGNATURES } from './object-identifiers.ts'

const MINIMUM_RSA_BITS = 2048
/** Larger keys only serve to keep the other side busy; no authority uses them. */
const MAXIMUM_RSA_BITS = 16384
/** Real ones have 17; the time of a check grows with them. */
const MAXIMUM_EXPONENT_BITS = 64
const STRONG_HASHES: ReadonlySet<string> = new Set(Object.values(HashOid))

/** RSA of 2048 bits or more, P-256, P-384, P-521, Ed25519, Ed448. */
export function isStrongKey(publicKey: SubjectPublicKey): boolean {
  const { oid, parameters } = publicKey.algorithm
  switch (oid) {
    case KeyOid.RSA:
    case KeyOid.RSA_PSS:
      return isStrongModulus(publicKey.key)
    case KeyOid.EC:
      return isStrongCurve(parameters)
    case KeyOid.ED25519:
    case KeyOid.ED448:
      return true
    default:
      return false
  }
}

/** SHA-256 or better with RSA, RSA-PSS or ECDSA; Ed25519, Ed448. */
export function isStrongSignature({ oid, parameters }: AlgorithmIdentifier): boolean {
  return STRONG_SIGNATURES.has(oid) || (oid === RSA_PSS_SIGNATURE && hasStrongPssHash(parameters))
}

function isStrongModulus(key: Buffer): boolean {
  return readable(() => {
    const modulus = new DerReader(key).inside(DerTag.SEQUENCE).integer()
    const octets = modulus[0] === 0 ? modulus.subarray(1) : modulus
    const bits = octets.length * 8 - Math.clz32(octets[0] ?? 0) + 24
    return bits >= MINIMUM_RSA_BITS && bits <= MAXIMUM_RSA_BITS && bits % 8 === 0
  })
}

/**
 * Whether a signature by this key may be asked for at all, weak or not. Curves are named; parameters written out could
 * describe any curve, on which anybody can sign (CVE-2020-0601), and libraries do not agree on what to do with them. RSA is
 * bounded as in OpenSSL, and what nobody issues with is left out: GnuTLS would take minutes for a key made for that.
 */
export function isUsableKey({ algorithm: { oid, parameters }, key }: SubjectPublicKey): boolean {
  switch (oid) {
    case KeyOid.RSA:
    case KeyOid.RSA_PSS:
      return isBoundedRsaKey(key)
    case KeyOid.EC:
      return parameters[0] === DerTag.OID
    case KeyOid.ED25519:
    case KeyOid.ED448:
      return true
    default:
      return false
  }
}

function isBoundedRsaKey(key: Buffer): boolean {
  return readable(() => {
    const numbers = new DerReader(key).inside(DerTag.SEQUENCE)
    // One octet more than there are bits for, since a positive number may begin with a zero.
    return (
      numbers.integer().length <= MAXIMUM_RSA_BITS / 8 + 1 && numbers.integer().length <= MAXIMUM_EXPONENT_BITS / 8 + 1
    )
  })
}

function isStrongCurve(parameters: Buffer): boolean {
  return readable(() => STRONG_CURVES.has(new DerReader(parameters).oid()))
}

/** The default hash is SHA-1, RFC 8017 section A.2.3. */
function hasStrongPssHash(parameters: Buffer): boolean {
  return readable(() => {
    const hash = new DerReader(parameters).inside(DerTag.SEQUENCE).optional(constructedContextTag(0))
    return hash !== null && STRONG_HASHES.has(new DerReader(hash).inside(DerTag.SEQUENCE).oid())
  })
}

function readable(check: () => boolean): boolean {
  try {
    return check()
  } catch {
    return false // What cannot be read is not known to be strong.
  }
}
