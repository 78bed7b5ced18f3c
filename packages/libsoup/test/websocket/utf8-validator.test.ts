import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Utf8Validator } from '../../src/websocket/utf8-validator.ts'

// Bytes that are likely to begin, go on with or break a character.
const byte = fc.oneof(
  fc.constantFrom(0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf),
  fc.constantFrom(0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff),
  fc.integer({ min: 0, max: 255 }),
)
const likely = fc.array(byte, { maxLength: 12 }).map((bytes) => Buffer.from(bytes))
const texts = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text.toWellFormed()))

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = []
  let at = 0
  for (const size of sizes) pieces.push(bytes.subarray(at, (at += size)))
  return [...pieces, bytes.subarray(at)]
}

describe('Utf8Validator', () => {
  test('agrees with the whole text, however it is cut', () => {
    const cuts = fc.array(fc.nat(4), { maxLength: 8 })
    fc.assert(
      fc.property(fc.oneof(likely, texts), cuts, (bytes, sizes) => {
        const validator = new Utf8Validator()
        const isGood = cut(bytes, sizes).every((piece) => validator.push(piece)) && validator.isComplete
        expect(isGood).toBe(isUtf8(bytes))
      }),
      { numRuns: 3000 },
    )
  })

  test('says no at the very byte after which no text is left that could follow', () => {
    fc.assert(
      fc.property(likely, (bytes) => {
        const validator = new Utf8Validator()
        const decoder = new TextDecoder('utf-8', { fatal: true })
        for (const one of bytes) {
          const piece = Buffer.from([one])
          const expected = doesNotThrow(() => decoder.decode(piece, { stream: true }))
          expect(validator.push(piece)).toBe(expected)
          if (!expected) return
        }
      }),
      { numRuns: 3000 },
    )
  })

  test('starts anew after reset', () => {
    const validator = new Utf8Validator()
    expect(validator.push(Buffer.from([0xe2, 0x82]))).toBe(true)
    expect(validator.isComplete).toBe(false)
    validator.reset()
    expect(validator.push(Buffer.from('€'))).toBe(true)
    expect(validator.isComplete).toBe(true)
  })
})

function doesNotThrow(run: () => unknown): boolean {
  try {
    run()
    return true
  } catch {
    return false
  }
}
