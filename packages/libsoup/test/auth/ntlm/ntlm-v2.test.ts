// The worked example of MS-NLMP section 4.2.4, and what is said of names.
import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { AvId, writeAvPairs } from '../../../src/auth/ntlm/av-pairs.ts'
import { channelBindingsHash } from '../../../src/auth/ntlm/channel-bindings-hash.ts'
import { computeNtlmV2Response, fileTime, ntHash, ntlmV2Key } from '../../../src/auth/ntlm/ntlm-v2.ts'
import { splitUserName } from '../../../src/auth/ntlm/split-user-name.ts'

const identity = { user: 'User', domain: 'Domain', ntHash: ntHash('Password') }

it('makes the keys of the example', () => {
  expect(identity.ntHash.toString('hex')).toBe('a4f49c406510bdcab6824ee7c30fd852')
  expect(ntlmV2Key(identity).toString('hex')).toBe('0c868a403bfd7a93a3001ef22ef02e3f')
})

it('makes the responses and the session key of the example', () => {
  const response = computeNtlmV2Response({
    identity,
    serverChallenge: Buffer.from('0123456789abcdef', 'hex'),
    clientChallenge: Buffer.alloc(8, 0xaa),
    time: 0n,
    targetInfo: writeAvPairs([
      { id: AvId.NB_DOMAIN_NAME, value: Buffer.from('Domain', 'utf16le') },
      { id: AvId.NB_COMPUTER_NAME, value: Buffer.from('Server', 'utf16le') },
    ]),
  })
  const blob =
    '01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069006e0001000c005300650072007600' +
    '6500720000000000' +
    '00000000'
  expect(response.ntChallengeResponse.toString('hex')).toBe(`68cd0ab851e51c96aabc927bebef6a1c${blob}`)
  expect(response.lmChallengeResponse.toString('hex')).toBe('86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa')
  expect(response.sessionBaseKey.toString('hex')).toBe('8de40ccadbc14a82f15cb0ad0de95ca3')
})

it('makes upper case letter by letter, as Windows does', () => {
  const key = ntlmV2Key({ ...identity, user: 'straße-é', domain: 'dömain' })
  const expected = createHmac('md5', identity.ntHash).update(Buffer.from('STRAßE-Édömain', 'utf16le')).digest()
  expect(key).toEqual(expected)
})

it('counts time from 1601', () => {
  expect(fileTime(0)).toBe(116_444_736_000_000_000n)
  expect(fileTime(1_000.9)).toBe(116_444_736_010_000_000n)
})

// Computed by hand from the layout in RFC 2744 section 3.11 with `md5sum`.
it('hashes channel bindings with their addresses left empty', () => {
  const data = Buffer.concat([Buffer.from('tls-server-end-point:'), Buffer.alloc(32, 1)])
  expect(channelBindingsHash(data).toString('hex')).toBe('ceab3dd4042e39adabd75880be0aaa11')
})

it.each([
  ['user', 'user', ''],
  ['DOMAIN\\user', 'user', 'DOMAIN'],
  ['DOMAIN/user', 'user', 'DOMAIN'],
  ['user@example.com', 'user@example.com', ''],
  ['DOMAIN\\us\\er', 'us\\er', 'DOMAIN'],
  ['\\user', 'user', ''],
])('%s is %s of %j', (name, user, domain) => {
  expect(splitUserName(name)).toEqual({ user, domain })
})
