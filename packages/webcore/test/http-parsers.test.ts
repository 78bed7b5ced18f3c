import { describe, expect, it } from 'vitest'
import { parseLinkHeader } from '../src/loader/link-header.ts'
import {
  computeCurrentAge,
  computeFreshnessLifetime,
  parseCacheControlDirectives,
} from '../src/platform/network/cache-validation.ts'
import { HTTPHeaderMap } from '../src/platform/network/http-header-map.ts'
import { getMIMETypeFromContent } from '../src/platform/network/mime-sniffer.ts'
import { ParsedContentType } from '../src/platform/network/parsed-content-type.ts'

describe('ParsedContentType', () => {
  it.each([
    ['text/html', 'text/html', null],
    [' Text/HTML ; Charset=UTF-8', 'text/html', 'UTF-8'],
    ['text/html;charset="utf-8"', 'text/html', 'utf-8'],
    ['text/html;charset="a\\"b;c"', 'text/html', 'a"b;c'],
    ['text/html; charset=; charset=x', 'text/html', 'x'],
    ['text/html; charset=a; charset=b', 'text/html', 'a'],
    ['text/html; charset="unclosed', 'text/html', 'unclosed'],
    ['text/html;;;  x ; =y; charset=z', 'text/html', 'z'],
  ])('reads %j', (value, mimeType, charset) => {
    expect(ParsedContentType.create(value)).toMatchObject({ mimeType, charset })
  })

  it.each(['', 'text', '/html', 'text/', 'te xt/html', ', text/html'])('refuses %j', (value) => {
    expect(ParsedContentType.create(value)).toBeNull()
  })

  it('writes what it read, quoting where it must', () => {
    expect(ParsedContentType.create('multipart/x; boundary="a b"; q=1')?.serialize()).toBe(
      'multipart/x; boundary="a b"; q=1',
    )
  })
})

describe('HTTPHeaderMap', () => {
  it('compares names without case, keeps order and spelling', () => {
    const map = new HTTPHeaderMap([
      ['X-A', '1'],
      ['accept', 'x'],
      ['x-a', '2'],
    ])
    expect(map.get('X-a')).toBe('1, 2')
    map.set('x-A', '3')
    expect(map.data()).toEqual([
      ['x-A', '3'],
      ['accept', 'x'],
    ])
    map.add('Accept', 'y')
    expect(map.get('accept')).toBe('x, y')
    expect(map.addIfNotPresent('ACCEPT', 'z')).toBe(false)
    expect(map.remove('accept')).toBe(true)
    expect(map.remove('accept')).toBe(false)
    expect([map.size, map.isEmpty(), map.get('none')]).toEqual([1, false, null])
  })

  it('loses the fields of a body together', () => {
    const map = new HTTPHeaderMap([
      ['content-type', 'a/b'],
      ['Content-Length', '1'],
      ['X', 'y'],
    ])
    map.removeRequestBodyHeaders()
    expect(map.data()).toEqual([['X', 'y']])
  })
})

describe('a Link field', () => {
  it.each([
    ['</a>; rel=preload; as=font; crossorigin', [['/a', ['preload'], 'font', '']]],
    [
      '<a>;rel="Preload  stylesheet" , <b>; rel=next',
      [
        ['a', ['preload', 'stylesheet'], '', null],
        ['b', ['next'], '', null],
      ],
    ],
    ['<a,b>; title="x, <c>; rel=y"; rel=z', [['a,b', ['z'], '', null]]],
    ['<a>; rel=x; rel=y', [['a', ['x'], '', null]]],
    ['<a>', []],
    ['a; rel=x', []],
    ['x <a>; rel=x, <b>; rel=y', [['b', ['y'], '', null]]],
    ['<a; rel=x', []],
  ] as const)('%j', (value, expected) => {
    expect(parseLinkHeader(value).map((link) => [link.url, link.rel, link.as, link.crossOrigin])).toEqual(expected)
  })
})

describe('freshness', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
  it.each([
    [[['Cache-Control', 'max-age=60']], 60],
    [
      [
        ['Cache-Control', 'max-age="60"'],
        ['Expires', 'Thu, 01 Jan 2026 01:00:00 GMT'],
      ],
      60,
    ],
    [[['Cache-Control', 'max-age=-1']], 0],
    [
      [
        ['Date', date],
        ['Expires', 'Thu, 01 Jan 2026 01:00:00 GMT'],
      ],
      3600,
    ],
    [[['Expires', '0']], 0],
    [
      [
        ['Date', date],
        ['Last-Modified', 'Wed, 31 Dec 2025 23:43:20 GMT'],
      ],
      100,
    ],
    [[], 0],
  ] as const)('of %j is %d seconds', (fields, seconds) => {
    expect(computeFreshnessLifetime(new HTTPHeaderMap(fields), now)).toBe(seconds)
  })

  it('counts the time in other caches and since it came', () => {
    expect(computeCurrentAge(new HTTPHeaderMap([['Age', '10']]), now, now + 5000)).toBe(15)
    expect(computeCurrentAge(new HTTPHeaderMap([['Date', date]]), now + 20_000, now + 25_000)).toBe(25)
  })

  it('reads directives without case, and Pragma when there is no Cache-Control', () => {
    const read = (fields: [string, string][]) => parseCacheControlDirectives(new HTTPHeaderMap(fields))
    expect(read([['Cache-Control', 'No-Store, MUST-revalidate, immutable, stale-while-revalidate=5']])).toEqual({
      noCache: false,
      noStore: true,
      mustRevalidate: true,
      immutable: true,
      maxAge: null,
      staleWhileRevalidate: 5,
    })
    expect(read([['Pragma', 'no-cache']]).noCache).toBe(true)
    expect(read([['Cache-Control', 'no-cache="set-cookie"']]).noCache).toBe(false)
  })
})

it.each([
  ['  <!DOCTYPE html>', 'text/html'],
  ['<script>', 'text/html'],
  ['<scripted>', 'text/plain'],
  ['<!-- x', 'text/html'],
  ['<?xml version="1.0"?>', 'text/xml'],
  ['%PDF-1.7', 'application/pdf'],
  ['GIF89a', 'image/gif'],
  ['plain', 'text/plain'],
  ['', 'text/plain'],
  ['\0\0', 'application/octet-stream'],
  ['\ufefftext\0', 'text/plain'],
])('the bytes of %j are %s', (text, mimeType) => {
  expect(getMIMETypeFromContent(new TextEncoder().encode(text))).toBe(mimeType)
})
