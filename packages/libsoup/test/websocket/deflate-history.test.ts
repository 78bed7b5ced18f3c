import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DeflateHistory } from '../../src/websocket/deflate-history.ts'

test('keeps the last window of all that was added', () => {
  const sizes = fc.array(fc.oneof(fc.nat(40), fc.integer({ min: 200, max: 700 })), { maxLength: 30 })
  fc.assert(
    fc.property(sizes, fc.constantFrom(8, 9), fc.nat(600), (added, bits, limit) => {
      const history = new DeflateHistory(bits)
      let all = Buffer.alloc(0)
      for (const [i, size] of added.entries()) {
        const data = Buffer.from(Array.from({ length: size }, (_, j) => (i * 31 + j) & 0xff))
        all = Buffer.concat([all, data])
        history.add(data)
      }
      const length = Math.min(all.length, limit, 2 ** bits)
      expect(history.last(limit)).toEqual(length === 0 ? undefined : all.subarray(all.length - length))
    }),
    { numRuns: 300 },
  )
})
