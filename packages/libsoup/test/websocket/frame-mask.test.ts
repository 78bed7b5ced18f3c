import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maskInPlace } from '../../src/websocket/frame-mask.ts'

test('masks any range at any alignment as RFC 6455 section 5.3 says', () => {
  const lengths = fc.oneof(fc.nat(40), fc.integer({ min: 250, max: 600 }))
  const keys = fc.uint8Array({ minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(lengths, fc.nat(9), fc.nat(7), keys, (length, start, phase, key) => {
      const memory = Buffer.from(Array.from({ length: start + length + 5 }, (_, i) => (i * 7) & 0xff))
      const expected = Buffer.from(memory)
      for (let i = 0; i < length; i++) {
        expected[start + i] = (expected[start + i] as number) ^ (key[(phase + i) & 3] as number)
      }
      maskInPlace(memory, start, length, key, 0, phase)
      expect(memory).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})

test('takes a key that lies within the masked buffer, right before the payload', () => {
  const frame = Buffer.concat([Buffer.from([1, 2, 3, 4]), Buffer.alloc(1000)])
  maskInPlace(frame, 4, 1000, frame, 0, 0)
  expect(frame).toEqual(Buffer.alloc(1004, Buffer.from([1, 2, 3, 4])))
})
