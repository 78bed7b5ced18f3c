// The policy by tables, a row for each rule, with the section of RFC 9111 (unless another is named) that makes it. Many
// cases are those of the suite at https://cache-tests.fyi.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MessageHeaders, MessageHeadersType } from '../../src/headers/message-headers.ts'
import * as policy from '../../src/cache/cache-policy.ts'
import { StoredHead } from '../../src/cache/cache-policy.ts'
import { CacheType } from '../../src/cache/cache-type.ts'
import { requestTarget } from '../../src/uri/request-target.ts'

/** Name, value pairs; a value of several lines is as many fields. */
type Fields = Readonly<Record<string, string | readonly string[]>>

const NOW = Date.UTC(2030, 0, 1, 12)
const { SINGLE_USER, SHARED } = CacheType

/** The date so many seconds after the response came. */
const at = (seconds: number): string => new Date(NOW + seconds * 1000).toUTCString()

function headersOf(fields: Fields, type: MessageHeadersType = MessageHeadersType.RESPONSE): MessageHeaders {
  const headers = new MessageHeaders(type)
  for (const [name, value] of Object.entries(fields)) {
    for (const one of typeof value === 'string' ? [value] : value) headers.append(name, one)
  }
  return headers
}

const requestOf = (fields: Fields): MessageHeaders => headersOf(fields, MessageHeadersType.REQUEST)

/** A stored response that came at NOW and took `delay` seconds. */
function headOf(fields: Fields, { statusCode = 200, delay = 0, varying = [] }: HeadOptions = {}): StoredHead {
  const raw = headersOf(fields).toRawList()
  const times = { requestTime: NOW - delay * 1000, responseTime: NOW }
  return new StoredHead({ key: 'k', varying, statusCode, reasonPhrase: 'OK', fields: raw, ...times })
}

interface HeadOptions {
  statusCode?: number
  delay?: number
  varying?: policy.VaryingField[]
}

describe('what a peer sends', () => {
  const values = fc.string({ unit: fc.constantFrom(...'max-age=60,no-cache="x, y;q\\ \t*W/') })

  test('may be anything', () => {
    fc.assert(
      fc.property(values, values, (one, two) => {
        const value = one.trim()
        const head = headOf({ 'Cache-Control': value, Age: value, Expires: value, ETag: value, Vary: two.trim() })
        const request = requestOf({ 'Cache-Control': two.trim(), 'If-None-Match': value, Range: value })
        expect(policy.freshnessLifetime(head, SHARED)).toBeGreaterThanOrEqual(0)
        expect(policy.currentAge(head, NOW)).toBeGreaterThanOrEqual(0)
        policy.decideReuse(head, policy.requestControl(request), SINGLE_USER, NOW)
        policy.evaluateConditions(request, head)
        policy.chooseRange(request, head, 10)
        policy.varyingFields(head.headers, () => null)
      }),
    )
  })

  test('has an end', () => {
    const many = Array.from({ length: 1001 }, (_, i) => `x${i}`).join()
    expect(policy.parseCacheControl(many).noStore).toBe(true)
    expect(headOf({ ETag: `"${'a'.repeat(2000)}"` }).etag).toBeNull()
  })
})

describe('what is stored', () => {
  type Row = [section: string, what: string, stored: boolean, response: Fields, more?: StoredRow]
  interface StoredRow {
    method?: string
    status?: number
    request?: Fields
    type?: CacheType
  }
  const fresh = { 'Cache-Control': 'max-age=60' }
  const auth = { request: { Authorization: 'Basic x' }, type: SHARED }
  const rows: Row[] = [
    ['3', 'explicit freshness', true, fresh],
    ['3', 'a POST', false, fresh, { method: 'POST' }],
    ['3', 'a HEAD', false, fresh, { method: 'HEAD' }],
    ['3', 'neither freshness nor a validator', false, {}],
    ['3', 'a validator and a cacheable status', true, { ETag: '"a"' }],
    ['3', 'a validator and another status', false, { ETag: '"a"' }, { status: 403 }],
    ['3', 'explicit freshness and another status', true, fresh, { status: 403 }],
    ['3', 'Expires', true, { Expires: at(60) }],
    ['3', 'public and a validator, another status', true, { 'Cache-Control': 'public', ETag: '"a"' }, { status: 403 }],
    [
      '3',
      'private and a validator, another status',
      true,
      { 'Cache-Control': 'private', ETag: '"a"' },
      { status: 403 },
    ],
    ['3', 's-maxage alone, one user', false, { 'Cache-Control': 's-maxage=60' }, { status: 403 }],
    ['3', 's-maxage alone, shared', true, { 'Cache-Control': 's-maxage=60' }, { status: 403, type: SHARED }],
    ['3', 'max-age=0 without a validator', false, { 'Cache-Control': 'max-age=0' }],
    ['3', 'max-age=0 with a validator', true, { 'Cache-Control': 'max-age=0', ETag: '"a"' }],
    ['3.3', 'a part', false, { ...fresh, 'Content-Range': 'bytes 0-1/5' }, { status: 206 }],
    ['3.3', 'the answer to a Range', false, fresh, { request: { Range: 'bytes=0-1' } }],
    ['3.5', 'authorized, shared', false, fresh, auth],
    ['3.5', 'authorized, one user', true, fresh, { ...auth, type: SINGLE_USER }],
    ['3.5', 'authorized, public', true, { 'Cache-Control': 'public, max-age=60' }, auth],
    ['3.5', 'authorized, must-revalidate', true, { 'Cache-Control': 'must-revalidate, max-age=60' }, auth],
    ['3.5', 'authorized, s-maxage', true, { 'Cache-Control': 's-maxage=60' }, auth],
    ['3.5', 'authorized, proxy-revalidate', false, { 'Cache-Control': 'proxy-revalidate, max-age=60' }, auth],
    ['4.1', 'Vary: *', false, { ...fresh, Vary: 'Accept, *' }],
    ['4.3', 'a 304', false, fresh, { status: 304 }],
    ['5.2.1.5', 'no-store asked for', false, fresh, { request: { 'Cache-Control': 'no-store' } }],
    ['5.2.2.3', 'must-understand, a known status', true, { 'Cache-Control': 'no-store, must-understand, max-age=60' }],
    ['5.2.2.3', 'must-understand, another', false, { 'Cache-Control': 'no-store, must-understand, max-age=60' }, { status: 599 }], // prettier-ignore
    ['5.2.2.4', 'no-cache with a validator', true, { 'Cache-Control': 'no-cache', ETag: '"a"' }],
    ['5.2.2.4', 'no-cache without', false, { 'Cache-Control': 'no-cache, max-age=60' }],
    ['5.2.2.5', 'no-store', false, { 'Cache-Control': 'no-store, max-age=60' }],
    ['5.2.2.5', 'No-Store', false, { 'Cache-Control': 'max-age=60, nO-StOrE' }],
    ['5.2.2.5', 'no-store in the second line', false, { 'Cache-Control': ['max-age=60', 'no-store'] }],
    ['5.2.2.7', 'private, one user', true, { 'Cache-Control': 'private, max-age=60' }],
    ['5.2.2.7', 'private, shared', false, { 'Cache-Control': 'private, max-age=60' }, { type: SHARED }],
    ['5.2.2.7', 'private fields, shared', true, { 'Cache-Control': 'private="x", max-age=60' }, { type: SHARED }],
    ['RFC 5861 3', 'stale-while-revalidate alone', true, { 'Cache-Control': 'max-age=0, stale-while-revalidate=60' }],
    ['RFC 9110 15.5.2', 'a challenge', false, fresh, { status: 401 }],
    ['RFC 9110 15.5.17', 'a range beyond the end', false, fresh, { status: 416 }],
  ]
  test.each(rows)('section %s: %s', (_section, _what, stored, response, more = {}) => {
    const headers = headersOf(response)
    const requestHeaders = requestOf(more.request ?? {})
    const facts = {
      method: more.method ?? 'GET',
      requestHeaders,
      requestControl: policy.requestControl(requestHeaders),
      statusCode: more.status ?? 200,
      headers,
      control: policy.responseControl(headers),
    }
    expect(policy.isStorable(facts, more.type ?? SINGLE_USER)).toBe(stored)
  })

  test('section 3.1: which fields', () => {
    const headers = headersOf({
      'Content-Type': 'text/plain',
      Connection: 'close, X-Hop',
      'X-Hop': '1',
      'Keep-Alive': 'timeout=5',
      'Transfer-Encoding': 'chunked',
      'Set-Cookie': ['a=1', 'b=2'],
      'Cache-Control': 'no-cache="X-Once, x-twice", private="X-Mine"',
      'X-Once': '1',
      'X-Twice': '2',
      'X-Mine': '3',
      'X-Kept': ['4', '5'],
    })
    const names = (type: CacheType): string[] => {
      return policy.storedFields(headers, policy.responseControl(headers), type).filter((_text, i) => i % 2 === 0)
    }
    expect(names(SINGLE_USER)).toEqual(['Content-Type', 'Cache-Control', 'X-Mine', 'X-Kept', 'X-Kept'])
    expect(names(SHARED)).toEqual(['Content-Type', 'Cache-Control', 'X-Kept', 'X-Kept'])
  })
})

describe('how long it is fresh', () => {
  const cc = (value: string | string[]): Fields => ({ 'Cache-Control': value, Date: at(0) })
  type Row = [section: string, what: string, seconds: number, fields: Fields, more?: HeadOptions & { type?: CacheType }]
  const rows: Row[] = [
    ['1.2.2', 'leading zeros', 3600, cc('max-age=003600')],
    ['1.2.2', 'more than can be', 2 ** 31, cc('max-age=99999999999')],
    ['4.2.1', 'max-age', 60, cc('max-age=60')],
    ['4.2.1', 'MaX-AgE', 60, cc('MaX-aGe=60')],
    ['4.2.1', 's-maxage, one user', 60, cc('max-age=60, s-maxage=90')],
    ['4.2.1', 's-maxage, shared', 90, cc('max-age=60, s-maxage=90'), { type: SHARED }],
    ['4.2.1', 'max-age over Expires', 60, { ...cc('max-age=60'), Expires: at(-9) }],
    ['4.2.1', 'max-age=0 over Expires', 0, { ...cc('max-age=0'), Expires: at(90) }],
    ['4.2.1', 'Expires', 90, { Expires: at(90), Date: at(0) }],
    ['4.2.1', 'Expires against Date', 80, { Expires: at(90), Date: at(10) }],
    ['4.2.1', 'Expires without Date', 90, { Expires: at(90) }],
    ['4.2.1', 'the same twice', 60, cc(['max-age=60', 'max-age=60'])],
    ['4.2.1', 'two times, the first longer', 0, cc('max-age=60, max-age=0')],
    ['4.2.1', 'two times in two lines', 0, cc(['max-age=1', 'max-age=60'])],
    ['4.2.1', 'two times of Expires', 0, { Expires: [at(60), at(90)] }],
    ['4.2.1', 'a negative time', 0, cc('max-age=-60')],
    ['4.2.1', 'letters before', 0, cc('max-age=a100')],
    ['4.2.1', 'letters behind', 0, cc('max-age=100a')],
    ['4.2.1', 'a decimal', 0, cc('max-age=3600.5')],
    ['4.2.1', 'single quotes', 0, cc("max-age='3600'")],
    ['4.2.1', 'no value', 0, cc('max-age')],
    ['5.2', 'double quotes', 60, cc('max-age="60"')],
    ['5.2', 'inside a quoted string', 1, cc('extension="max-age=100,a=b", max-age=1')],
    ['5.2', 'space before the sign', 0, cc('max-age =60')],
    ['5.2', 'extensions', 60, cc('foobar, max-age=60, a=b')],
    ['5.3', 'Expires: 0', 0, { Expires: '0' }],
    ['5.3', 'RFC 850', 86400, { Expires: 'Wednesday, 02-Jan-30 12:00:00 GMT', Date: at(0) }],
    ['5.3', 'asctime', 86400, { Expires: 'Wed Jan  2 12:00:00 2030', Date: at(0) }],
    ...[
      'Wed, 02 Jan 2030 12:00:00 UTC',
      'Wed, 02 Jan 2030 12:00:00 +0100',
      'Wed, 02 Jan 30 12:00:00 GMT',
      'Wed 02 Jan 2030 12:00:00 GMT',
      'Wed,  02 Jan 2030 12:00:00 GMT',
      'Wed, 02-Jan-2030 12:00:00 GMT',
      'Wed, 02 Jan 2030 2:00:00 GMT',
      'Wed, 32 Jan 2030 12:00:00 GMT',
    ].map((Expires): Row => ['5.3', Expires, 0, { Expires, Date: at(0) }]),
    ['4.2.2', 'a tenth of the age', 360, { 'Last-Modified': at(-3600), Date: at(0) }],
    ['4.2.2', 'a week at most', 7 * 86400, { 'Last-Modified': at(-9e8), Date: at(0) }],
    ['4.2.2', 'modified in the future', 0, { 'Last-Modified': at(3600), Date: at(0) }],
    ['4.2.2', 'another status', 0, { 'Last-Modified': at(-3600) }, { statusCode: 403 }],
    ['4.2.2', 'another status, public', 360, { 'Last-Modified': at(-3600), ...cc('public') }, { statusCode: 403 }],
    ['4.2.2', 'not with Expires', 0, { 'Last-Modified': at(-3600), Expires: at(-1) }],
    ['4.2.2', 'nothing to guess by', 0, { ETag: '"a"' }],
    ...[203, 204, 300, 301, 308, 404, 405, 410, 414, 501].map((statusCode): Row => {
      return ['RFC 9110 15.1', String(statusCode), 360, { 'Last-Modified': at(-3600), Date: at(0) }, { statusCode }]
    }),
  ]
  test.each(rows)('section %s: %s', (_section, _what, seconds, fields, more = {}) => {
    expect(policy.freshnessLifetime(headOf(fields, more), more.type ?? SINGLE_USER)).toBe(seconds)
  })
})

describe('how old it is', () => {
  const rows: [section: string, what: string, seconds: number, Fields, delay?: number][] = [
    ['4.2.3', 'just made', 10, { Date: at(0) }],
    ['4.2.3', 'made before it came', 110, { Date: at(-100) }],
    ['4.2.3', 'a clock that is ahead', 10, { Date: at(100) }],
    ['4.2.3', 'no Date', 10, {}],
    ['4.2.3', 'Age', 40, { Age: '30', Date: at(0) }],
    ['4.2.3', 'Age and a slow network', 45, { Age: '30', Date: at(0) }, 5],
    ['4.2.3', 'Age less than Date', 110, { Age: '30', Date: at(-100) }],
    ['5.1', 'not a number', 10, { Age: 'abc' }],
    ['5.1', 'negative', 10, { Age: '-7200' }],
    ['5.1', 'a decimal', 10, { Age: '7200.0' }],
    ['5.1', 'more than can be', 2 ** 31 + 10, { Age: '99999999999' }],
    ['5.1', 'a list, the first counts', 40, { Age: '30, 0' }],
    ['5.1', 'two lines, the first counts', 40, { Age: ['30', '0'] }],
    ['5.1', 'a parameter', 10, { Age: '7200;foo=bar' }],
  ]
  test.each(rows)('section %s: %s', (_section, _what, seconds, fields, delay = 0) => {
    expect(policy.currentAge(headOf(fields, { delay }), NOW + 10_000)).toBe(seconds)
  })

  test('section 5.1: written in whole seconds, with a limit', () => {
    expect([0, 1.9, 2 ** 40].map(policy.formatAge)).toEqual(['0', '1', String(2 ** 31)])
  })

  test('section 4.2.3: a clock that is set back makes nothing younger', () => {
    expect(policy.currentAge(headOf({ Age: '5' }), NOW - 60_000)).toBe(5)
  })
})

describe('what may be done with it', () => {
  type Row = [section: string, what: string, policy.Reuse, response: string, age: number, request?: Fields, CacheType?]
  const cc = (value: string): Fields => ({ 'Cache-Control': value })
  const rows: Row[] = [
    ['4.2', 'fresh', 'use', 'max-age=60', 59],
    ['4.2', 'its last second is over', 'validate', 'max-age=60', 60],
    ['4.2.4', 'stale', 'validate', 'max-age=60', 61],
    ['5.2.1.1', 'max-age=0 asked for', 'validate', 'max-age=60', 0, cc('max-age=0')],
    ['5.2.1.1', 'younger than asked for', 'use', 'max-age=60', 9, cc('max-age=10')],
    ['5.2.1.1', 'older than asked for', 'validate', 'max-age=60', 11, cc('max-age=10')],
    ['5.2.1.2', 'max-stale without a limit', 'use', 'max-age=60', 6000, cc('max-stale')],
    ['5.2.1.2', 'max-stale, enough', 'use', 'max-age=60', 70, cc('max-stale=10')],
    ['5.2.1.2', 'max-stale, not enough', 'validate', 'max-age=60', 71, cc('max-stale=10')],
    ['5.2.1.2', 'max-stale, malformed', 'validate', 'max-age=60', 71, cc('max-stale=x')],
    ['5.2.1.3', 'min-fresh, fresh enough', 'use', 'max-age=60', 50, cc('min-fresh=10')],
    ['5.2.1.3', 'min-fresh, not fresh enough', 'validate', 'max-age=60', 51, cc('min-fresh=10')],
    ['5.2.1.4', 'no-cache asked for', 'validate', 'max-age=60', 0, cc('no-cache')],
    ['5.2.2.2', 'must-revalidate, fresh', 'use', 'max-age=60, must-revalidate', 9],
    ['5.2.2.2', 'must-revalidate forbids max-stale', 'validate', 'max-age=60, must-revalidate', 61, cc('max-stale')],
    ['5.2.2.4', 'no-cache', 'validate', 'max-age=60, no-cache', 0],
    ['5.2.2.4', 'No-CaChE', 'validate', 'max-age=60, No-CaChE', 0],
    ['5.2.2.4', 'no-cache of fields', 'use', 'max-age=60, no-cache="set-cookie"', 0],
    ['5.2.2.4', 'no-cache of fields and of all', 'validate', 'max-age=60, no-cache="x", no-cache', 0],
    ['5.2.2.4', 'no-cache forbids max-stale', 'validate', 'no-cache', 0, cc('max-stale')],
    ['5.2.2.8', 'proxy-revalidate, one user', 'use', 'max-age=60, proxy-revalidate', 61, cc('max-stale')],
    ['5.2.2.8', 'proxy-revalidate, shared', 'validate', 'max-age=60, proxy-revalidate', 61, cc('max-stale'), SHARED],
    ['5.2.2.10', 's-maxage, shared, forbids stale', 'validate', 's-maxage=60', 61, cc('max-stale'), SHARED],
    ['5.4', 'Pragma: no-cache asked for', 'validate', 'max-age=60', 0, { Pragma: 'no-cache' }],
    ['5.4', 'Pragma beside Cache-Control', 'use', 'max-age=60', 0, { Pragma: 'no-cache', ...cc('min-fresh=1') }],
    ['RFC 5861 3', 'stale-while-revalidate', 'use-and-revalidate', 'max-age=60, stale-while-revalidate=10', 69],
    ['RFC 5861 3', 'after it', 'validate', 'max-age=60, stale-while-revalidate=10', 70],
    [
      'RFC 5861 3',
      'not with must-revalidate',
      'validate',
      'max-age=60, stale-while-revalidate=10, must-revalidate',
      61,
    ],
    ['RFC 5861 3', 'not where the caller limits its age', 'validate', 'max-age=60, stale-while-revalidate=10', 61, cc('max-age=90')], // prettier-ignore
    ['RFC 8246 2', 'immutable, reloaded', 'use', 'max-age=60, immutable', 9, cc('max-age=0')],
    ['RFC 8246 2', 'immutable, stale', 'validate', 'max-age=60, immutable', 61, cc('max-age=0')],
    ['RFC 8246 2', 'immutable, no-cache asked for', 'validate', 'max-age=60, immutable', 9, cc('no-cache')],
  ]
  test.each(rows)('section %s: %s', (_section, _what, reuse, response, age, request = {}, type = SINGLE_USER) => {
    const control = policy.requestControl(requestOf(request))
    expect(policy.decideReuse(headOf(cc(response)), control, type, NOW + age * 1000)).toBe(reuse)
  })

  const errors: [what: string, boolean, response: string, age: number, status: number | null, request?: string][] = [
    ['stale-if-error', true, 'max-age=60, stale-if-error=10', 70, 503],
    ['after it', false, 'max-age=60, stale-if-error=10', 71, 503],
    ['a server that cannot be reached', true, 'max-age=60, stale-if-error=10', 70, null],
    ['an error of the caller', false, 'max-age=60, stale-if-error=10', 70, 404],
    ['501', false, 'max-age=60, stale-if-error=10', 70, 501],
    ['the caller allows it', true, 'max-age=60', 70, 500, 'stale-if-error=10'],
    ['nobody allows it', false, 'max-age=60', 61, 503],
    ['must-revalidate', false, 'max-age=60, stale-if-error=10, must-revalidate', 61, 503],
    ['no-cache', false, 'no-cache, stale-if-error=10', 1, 503],
    ['no-cache asked for', false, 'max-age=60, stale-if-error=10', 61, 503, 'no-cache'],
  ]
  test.each(errors)('RFC 5861 section 4: %s', (_what, may, response, age, status, request = '') => {
    const control = policy.parseCacheControl(request)
    expect(policy.mayUseOnError(headOf(cc(response)), control, SINGLE_USER, NOW + age * 1000, status)).toBe(may)
  })
})

describe('the conditions of a caller', () => {
  const stored = { ETag: '"a"', 'Last-Modified': at(-60), Date: at(0) }
  const rows: [what: string, 200 | 304 | null, Fields, Fields?][] = [
    ['none', 200, {}],
    ['his tag', 304, { 'If-None-Match': '"a"' }],
    ['another tag', 200, { 'If-None-Match': '"b"' }],
    ['one of his tags', 304, { 'If-None-Match': '"b", W/"a"' }],
    ['any tag', 304, { 'If-None-Match': '*' }],
    ['tags come before times', 200, { 'If-None-Match': '"b"', 'If-Modified-Since': at(0) }],
    ['not modified since', 304, { 'If-Modified-Since': at(-60) }],
    ['modified since', 200, { 'If-Modified-Since': at(-61) }],
    ['no date', 200, { 'If-Modified-Since': 'yesterday' }],
    ['not modified since, by Date', 304, { 'If-Modified-Since': at(0) }, { Date: at(0) }],
    ['If-Match', null, { 'If-Match': '"a"' }],
    ['If-Unmodified-Since', null, { 'If-Unmodified-Since': at(0) }],
  ]
  test.each(rows)('section 4.3.2: %s', (_what, status, request, response = stored) => {
    expect(policy.evaluateConditions(requestOf(request), headOf(response))).toBe(status)
  })
})

describe('keys', () => {
  const key = (uri: string, isolationKey: string | null = null): string =>
    policy.cacheKey(requestTarget(uri), isolationKey)

  test('section 2: fragments, default ports and the case of the host make no difference', () => {
    expect(key('http://Example.org:80/a?b#c')).toBe(key('http://example.org/a?b'))
    expect(key('http://example.org')).toBe(key('http://example.org/'))
  })

  test.each([
    ['queries', 'http://a/?1', 'http://a/?2'],
    ['schemes', 'http://a:443/', 'https://a/'],
    ['ports', 'http://a/', 'http://a:81/'],
    ['the case of paths', 'http://a/b', 'http://a/B'],
  ])('section 2: %s do', (_what, one, two) => expect(key(one)).not.toBe(key(two)))

  test('partitions see nothing of one another', () => {
    const uri = 'http://a/'
    const keys = [null, '', 'a', '-'].map((isolationKey) => key(uri, isolationKey))
    expect(new Set(keys).size).toBe(4)
  })

  type Row = [what: string, matches: boolean, vary: string | string[], stored: Fields, asked: Fields]
  const rows: Row[] = [
    ['the same', true, 'Foo', { Foo: '1' }, { Foo: '1' }],
    ['another', false, 'Foo', { Foo: '1' }, { Foo: '2' }],
    ['missing now', false, 'Foo', { Foo: '1' }, {}],
    ['missing then', false, 'Foo', {}, { Foo: '1' }],
    ['missing both times', true, 'Foo', {}, {}],
    ['not named', true, 'Foo', { Foo: '1', Bar: '1' }, { Foo: '1', Bar: '2' }],
    ['one of two', false, 'Foo, Bar', { Foo: '1', Bar: '1' }, { Foo: '1', Bar: '2' }],
    ['in two lines', false, ['Foo', 'Bar'], { Foo: '1', Bar: '1' }, { Foo: '1', Bar: '2' }],
    ['in another order', true, 'Bar, Foo', { Foo: '1', Bar: '2' }, { Bar: '2', Foo: '1' }],
    ['lines joined', true, 'Foo', { Foo: '1, 2' }, { Foo: ['1', '2'] }],
    ['white space', true, 'Foo', { Foo: '1,2' }, { Foo: '1 ,  2' }],
    ['letter case of the name', true, 'fOO', { Foo: '1' }, { foo: '1' }],
  ]
  test.each(rows)('section 4.1: %s', (_what, matches, vary, stored, asked) => {
    const read = (fields: Fields) => {
      const headers = requestOf(fields)
      return (name: string): string | null => headers.getList(name)
    }
    const varying = policy.varyingFields(headersOf({ Vary: vary }), read(stored))
    const entries = [{ head: headOf({}, { varying: varying ?? [] }) }]
    expect(policy.selectStored(entries, read(asked))).toBe(matches ? entries[0] : null)
  })

  test('section 4.1: what is not known yet matches nothing', () => {
    const head = headOf({}, { varying: [['cookie', null]] })
    expect(policy.matchesVarying(head, () => undefined)).toBe(false)
  })

  test('section 4.1: the newest of several', () => {
    const entries = [at(-5), at(-1), at(-9)].map((Date) => ({ head: headOf({ Date }) }))
    expect(policy.selectStored(entries, () => null)).toBe(entries[1])
  })
})

describe('asking the server', () => {
  const tagged = headOf({ ETag: '"a"', 'Last-Modified': at(-60) })
  const other = headOf({ ETag: '"b"' })
  const timed = headOf({ 'Last-Modified': at(-60) })

  test.each<[string, [string, string][], StoredHead[], StoredHead | null]>([
    ['by tag and time', [['If-None-Match', '"a"'], ['If-Modified-Since', at(-60)]], [tagged], tagged],
    ['by time', [['If-Modified-Since', at(-60)]], [timed], timed],
    ['about all variants', [['If-None-Match', '"a", "b"'], ['If-Modified-Since', at(-60)]], [tagged, other], tagged],
    ['about variants that do not match', [['If-None-Match', '"a", "b"']], [tagged, other], null],
    ['not by the time of one and the tag of another', [['If-None-Match', '"b"']], [timed, other], timed],
    ['by a malformed tag', [], [headOf({ ETag: 'a' })], headOf({ ETag: 'a' })],
  ])('section 4.3.1: %s', (_what, fields, heads, selected) => {
    expect(policy.conditionalFields(heads, selected)).toEqual(fields)
  }) // prettier-ignore

  const [t, o, m] = [tagged, other, timed].map((head) => ({ head })) as [Entry, Entry, Entry]
  interface Entry {
    head: StoredHead
  }
  test.each<[string, Entry | null, Entry[], Entry | null, Fields]>([
    ['the tag names it', o, [t, o], null, { ETag: '"b"' }],
    ['a weak tag names it', t, [t, o], t, { ETag: 'W/"a"' }],
    ['the tag names none', null, [t, o], t, { ETag: '"c"' }],
    ['the time names it', m, [o, m], null, { 'Last-Modified': at(-60) }],
    ['the time names none', null, [m], m, { 'Last-Modified': at(-6) }],
    ['nothing names it, the selected one', t, [t, o], t, {}],
    ['nothing names it, the only one', t, [t], null, {}],
    ['nothing names it among several', null, [t, o], null, {}],
  ])('section 4.3.4: %s', (_what, freshened, entries, selected, fields) => {
    expect(policy.selectFreshened(entries, selected, headersOf(fields))).toBe(freshened)
  })

  test('section 3.2: what a 304 changes', () => {
    const before = headOf({
      'Content-Type': 'text/plain',
      'Content-Length': '5',
      'Content-Encoding': 'gzip',
      'X-Old': 'old',
      'X-New': ['old', 'older'],
      Age: '50',
      ETag: '"a"',
    })
    const told = headersOf({
      'Content-Type': 'text/html',
      'Content-Length': '0',
      'X-New': 'new',
      'Cache-Control': 'max-age=9',
      'Set-Cookie': 'a=b',
      Connection: 'close',
    })
    const times = { requestTime: NOW + 1, responseTime: NOW + 2 }
    const after = policy.freshenedHead(before, told, SINGLE_USER, times)
    expect([...after.headers]).toEqual([
      ['Content-Type', 'text/plain'],
      ['Content-Length', '5'],
      ['Content-Encoding', 'gzip'],
      ['X-Old', 'old'],
      ['ETag', '"a"'],
      ['X-New', 'new'],
      ['Cache-Control', 'max-age=9'],
    ])
    expect(after.data).toMatchObject({ ...times, statusCode: 200 })
  })

  test.each<[string, boolean, Fields, Fields]>([
    ['the same tag', true, { ETag: '"a"' }, { ETag: '"a"' }],
    ['another tag', false, { ETag: '"a"' }, { ETag: '"b"' }],
    ['another length', false, { 'Content-Length': '5' }, { 'Content-Length': '6' }],
    ['another time', false, { 'Last-Modified': at(-5) }, { 'Last-Modified': at(-4) }],
    ['nothing said', true, { ETag: '"a"' }, {}],
  ])('section 4.3.5: HEAD says %s', (_what, same, stored, told) => {
    expect(policy.describesSame(headOf(stored), headersOf(told))).toBe(same)
  })
})

describe('parts', () => {
  const stored = { ETag: '"a"', 'Last-Modified': at(-60), Date: at(0) }
  const rows: [section: string, what: string, { start: number; end: number } | 'whole' | null, Fields, Fields?][] = [
    ['14.2', 'from the start', { start: 0, end: 1 }, { Range: 'bytes=0-1' }],
    ['14.2', 'to the end', { start: 7, end: 9 }, { Range: 'bytes=7-' }],
    ['14.2', 'the last bytes', { start: 8, end: 9 }, { Range: 'bytes=-2' }],
    ['14.2', 'over the end', { start: 8, end: 9 }, { Range: 'bytes=8-20' }],
    ['14.2', 'two that touch', { start: 0, end: 4 }, { Range: 'bytes=0-3,2-4' }],
    ['14.2', 'two', null, { Range: 'bytes=0-1,5-6' }],
    ['14.2', 'beyond the end', null, { Range: 'bytes=10-' }],
    ['14.2', 'another unit', 'whole', { Range: 'lines=0-1' }],
    ['14.2', 'none', 'whole', {}],
    ['13.1.5', 'of the same tag', { start: 0, end: 1 }, { Range: 'bytes=0-1', 'If-Range': '"a"' }],
    ['13.1.5', 'of another tag', 'whole', { Range: 'bytes=0-1', 'If-Range': '"b"' }],
    ['13.1.5', 'of a weak tag', 'whole', { Range: 'bytes=0-1', 'If-Range': 'W/"a"' }, { ETag: 'W/"a"' }],
    ['13.1.5', 'of the same time', { start: 0, end: 1 }, { Range: 'bytes=0-1', 'If-Range': at(-60) }],
    ['13.1.5', 'of another time', 'whole', { Range: 'bytes=0-1', 'If-Range': at(-61) }],
    ['13.1.5', 'of a time that proves nothing', 'whole', { Range: 'bytes=0-1', 'If-Range': at(0) }, { 'Last-Modified': at(0), Date: at(0) }], // prettier-ignore
  ]
  test.each(rows)('RFC 9110 section %s: %s', (_section, _what, choice, request, response = stored) => {
    expect(policy.chooseRange(requestOf(request), headOf(response), 10)).toEqual(choice)
  })
})

describe('what requests make out of date', () => {
  test.each<[method: string, status: number, boolean]>([
    ['POST', 200, true],
    ['PUT', 204, true],
    ['DELETE', 303, true],
    ['PATCH', 200, true],
    ['M-SEARCH', 200, true],
    ['POST', 404, false],
    ['PUT', 500, false],
    ['OPTIONS', 200, false],
    ['TRACE', 200, false],
    ['PROPFIND', 207, false],
  ])('section 4.4: %s with %i', (method, status, does) => expect(policy.invalidates(method, status)).toBe(does))
})
