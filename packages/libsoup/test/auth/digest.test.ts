// The computations of Digest against the examples of its RFCs.

import { describe, expect, it } from 'vitest'
import {
  DIGEST_ALGORITHMS,
  digestKey,
  digestResponse,
  digestSecret,
  digestUserHash,
  fieldBytes,
  isSameDigest,
  parseDigestAlgorithm,
  parseDigestQop,
} from '../../src/auth/digest.ts'
import type { DigestAlgorithm, DigestInput } from '../../src/auth/digest.ts'

interface Example extends Omit<DigestInput, 'key'> {
  readonly name: string
  readonly username: string
  readonly realm: string
  readonly password: string
  readonly response: string
}

const MUFASA = {
  username: 'Mufasa',
  realm: 'http-auth@example.org',
  password: 'Circle of Life',
  method: 'GET',
  uri: '/dir/index.html',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  nonceCount: 1,
  qop: 'auth',
} as const

const EXAMPLES: Example[] = [
  { name: 'RFC 7616 section 3.9.1, MD5', ...MUFASA, algorithm: 'MD5', response: '8ca523f5e9506fed4657c9700eebdbec' },
  {
    name: 'RFC 7616 section 3.9.1, SHA-256',
    ...MUFASA,
    algorithm: 'SHA-256',
    response: '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  },
  {
    // As corrected by erratum 4897: the RFC's own digits are those of a cut SHA-512.
    name: 'RFC 7616 section 3.9.2, SHA-512-256',
    username: 'J\u00e4s\u00f8n Doe',
    realm: 'api@example.org',
    password: 'Secret, or not?',
    method: 'GET',
    uri: '/doe.json',
    nonce: '5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK',
    cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
    nonceCount: 1,
    qop: 'auth',
    algorithm: 'SHA-512-256',
    response: '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5',
  },
  {
    name: 'RFC 2617 section 3.5',
    ...MUFASA,
    realm: 'testrealm@host.com',
    password: 'Circle Of Life',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    cnonce: '0a4f113b',
    algorithm: 'MD5',
    response: '6629fae49393a05397450978507c4ef1',
  },
  {
    name: 'RFC 2069 section 2.4, without qop (as corrected by erratum 749)',
    ...MUFASA,
    realm: 'testrealm@host.com',
    password: 'CircleOfLife',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    qop: null,
    algorithm: 'MD5',
    response: '1949323746fe6a43ef61f9606e7febea',
  },
]

it.each(EXAMPLES)('$name', ({ username, realm, password, response, ...input }) => {
  const secret = digestSecret(input.algorithm, username, realm, password)
  const key = digestKey(input.algorithm, secret, input.nonce, input.cnonce)
  expect(digestResponse({ ...input, key })).toBe(response)
})

it('hashes user names as RFC 7616 section 3.9.2 does (erratum 4897)', () => {
  expect(digestUserHash('SHA-512-256', 'J\u00e4s\u00f8n Doe', 'api@example.org')).toBe(
    '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b',
  )
})

describe('-sess', () => {
  it.each<[DigestAlgorithm, DigestAlgorithm]>([
    ['MD5', 'MD5-sess'],
    ['SHA-256', 'SHA-256-sess'],
    ['SHA-512-256', 'SHA-512-256-sess'],
  ])('%s: the key depends on the session, the secret does not', (plain, session) => {
    const secret = digestSecret(session, 'u', 'r', 'p')
    expect(secret).toBe(digestSecret(plain, 'u', 'r', 'p'))
    expect(digestKey(plain, secret, 'n', 'c')).toBe(secret)
    expect(digestKey(session, secret, 'n', 'c')).not.toBe(secret)
    expect(digestKey(session, secret, 'n', 'c')).not.toBe(digestKey(session, secret, 'n', 'd'))
  })
})

it('auth-int covers the body', () => {
  const input: DigestInput = { ...MUFASA, algorithm: 'MD5', key: '0'.repeat(32), qop: 'auth-int' }
  const none = digestResponse(input)
  expect(digestResponse({ ...input, body: Buffer.from('x') })).not.toBe(none)
  expect(digestResponse({ ...input, body: new Uint8Array() })).toBe(none)
})

it('reads algorithms and qop lists', () => {
  expect(DIGEST_ALGORITHMS.map((name) => parseDigestAlgorithm(name.toUpperCase()))).toEqual(DIGEST_ALGORITHMS)
  expect(parseDigestAlgorithm(undefined)).toBe('MD5')
  expect(parseDigestAlgorithm('SHA-1')).toBeNull()
  expect(parseDigestQop(' auth-INT, auth,foo')).toEqual(['auth-int', 'auth'])
  expect(parseDigestQop('')).toEqual([])
})

it('compares digests whatever their letter case', () => {
  expect(isSameDigest('aB', 'Ab')).toBe(true)
  expect(isSameDigest('ab', 'abc')).toBe(false)
  expect(isSameDigest('ab', 'ac')).toBe(false)
})

it('fieldBytes gives the bytes a field was received as', () => {
  expect([...fieldBytes('\u00c3\u00a9')]).toEqual([0xc3, 0xa9])
  expect([...fieldBytes('\u20ac')]).toEqual([0xe2, 0x82, 0xac])
})
