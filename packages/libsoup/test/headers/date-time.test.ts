import { describe, expect, test } from 'vitest'
import { DateFormat, dateTimeNewFromHttpString, dateTimeToString } from '../../src/index.ts'

const NOVEMBER_6 = '1994-11-06T08:49:37.000Z'

describe('dates', () => {
  test.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', NOVEMBER_6],
    ['Sunday, 06-Nov-94 08:49:37 GMT', NOVEMBER_6],
    ['Sun Nov  6 08:49:37 1994', NOVEMBER_6],
    ['Sun Nov 06 08:49:37 1994 GMT', NOVEMBER_6],
    ['  6 nov 1994 08:49:37', NOVEMBER_6],
    ['Sun, 6 Nov 94 08:49:37 UTC', NOVEMBER_6],
    ['Sun,06-NOV-1994 08:49:37 Z', NOVEMBER_6],
    ['Sun, 06 Nov 1994 09:49:37 +0100', NOVEMBER_6],
    ['Sun, 06 Nov 1994 03:19:37 -05:30', NOVEMBER_6],
    ['Sun, 06 Nov 1994 03:49:37 EST', NOVEMBER_6],
    ['Sun, 06 Nov 1994 01:49:37 PDT', NOVEMBER_6],
    ['Sun, 06 Nov 1994 08:49:37 XYZ', NOVEMBER_6],
    ['Mon, 06 Nov 1994 08:49:37 GMT', NOVEMBER_6],
    ['Thu, 01 Jan 70 00:00:00 GMT', '1970-01-01T00:00:00.000Z'],
    ['Thu, 01 Jan 69 00:00:00 GMT', '2069-01-01T00:00:00.000Z'],
    ['Thu, 01 Jan 105 00:00:00 GMT', '2005-01-01T00:00:00.000Z'],
    ['Sat, 29 Feb 2020 00:00:00 GMT', '2020-02-29T00:00:00.000Z'],
  ])('%s is read', (text, date) => {
    expect(dateTimeNewFromHttpString(text)?.toISOString()).toBe(date)
  })

  test.each([
    '',
    'Sun',
    'Sun, 06 Nov 1994',
    'Sun,, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 29 Feb 2021 00:00:00 GMT',
    'Sun, 31 Nov 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 0 08:49:37 GMT',
    'Sun, 06 Nov 9999 08:49:37 GMT',
    'Sun, 06 Nov 99999999999 08:49:37 GMT',
    '1994-11-06T08:49:37Z',
    '784111777',
  ])('%j is none', (text) => {
    expect(dateTimeNewFromHttpString(text)).toBe(null)
  })

  test('are written in two forms', () => {
    const date = new Date(NOVEMBER_6)
    expect(dateTimeToString(date, DateFormat.HTTP)).toBe('Sun, 06 Nov 1994 08:49:37 GMT')
    expect(dateTimeToString(date, DateFormat.COOKIE)).toBe('Sun, 06-Nov-1994 08:49:37 GMT')
    expect(() => dateTimeToString(new Date(Number.NaN), DateFormat.HTTP)).toThrow(RangeError)
    expect(() => dateTimeToString(new Date(8.64e15), DateFormat.HTTP)).toThrow(RangeError)
  })
})
