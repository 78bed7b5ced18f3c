import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  headerContains,
  headerParseList,
  headerParseParamList,
  headerParseParamListStrict,
  headerParseSemiParamList,
  headerParseSemiParamListStrict,
} from '../../src/index.ts'
import { formatWithParams } from '../../src/headers/header-params.ts'
import { RUNS, textOf } from './fuzzing.ts'

const WORDS = [
  ...[
    ',',
    ';',
    '=',
    '"',
    '\\',
    '*',
    "'",
    '%',
    ' ',
    '\t',
    'a',
    'b',
    'a=1',
    'name*=',
    "UTF-8''",
    "iso-8859-1'en'",
    '%C3%A9',
  ],
  ...['%00', '%ff', '\xa0'],
]

describe('header parameters', () => {
  test('read as they are written', () => {
    const name = fc.string({ unit: fc.constantFrom(...'abcxyz019-_!'), minLength: 1, maxLength: 8 })
    const value = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/[\0-\x1f\x7f]/.test(text)) // eslint-disable-line no-control-regex
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([first]) => first }), (params) => {
        const text = formatWithParams('x', params).slice('x'.length)
        const map = new Map(params.map(([key, param]) => [key, param.toWellFormed()]))
        expect(headerParseSemiParamList(text)).toEqual(map)
        expect(headerParseSemiParamListStrict(text)).toEqual(map)
        // What was read can stand in a header again.
        for (const char of text) expect(char).toMatch(/[\x20-\x7e]/)
      }),
      RUNS,
    )
  })

  test('have names in lower case, and values without NUL, whatever they are', () => {
    fc.assert(
      fc.property(textOf(WORDS), (text) => {
        for (const parse of [headerParseParamList, headerParseSemiParamList]) {
          for (const [name, value] of parse(text)) {
            expect(name).toBe(name.toLowerCase())
            expect(name).not.toBe('')
            if (!text.includes('\0')) expect(value).not.toContain('\0')
          }
        }
      }),
      RUNS,
    )
  })

  test('are the same when strict, or none', () => {
    fc.assert(
      fc.property(textOf(WORDS), (text) => {
        const strict = headerParseParamListStrict(text)
        if (strict !== null) expect(strict).toEqual(headerParseParamList(text))
      }),
      RUNS,
    )
  })
})

describe('a header list', () => {
  test('contains each of its elements, and reads the same once it is joined again', () => {
    fc.assert(
      fc.property(textOf(WORDS), (text) => {
        const elements = headerParseList(text)
        for (const element of elements) expect(headerContains(text, element)).toBe(true)
        expect(headerParseList(elements.join(', '))).toEqual(elements)
      }),
      RUNS,
    )
  })
})
