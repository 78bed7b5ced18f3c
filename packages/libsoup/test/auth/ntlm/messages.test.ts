// The three messages: what is written, and what is read from servers that mean no good.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeAuthenticateMessage, type AuthenticateInput } from '../../../src/auth/ntlm/authenticate-message.ts'
import { AvId, findAvPair, parseAvPairs, writeAvPairs } from '../../../src/auth/ntlm/av-pairs.ts'
import { parseChallengeMessage } from '../../../src/auth/ntlm/challenge-message.ts'
import { channelBindingsHash } from '../../../src/auth/ntlm/channel-bindings-hash.ts'
import { writeNegotiateMessage } from '../../../src/auth/ntlm/negotiate-message.ts'
import { NtlmError } from '../../../src/auth/ntlm/ntlm-error.ts'
import { computeNtlmV2Response, hmacMd5, ntHash } from '../../../src/auth/ntlm/ntlm-v2.ts'

/** MS-NLMP section 4.2.4.3. */
const EXAMPLE = Buffer.from(
  '4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef00000000000000002400240044000000060070170000000f' +
    '530065007200760065007200' +
    '02000c0044006f006d00610069006e0001000c0053006500720076006500720000000000',
  'hex',
)

const parse = (bytes: Buffer): ReturnType<typeof parseChallengeMessage> =>
  parseChallengeMessage(bytes.toString('base64'))

/** EXAMPLE with other AV pairs. */
function challengeWith(targetInfo: Buffer): Buffer {
  const message = Buffer.concat([EXAMPLE.subarray(0, 68), targetInfo])
  message.writeUInt16LE(targetInfo.length, 40)
  message.writeUInt16LE(targetInfo.length, 42)
  return message
}

function inputFor(challenge: Buffer, more: Partial<AuthenticateInput> = {}): AuthenticateInput {
  return {
    identity: { user: 'User', domain: 'Domain', ntHash: ntHash('Password') },
    negotiate: writeNegotiateMessage(),
    challenge: parse(challenge),
    channelBindings: null,
    targetName: 'HTTP/server.test',
    clientChallenge: Buffer.alloc(8, 0xaa),
    now: 0,
    ...more,
  }
}

/** The part of a message that a field names. */
function part(message: Buffer, at: number): Buffer {
  const offset = message.readUInt32LE(at + 4)
  return message.subarray(offset, offset + message.readUInt16LE(at))
}

describe('the NEGOTIATE_MESSAGE', () => {
  it('says nothing but what this client speaks', () => {
    expect(writeNegotiateMessage().toString('hex')).toBe(
      '4e544c4d5353500001000000058208000000000020000000' + '0000000020000000',
    )
  })
})

describe('the CHALLENGE_MESSAGE', () => {
  it('of the example is read', () => {
    const challenge = parse(EXAMPLE)
    expect(challenge.targetName).toBe('Server')
    expect(challenge.serverChallenge.toString('hex')).toBe('0123456789abcdef')
    expect(challenge.targetInfo.map(({ id, value }) => [id, value.toString('utf16le')])).toEqual([
      [AvId.NB_DOMAIN_NAME, 'Domain'],
      [AvId.NB_COMPUTER_NAME, 'Server'],
    ])
  })

  it('of an old server, without AV pairs, is read', () => {
    const old = Buffer.from(EXAMPLE.subarray(0, 32))
    old.writeUInt16LE(0, 12)
    old.writeUInt32LE(0x0000_8201, 20)
    expect(parse(old)).toMatchObject({ targetName: '', targetInfo: [] })
  })

  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.from(EXAMPLE)
    change(bytes)
    return bytes
  }
  it.each([
    ['is empty', Buffer.alloc(0)],
    ['has another signature', changed((bytes) => bytes.write('X'))],
    ['is of another type', changed((bytes) => bytes.writeUInt32LE(3, 8))],
    ['is cut off before its flags', EXAMPLE.subarray(0, 20)],
    ['is cut off before its AV pairs', EXAMPLE.subarray(0, 47)],
    ['is cut off in its AV pairs', EXAMPLE.subarray(0, EXAMPLE.length - 1)],
    ['is not in Unicode', changed((bytes) => bytes.writeUInt32LE(0xe28a8232, 20))],
    ['points its name behind the end', changed((bytes) => bytes.writeUInt32LE(0x7fff_ffff, 16))],
    ['points its name beyond 32 bits with its length', changed((bytes) => bytes.writeUInt32LE(0xffff_fffe, 16))],
    ['points its name into the fixed part', changed((bytes) => bytes.writeUInt32LE(20, 16))],
    ['has half a letter in its name', changed((bytes) => bytes.writeUInt16LE(11, 12))],
    ['has AV pairs without end', challengeWith(writeAvPairs([]).subarray(0, 3))],
    ['has a timestamp of 7 bytes', challengeWith(writeAvPairs([{ id: AvId.TIMESTAMP, value: Buffer.alloc(7) }]))],
    ['has flags of 5 bytes', challengeWith(writeAvPairs([{ id: AvId.FLAGS, value: Buffer.alloc(5) }]))],
    [
      'has an AV pair twice',
      challengeWith(writeAvPairs([1, 2].map(() => ({ id: AvId.TIMESTAMP, value: Buffer.alloc(8) })))),
    ],
    [
      'has too many AV pairs',
      challengeWith(writeAvPairs(Array.from({ length: 65 }, (_, id) => ({ id: id + 100, value: Buffer.alloc(0) })))),
    ],
    ['is too long', Buffer.concat([EXAMPLE, Buffer.alloc(20_000)])],
  ])('is refused when it %s', (_, bytes) => {
    expect(() => parse(bytes)).toThrow(NtlmError)
  })

  it.each(['', '=', '*', 'TlRM TVNT', 'TlRMTVNT===', '\u{1f600}', `${'A'.repeat(100_000)}!`])(
    'is refused when it is not base64',
    (text) => expect(() => parseChallengeMessage(text)).toThrow(NtlmError),
  )

  it('is read or refused, whatever a server sends, and what is read lies inside of it', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((noise) => Buffer.from(noise)),
      fc
        .array(fc.tuple(fc.nat(EXAMPLE.length - 1), fc.nat(255)), { maxLength: 12 })
        .map((edits) => changed((copy) => edits.forEach(([at, value]) => copy.writeUInt8(value, at)))),
      fc.tuple(fc.nat(EXAMPLE.length), fc.uint8Array({ maxLength: 60 })).map(([length, tail]) => {
        return Buffer.concat([EXAMPLE.subarray(0, length), tail])
      }),
    )
    fc.assert(
      fc.property(bytes, (message) => {
        let challenge
        try {
          challenge = parse(message)
        } catch (error) {
          expect(error).toBeInstanceOf(NtlmError)
          return
        }
        expect(challenge.bytes.length).toBe(message.length)
        expect(challenge.serverChallenge.length).toBe(8)
        const held = challenge.targetInfo.reduce(
          (sum, { value }) => sum + value.length,
          challenge.targetName.length * 2,
        )
        expect(held).toBeLessThanOrEqual(2 * message.length)
        expect(() => writeAuthenticateMessage({ ...inputFor(EXAMPLE), challenge })).not.toThrow()
      }),
      { numRuns: 2000 },
    )
  })

  it('gives AV pairs back as they were written', () => {
    const pair = fc.record({
      id: fc.integer({ min: 11, max: 0xffff }),
      value: fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value)),
    })
    fc.assert(
      fc.property(fc.uniqueArray(pair, { selector: ({ id }) => id, maxLength: 20 }), (pairs) => {
        expect(parseAvPairs(writeAvPairs(pairs))).toEqual(pairs)
      }),
    )
  })
})

describe('the AUTHENTICATE_MESSAGE', () => {
  const TIMESTAMP = Buffer.from('0102030405060708', 'hex')
  const dated = challengeWith(
    writeAvPairs([
      { id: AvId.DNS_COMPUTER_NAME, value: Buffer.from('server.test', 'utf16le') },
      { id: AvId.TIMESTAMP, value: TIMESTAMP },
      { id: AvId.CHANNEL_BINDINGS, value: Buffer.alloc(16, 7) },
    ]),
  )
  const info = (message: Buffer): ReturnType<typeof parseAvPairs> => parseAvPairs(part(message, 20).subarray(16 + 28))

  it('names the user and the domain, and neither machine nor version', () => {
    const message = writeAuthenticateMessage(inputFor(EXAMPLE))
    expect(part(message, 28).toString('utf16le')).toBe('Domain')
    expect(part(message, 36).toString('utf16le')).toBe('User')
    expect(part(message, 44)).toEqual(Buffer.alloc(0))
    expect(part(message, 52)).toEqual(Buffer.alloc(0))
    expect(message.subarray(64, 72)).toEqual(Buffer.alloc(8))
  })

  it('takes the time of the server, leaves LM out and seals the exchange with a MIC', () => {
    const input = inputFor(dated)
    const message = writeAuthenticateMessage(input)
    expect(part(message, 12)).toEqual(Buffer.alloc(24))
    expect(part(message, 20).subarray(16 + 8, 16 + 16)).toEqual(TIMESTAMP)
    expect(findAvPair(info(message), AvId.FLAGS)?.readUInt32LE()).toBe(2)
    const { sessionBaseKey } = computeNtlmV2Response({
      identity: input.identity,
      serverChallenge: input.challenge.serverChallenge,
      clientChallenge: input.clientChallenge,
      time: TIMESTAMP.readBigUInt64LE(),
      targetInfo: writeAvPairs(info(message)),
    })
    const unsealed = Buffer.from(message).fill(0, 72, 88)
    expect(message.subarray(72, 88)).toEqual(hmacMd5(sessionBaseKey, input.negotiate, dated, unsealed))
  })

  it('has no MIC for a server without a clock, which would not look for it', () => {
    const message = writeAuthenticateMessage(inputFor(EXAMPLE))
    expect(message.subarray(72, 88)).toEqual(Buffer.alloc(16))
    expect(findAvPair(info(message), AvId.FLAGS)).toBeNull()
    expect(part(message, 12).subarray(16)).toEqual(Buffer.alloc(8, 0xaa))
  })

  it('names the TLS connection and the host itself, whatever the server would have it say', () => {
    const channelBindings = Buffer.from('tls-server-end-point:hash')
    const pairs = info(writeAuthenticateMessage(inputFor(dated, { channelBindings })))
    expect(findAvPair(pairs, AvId.CHANNEL_BINDINGS)).toEqual(channelBindingsHash(channelBindings))
    expect(findAvPair(pairs, AvId.TARGET_NAME)?.toString('utf16le')).toBe('HTTP/server.test')
    expect(findAvPair(pairs, AvId.DNS_COMPUTER_NAME)?.toString('utf16le')).toBe('server.test')
    const plain = info(writeAuthenticateMessage(inputFor(dated)))
    expect(findAvPair(plain, AvId.CHANNEL_BINDINGS)).toEqual(Buffer.alloc(16))
  })
})
