import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MessageHeaders } from '../../src/index.ts'
import type { Range } from '../../src/index.ts'
import { mutated, RUNS, textOf } from './fuzzing.ts'

const WORDS = [
  'bytes',
  '=',
  'bytes=',
  '-',
  ',',
  ' ',
  '0',
  '1',
  '9',
  '10',
  '0-0',
  '-5',
  '5-',
  '9'.repeat(20),
  '"',
  '+',
  '*',
  '/',
]

function rangesOf(value: string, length: number): readonly Range[] | null {
  const headers = new MessageHeaders()
  headers.append('Range', value)
  return headers.getRanges(length)
}

describe('a Range', () => {
  test('covers the bytes that were asked for, once', () => {
    const one = fc
      .tuple(fc.nat(30), fc.nat(30))
      .map(([a, b]): Range => ({ start: Math.min(a, b), end: Math.max(a, b) }))
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 8 }), fc.nat(25), (ranges, length) => {
        const headers = new MessageHeaders()
        headers.setRanges(ranges)
        const covered = new Set<number>()
        for (const { start, end } of ranges) for (let i = start; i <= end && i < length; i++) covered.add(i)
        const result = headers.getRanges(length) ?? []
        const bytes = result.flatMap(({ start, end }) => Array.from({ length: end - start + 1 }, (_, i) => start + i))
        expect(bytes).toEqual([...covered].sort((a, b) => a - b))
      }),
      RUNS,
    )
  })

  test('stays within the body, whatever it is', () => {
    const value = fc.oneof(textOf(WORDS), mutated(fc.constant('bytes=0-1,5-,-3'), WORDS)).filter(isFieldValue)
    fc.assert(
      fc.property(value, fc.nat(50), (text, length) => {
        let last = -1
        for (const { start, end } of rangesOf(text, length) ?? []) {
          expect(start).toBeGreaterThan(last)
          expect(end).toBeGreaterThanOrEqual(start)
          expect(end).toBeLessThan(length)
          last = end
        }
      }),
      RUNS,
    )
  })
})

test('a Content-Range reads as it is written, and makes sense whatever it is', () => {
  const value = fc.oneof(textOf(WORDS), mutated(fc.constant('bytes 0-9/10'), WORDS)).filter(isFieldValue)
  fc.assert(
    fc.property(value, (text) => {
      const headers = new MessageHeaders()
      headers.append('Content-Range', text)
      const range = headers.getContentRange()
      if (range === null) return
      headers.setContentRange(range.start, range.end, range.totalLength)
      expect(headers.getContentRange()).toEqual(range)
    }),
    RUNS,
  )
})

function isFieldValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text)
}
