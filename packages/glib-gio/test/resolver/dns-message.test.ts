// Whatever comes from the network is an answer, no answer to this question, or a RangeError.

import dnsPacket from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeAnswer, encodeQuestion } from '../../src/resolver/dns-message.ts'
import type { DnsMessage, DnsQuestion } from '../../src/resolver/dns-message.ts'
import { a, cname, reply, soa } from './dns-packets.ts'

const question: DnsQuestion = { name: 'h.test', type: 'A' }
const query = encodeQuestion(question, 7, { edns: true })
const answer = reply(query, {
  answers: [
    cname('h.test', 'b.test'),
    a('b.test', '192.0.2.1'),
    { type: 'AAAA', name: 'b.test', data: '2001:db8::1' },
    { type: 'MX', name: 'b.test', data: { preference: 1, exchange: 'm.test' } },
    { type: 'TXT', name: 'b.test', data: ['one', 'two'] },
    { type: 'SRV', name: 'b.test', data: { port: 1, target: 's.test' } },
  ],
  authorities: [soa('test', 1, 2)],
})

function decode(bytes: Buffer): DnsMessage | null | RangeError {
  try {
    return decodeAnswer(bytes, question, 7)
  } catch (error) {
    if (error instanceof RangeError) return error
    throw error
  }
}

describe('decodeAnswer', () => {
  it('reads what it should', () => {
    expect(decode(answer)).toMatchObject({ id: 7, rcode: 'NOERROR', truncated: false })
    expect((decode(answer) as DnsMessage).answers.map(({ type }) => type)).toEqual([
      'CNAME',
      'A',
      'AAAA',
      'MX',
      'TXT',
      'SRV',
    ])
  })

  it('throws nothing but RangeError, whatever is changed on the way', () => {
    const change = fc.tuple(fc.nat(answer.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(answer.length), (changes, length) => {
        const bytes = Buffer.from(answer)
        for (const [at, value] of changes) bytes[at] = value
        decode(bytes)
        decode(bytes.subarray(0, length))
      }),
      { numRuns: 5000 },
    )
  })

  it('throws nothing but RangeError for noise behind a good header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 512 }), fc.nat(20), (noise, records) => {
        const header = Buffer.from(reply(query))
        header.writeUInt16BE(records, 6)
        decode(Buffer.concat([header, noise]))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('encodeQuestion', () => {
  it('asks with recursion, and pads to full blocks', () => {
    const { flag_rd: recursion, questions } = dnsPacket.decode(query)
    expect({ recursion, questions }).toMatchObject({ recursion: true, questions: [{ name: 'h.test', type: 'A' }] })
    for (const name of ['a.test', `${'a'.repeat(63)}.${'b'.repeat(60)}.test`]) {
      expect(encodeQuestion({ name, type: 'HTTPS' }, 0, { edns: true, padTo: 128 }).length % 128).toBe(0)
    }
  })
})
