// Which keys and signatures are strong enough. CA/Browser Forum Baseline Requirements sections 6.1.5 and 7.1.3.
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { expect, it } from 'vitest'
import {
  TlsCertificateFlags,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
  TlsDatabase,
  verifyChain,
} from '../../src/index.ts'
import type { AlgorithmIdentifier } from '../../src/verification/decoded-certificate.ts'
import { isStrongSignature } from '../../src/verification/key-strength.ts'
import { bitString, der, explicit, integer, oid, sequence } from './der-writer.ts'
import { newKeys, NOON, TestAuthority } from './test-authority.ts'

interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

it.each<[string, number, () => KeyPair]>([
  ['RSA of 2048 bits', 0, () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['RSA of 1024 bits', TlsCertificateFlags.INSECURE, () => generateKeyPairSync('rsa', { modulusLength: 1024 })],
  ['P-384', 0, () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ['P-521', 0, () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
  ['P-224', TlsCertificateFlags.INSECURE, () => generateKeyPairSync('ec', { namedCurve: 'secp224r1' })],
  ['secp256k1', TlsCertificateFlags.INSECURE, () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' })],
  ['Ed25519', 0, () => generateKeyPairSync('ed25519')],
  ['Ed448', 0, () => generateKeyPairSync('ed448')],
  ['X25519', TlsCertificateFlags.INSECURE, () => generateKeyPairSync('x25519')],
])('a leaf with a key of %s: %i', (_, flags, keys) => {
  const root = TestAuthority.root()
  const leaf = root.leaf({ keys: keys() })
  const database = new TlsDatabase([root.certificate])
  const options = { time: NOON }
  expect(database.verifyChain(leaf, TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, null, options)).toBe(flags)
})

/** A number of that many octets. */
const numberOf = (octets: number): Buffer => der(0x02, Buffer.alloc(octets, 0x7f))
const rsaKey = (modulus: number, exponent: number): KeyObject => {
  const rsa = sequence(oid('1.2.840.113549.1.1.1'), Buffer.from([5, 0]))
  const key = sequence(rsa, bitString(sequence(numberOf(modulus), numberOf(exponent))))
  return createPublicKey({ key, format: 'der', type: 'spki' })
}

// GnuTLS takes half a second for one check by an RSA key whose modulus and exponent both have 16384 bits.
it.each<[string, number, () => KeyObject]>([
  ['RSA of 16384 bits', 1, () => rsaKey(2048, 3)],
  ['RSA of more than 16384 bits', 0, () => rsaKey(2050, 3)],
  ['RSA with an exponent of 80 bits', 0, () => rsaKey(256, 10)],
  ['P-521', 1, () => generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey],
  ['P-256 with its parameters written out', 0, explicitCurveKey],
  ['DSA', 0, () => generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).publicKey],
])('a stranger with a key of %s has %i signatures checked', (_, expected, publicKey) => {
  const stranger = TestAuthority.root('Stranger', {
    keys: { publicKey: publicKey(), privateKey: newKeys().privateKey },
  })
  let checked = 0
  const signatures = { isSignedBy: () => ++checked < 0 }
  const options = { purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity: null, time: NOON }
  const chain = [stranger.leaf(), stranger.certificate]
  const database = new TlsDatabase([TestAuthority.root().certificate])
  expect(verifyChain(chain, { ...options, database }, signatures)).toBe(TlsCertificateFlags.UNKNOWN_CA)
  expect(checked).toBe(expected)
})

function explicitCurveKey(): KeyObject {
  const options = { namedCurve: 'P-256', paramEncoding: 'explicit' } as const
  return generateKeyPairSync('ec', options).publicKey
}

const algorithm = (identifier: string, parameters: Buffer = Buffer.alloc(0)): AlgorithmIdentifier => ({
  oid: identifier,
  parameters,
  raw: sequence(oid(identifier), parameters),
})
const pss = (hash: string): Buffer => sequence(explicit(0, sequence(oid(hash))), explicit(2, integer(32)))

it.each([
  ['SHA-256 with RSA', true, algorithm('1.2.840.113549.1.1.11')],
  ['SHA-1 with RSA', false, algorithm('1.2.840.113549.1.1.5')],
  ['MD5 with RSA', false, algorithm('1.2.840.113549.1.1.4')],
  ['SHA-1 with ECDSA', false, algorithm('1.2.840.10045.4.1')],
  ['SHA-512 with ECDSA', true, algorithm('1.2.840.10045.4.3.4')],
  ['Ed25519', true, algorithm('1.3.101.112')],
  ['RSA-PSS with SHA-384', true, algorithm('1.2.840.113549.1.1.10', pss('2.16.840.1.101.3.4.2.2'))],
  ['RSA-PSS with SHA-1', false, algorithm('1.2.840.113549.1.1.10', pss('1.3.14.3.2.26'))],
  ['RSA-PSS with its default, SHA-1', false, algorithm('1.2.840.113549.1.1.10', sequence())],
  ['RSA-PSS without parameters', false, algorithm('1.2.840.113549.1.1.10')],
])('a signature by %s: %s', (_, strong, identifier) => {
  expect(isStrongSignature(identifier)).toBe(strong)
})
