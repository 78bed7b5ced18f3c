// BER written anew as DER: open lengths, long lengths, octets in pieces, and what is neither.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { berToDer, derElement } from '../../src/certificates/ber-to-der.ts'
import { TlsError } from '../../src/index.ts'

const toDer = (hex: string): string => berToDer(Buffer.from(hex, 'hex')).toString('hex')

describe('an element in BER', () => {
  it.each([
    ['is left as it is when it is DER', '3006020103040161', '3006020103040161'],
    ['gets the length that was left open', '30800201030401610000', '3006020103040161'],
    ['gets its length in as few octets as possible', '3082000702010304810161', '3006020103040161'],
    ['gets its octets in one piece', '2480040161040262630000', '0403616263'],
    ['gets its octets in one piece, however they are nested', '2409240304016104026263', '0403616263'],
    ['may be tagged for its context', 'a0800201030000', 'a003020103'],
    ['may be empty', '30800000', '3000'],
  ])('%s', (_, ber, der) => {
    expect(toDer(ber)).toBe(der)
  })

  it('gets a long length', () => {
    const long = derElement(0x04, Buffer.alloc(300))
    expect(long.subarray(0, 4).toString('hex')).toBe('0482012c')
    expect(berToDer(long)).toEqual(long)
  })
})

describe('an element of very many', () => {
  it.each([0x30, 0x24])('of tag %i is no more work than one of its size', (tag) => {
    const pieces = Buffer.from('0400'.repeat(130_000), 'hex')
    const whole = derElement(tag, pieces)
    expect(berToDer(whole)).toEqual(tag === 0x30 ? whole : Buffer.from('0400', 'hex'))
  })
})

describe('what is malformed', () => {
  it.each([
    ['nothing', ''],
    ['a length that goes too far', '3005020103'],
    ['a child that goes beyond its parent', '300402030102030405'],
    ['an open length that never ends', '3080020103'],
    ['an open length of something primitive', '04800000'],
    ['more than one element', '020103020103'],
    ['a long tag', '1f0100'],
    ['a length of too many octets', '0485000000000161'],
    ['octets with a piece that is none', '2403020103'],
    ['too many levels', '3080'.repeat(50) + '0000'.repeat(50)],
  ])('is %s', (_, ber) => {
    expect(() => toDer(ber)).toThrow(TlsError)
  })

  it('is told by a TlsError or a result, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          const der = berToDer(bytes)
          expect(berToDer(der)).toEqual(der)
        } catch (error) {
          expect(error).toBeInstanceOf(TlsError)
        }
      }),
    )
  })
})
