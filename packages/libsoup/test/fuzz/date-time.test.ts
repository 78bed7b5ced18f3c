import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DateFormat, dateTimeNewFromHttpString, dateTimeToString } from '../../src/index.ts'
import { mutated, RUNS, textOf } from './fuzzing.ts'

const WORDS = [
  ...['Sun', ', ', ' ', '-', ':', '06', '6', 'Nov', 'feb', '1994', '94', '08:49:37', '24', '60', 'GMT', 'EST', '+0100'],
  ...['-', '9'.repeat(30), '\t', '.', 'T', 'Z'],
]
const seconds = fc.integer({ min: Date.UTC(1, 0, 1) / 1000 + 70 * 366 * 86400, max: Date.UTC(9998, 0, 1) / 1000 })

test('a date reads as it is written', () => {
  fc.assert(
    fc.property(seconds, fc.constantFrom(DateFormat.HTTP, DateFormat.COOKIE), (second, format) => {
      const date = new Date(second * 1000)
      expect(dateTimeNewFromHttpString(dateTimeToString(date, format))).toEqual(date)
    }),
    RUNS,
  )
})

test('anything else is no date, or one that can be written', () => {
  const text = fc.oneof(
    textOf(WORDS),
    mutated(fc.constantFrom('Sun, 06 Nov 1994 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'), WORDS),
  )
  fc.assert(
    fc.property(text, (input) => {
      const date = dateTimeNewFromHttpString(input)
      if (date === null) return
      expect(Number.isNaN(date.getTime())).toBe(false)
      expect(dateTimeNewFromHttpString(dateTimeToString(date, DateFormat.HTTP))).toEqual(date)
    }),
    RUNS,
  )
})
