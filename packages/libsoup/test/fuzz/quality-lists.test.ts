import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headerParseList, headerParseQualityList } from '../../src/index.ts'
import { RUNS, textOf } from './fuzzing.ts'

const WORDS = [
  ',',
  ', ',
  ';',
  '"',
  '\\',
  ' ',
  'q',
  'Q',
  '=',
  'q=',
  ';q=0',
  ';q=0.5',
  ';q=1.000',
  ';q=0.001',
  'en',
  '*',
  '.',
]

test('a quality list is sorted, equals in their order', () => {
  const weight = fc.integer({ min: 0, max: 1000 })
  fc.assert(
    fc.property(fc.array(weight, { maxLength: 30 }), (weights) => {
      const header = weights.map((q, i) => `v${i};q=${(q / 1000).toFixed(3)}`).join(',')
      const unacceptable: string[] = []
      const order = headerParseQualityList(header, unacceptable)
      const expected = weights.map((q, i) => ({ q, name: `v${i}` })).filter(({ q }) => q > 0)
      expect(order).toEqual(expected.sort((a, b) => b.q - a.q).map(({ name }) => name))
      expect(unacceptable).toHaveLength(weights.length - order.length)
    }),
    RUNS,
  )
})

test('nothing of a quality list is lost', () => {
  fc.assert(
    fc.property(textOf(WORDS), (text) => {
      const unacceptable: string[] = []
      const acceptable = headerParseQualityList(text, unacceptable)
      const elements = headerParseList(text)
      expect(acceptable.length + unacceptable.length).toBe(elements.length)
      for (const value of acceptable) expect(elements.some((element) => element.startsWith(value))).toBe(true)
    }),
    RUNS,
  )
})
