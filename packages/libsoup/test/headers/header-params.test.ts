import { describe, expect, test } from 'vitest'
import {
  headerContains,
  headerContainsCaseSensitive,
  headerParseList,
  headerParseParamList,
  headerParseParamListStrict,
  headerParseQualityList,
  headerParseSemiParamList,
  headerParseSemiParamListStrict,
} from '../../src/index.ts'
import { formatWithParams } from '../../src/headers/header-params.ts'

describe('parameter lists', () => {
  test.each<[string, Record<string, string>]>([
    ['a=1; b = "two ; 2" ;c', { a: '1', b: 'two ; 2', c: '' }],
    ['A=1; a=2', { a: '1' }],
    ['a="x\\"y\\\\"', { a: 'x"y\\' }],
    ['a="unclosed', { a: 'unclosed' }],
    ['a="cut\\', { a: 'cut\\' }],
    ['a="b"c', { a: 'b' }],
    ['=1; =; a', { a: '' }],
    ["f=plain; f*=UTF-8''na%C3%AFve", { f: 'naïve' }],
    ["f*=utf-8'en'%e2%82%ac; f=plain", { f: '€' }],
    ["f*=ISO-8859-1''%A3", { f: '£' }],
    ["f*=utf-16''x; f=plain", { f: 'plain' }],
    ["f*=UTF-8''%zz; g*=UTF-8''%ff; h*=UTF-8''a%00b; i*=UTF-8; j*=\"UTF-8''x\"", {}],
    ['*=x', { '*': 'x' }],
    ['\xa0a=1', { '\xa0a': '1' }],
  ])('%j', (header, params) => {
    expect(Object.fromEntries(headerParseSemiParamList(header))).toEqual(params)
  })

  test('are separated by commas as well', () => {
    expect([...headerParseParamList('a=1, b="x,y" , c')].flat()).toEqual(['a', '1', 'b', 'x,y', 'c', ''])
  })

  test('are refused when strict for a name that comes twice, or too many', () => {
    expect(headerParseParamListStrict('a=1, b=2')?.size).toBe(2)
    expect(headerParseParamListStrict('a=1, A=2')).toBe(null)
    expect(headerParseSemiParamListStrict("f=x; f*=UTF-8''y")).toBe(null)
    const many = Array.from({ length: 1001 }, (_, i) => `p${i}=1`).join(';')
    expect(headerParseSemiParamListStrict(many)).toBe(null)
    expect(headerParseSemiParamList(many).size).toBe(1000)
  })

  test('are written so that they read back the same', () => {
    const params = new Map([
      ['token', 'x'],
      ['quoted', 'a "b" \\c; d'],
      ['other', 'naïve €'],
      ['empty', ''],
    ])
    const text = formatWithParams('x/y', params)
    expect(text).toBe(`x/y; token=x; quoted="a \\"b\\" \\\\c; d"; other*=UTF-8''na%C3%AFve%20%E2%82%AC; empty=""`)
    expect(headerParseSemiParamList(text.slice('x/y;'.length))).toEqual(params)
  })
})

describe('lists', () => {
  test('keep quoted strings whole, to the end where they do not close', () => {
    expect(headerParseList('a, "b\\", c", d\\,e, "f\\')).toEqual(['a', '"b\\", c"', 'd\\', 'e', '"f\\'])
    expect(headerParseList('a,'.repeat(5000))).toHaveLength(1000)
  })

  test('are searched whole', () => {
    expect(headerContains(`${'a,'.repeat(5000)}B`, 'b')).toBe(true)
    expect(headerContainsCaseSensitive('Upgrade', 'upgrade')).toBe(false)
    expect(headerContainsCaseSensitive('x , upgrade', 'upgrade')).toBe(true)
    expect(headerContains(',,', '')).toBe(false)
  })

  test('are sorted by quality', () => {
    const unacceptable: string[] = []
    const header = 'text/*;q=0.3, text/html;level=1;q=0.7;ext=1, text/html;level=2, */*;Q=0.05, a;q=0, b;q=0.000, c;q=x'
    expect(headerParseQualityList(header, unacceptable)).toEqual([
      'text/html;level=2',
      'c;q=x',
      'text/html;level=1',
      'text/*',
      '*/*',
    ])
    expect(unacceptable).toEqual(['a', 'b'])
    expect(headerParseQualityList('a;q=1.5, b;q=9, c;q=0.5678, d;q=0.567')).toEqual(['a', 'b;q=9', 'c', 'd'])
  })
})

test('everything takes as long as the header is long', () => {
  for (const pattern of [',', ';', '"', '\\', '"\\', ' ', '\t,', 'a="', "a*=UTF-8''%41;", ';q', ';q=0,', '=']) {
    const header = pattern.repeat(200_000 / pattern.length)
    headerParseList(header)
    headerParseQualityList(header)
    headerParseSemiParamList(header)
    headerParseParamList(header)
    headerContains(header, 'x')
  }
})
