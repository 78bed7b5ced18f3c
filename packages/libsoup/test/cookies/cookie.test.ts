import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  COOKIE_MAX_AGE_ONE_DAY,
  COOKIE_MAX_AGE_ONE_HOUR,
  COOKIE_MAX_AGE_ONE_WEEK,
  COOKIE_MAX_AGE_ONE_YEAR,
  Cookie,
  Message,
  MessageHeaders,
  SameSitePolicy,
  cookiesFromRequest,
  cookiesFromResponse,
  cookiesToCookieHeader,
  cookiesToRequest,
  cookiesToResponse,
} from '../../src/index.ts'
import { formatCookieDate, parseCookieDate } from '../../src/cookies/cookie-date.ts'
import { MAX_LIFETIME, parseSetCookie } from '../../src/cookies/parse-set-cookie.ts'

const NOW = Date.UTC(2026, 10, 21)
const ORIGIN = 'https://www.example.org/dir/page?x=/y'

describe('the syntax of Set-Cookie', () => {
  test.each([
    { field: 'a=b', name: 'a', value: 'b' },
    { field: '  a \t=  b c  ; Path=/', name: 'a', value: 'b c' },
    { field: 'a=b=c=', name: 'a', value: 'b=c=' },
    { field: 'a="b; c"', name: 'a', value: '"b' },
    { field: 'a,b=c', name: 'a,b', value: 'c' },
    { field: 'a=', name: 'a', value: '' },
    { field: 'alone', name: '', value: 'alone' },
    { field: '=alone', name: '', value: 'alone' },
    { field: 'a=\u00a0b\u00a0', name: 'a', value: '\u00a0b\u00a0' },
    { field: 'a=b\tc', name: 'a', value: 'b\tc' },
  ])('$field is the cookie $name with the value $value', ({ field, name, value }) => {
    expect(parseSetCookie(field, NOW)).toMatchObject({ name, value })
  })

  test.each([
    ['nothing', ''],
    ['blanks', ' \t ; Path=/'],
    ['an empty pair', '=; Path=/'],
    ['a NUL', 'a=b\0c'],
    ['a line break in an attribute', 'a=b; Path=/\r\nX: y'],
    ['DEL', 'a=\x7f'],
    ['name and value of 4,097 bytes', `ab=${'c'.repeat(4095)}`],
    ['more than 16 KiB', `a=b;${'x'.repeat(16384)}`],
  ])('%s is no cookie', (_, field) => {
    expect(parseSetCookie(field, NOW)).toBe(null)
  })

  test('name and value may have 4,096 bytes together, an attribute 1,024', () => {
    expect(parseSetCookie(`ab=${'c'.repeat(4094)}`, NOW)).not.toBe(null)
    expect(parseSetCookie(`a=b; Path=/${'c'.repeat(1023)}`, NOW)?.path?.length).toBe(1024)
    expect(parseSetCookie(`a=b; Path=/x; Path=/${'c'.repeat(1024)}`, NOW)?.path).toBe('/x')
  })

  test.each([
    ['Domain=.Example.ORG', { domain: '.example.org' }],
    ['Domain=', { domain: null }],
    ['Domain', { domain: null }],
    ['Path=relative', { path: null }],
    ['Path=/a; path=/b', { path: '/b' }],
    ['SECURE=whatever; HTTPONLY', { secure: true, httpOnly: true }],
    ['SameSite=strict', { sameSite: SameSitePolicy.STRICT }],
    ['SameSite=none', { sameSite: SameSitePolicy.NONE }],
    ['SameSite=sometimes', { sameSite: null }],
    ['SameSite', { sameSite: null }],
    ['Max-Age=60', { expires: NOW + 60_000 }],
    ['Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT', { expires: NOW + 60_000 }],
    ['Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60', { expires: NOW + 60_000 }],
    ['Max-Age=0', { expires: 0 }],
    ['Max-Age=-1', { expires: 0 }],
    ['Max-Age=1.5', { expires: null }],
    ['Max-Age=+1', { expires: null }],
    ['Max-Age=99999999999999999999999', { expires: NOW + MAX_LIFETIME }],
    ['Expires=Fri, 31 Dec 9999 23:59:59 GMT', { expires: NOW + MAX_LIFETIME }],
    ['Expires=nonsense', { expires: null }],
  ])('reads %s', (attributes, fields) => {
    expect(parseSetCookie(`a=b; ${attributes}`, NOW)).toMatchObject(fields)
  })
})

describe('the dates of cookies', () => {
  test.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', 784111777000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 784111777000],
    ['Sun Nov  6 08:49:37 1994', 784111777000],
    ['06 november 1994 8:49:37 whatever', 784111777000],
    ['08:49:37 1994 6 Nov', 784111777000],
    ['Mon, 10-Dec-69 20:35:03', Date.UTC(2069, 11, 10, 20, 35, 3)],
    ['Mon, 10-Dec-70 20:35:03', Date.UTC(1970, 11, 10, 20, 35, 3)],
  ])('reads %s', (text, date) => {
    expect(parseCookieDate(text)).toBe(date)
  })

  test.each([
    '',
    'Nov 1994',
    '31 Feb 2020 00:00:00',
    '1 Jan 1600 00:00:00',
    '1 Jan 2020 24:00:00',
    '1 Jan 2020 00:60:00',
    '32 Jan 2020 0:0:0',
  ])('finds none in %j', (text) => {
    expect(parseCookieDate(text)).toBe(null)
  })

  test('are written as they are read', () => {
    expect(formatCookieDate(new Date(784111777000))).toBe('Sun, 06-Nov-1994 08:49:37 GMT')
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1601-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(parseCookieDate(formatCookieDate(date))).toBe(Math.floor(date.getTime() / 1000) * 1000)
        },
      ),
    )
  })
})

describe('a cookie', () => {
  test('of a response gets what it lacks from its origin', () => {
    const cookie = Cookie.parse('a=b', ORIGIN)
    expect(cookie).toMatchObject({ name: 'a', value: 'b', domain: 'www.example.org', path: '/dir', expires: null })
    expect(cookie).toMatchObject({ secure: false, httpOnly: false, sameSitePolicy: SameSitePolicy.LAX })
    expect(Cookie.parse('a=b', 'https://example.org')?.path).toBe('/')
    expect(Cookie.parse('a=b', 'https://example.org/page')?.path).toBe('/')
    expect(Cookie.parse('a=b')).toMatchObject({ domain: '', path: '/' })
  })

  test.each([
    ['https://www.example.org/', 'example.org', '.example.org'],
    ['https://www.example.org/', '.WWW.example.org', '.www.example.org'],
    ['https://www.example.org/', 'www2.example.org', null],
    ['https://example.org/', 'www.example.org', null],
    ['https://notexample.org/', 'example.org', null],
    ['https://www.example.org/', 'org', null],
    ['https://a.co.uk/', 'co.uk', null],
    ['https://a.github.io/', 'github.io', null],
    ['https://github.io/', 'github.io', 'github.io'],
    ['http://localhost/', 'localhost', 'localhost'],
    ['http://127.0.0.1/', '127.0.0.1', '127.0.0.1'],
    ['http://127.0.0.1/', '0.0.1', null],
    ['http://[::1]/', '::1', '::1'],
  ])('from %s with Domain=%s has the domain %s', (origin, attribute, domain) => {
    expect(Cookie.parse(`a=b; Domain=${attribute}`, origin)?.domain ?? null).toBe(domain)
  })

  test('is written as it can be read', () => {
    const cookie = new Cookie('a', 'b', '.example.org', '/dir', COOKIE_MAX_AGE_ONE_DAY)
    cookie.expires = new Date(784111777000)
    cookie.secure = cookie.httpOnly = true
    expect(cookie.toCookieHeader()).toBe('a=b')
    expect(cookie.toSetCookieHeader()).toBe(
      'a=b; expires=Sun, 06-Nov-1994 08:49:37 GMT; path=/dir; domain=.example.org; SameSite=Lax; secure; HttpOnly',
    )
    cookie.domain = 'example.org'
    expect(cookie.toSetCookieHeader()).not.toContain('domain')
    cookie.sameSitePolicy = SameSitePolicy.NONE
    expect(cookie.toSetCookieHeader()).toContain('SameSite=None')
    expect(new Cookie('', 'v', 'example.org', '/', -1).toCookieHeader()).toBe('v')
  })

  test('can be changed, copied and compared', () => {
    const cookie = new Cookie('a', 'b', 'example.org', '/', -1)
    const copy = cookie.copy()
    expect(copy.equal(cookie)).toBe(true)
    Object.assign(copy, { name: 'c', value: 'd', domain: '.example.org', path: '/x' })
    expect(copy).toMatchObject({ name: 'c', value: 'd', domain: '.example.org', path: '/x' })
    expect(copy.equal(cookie)).toBe(false)
    expect(cookie.name).toBe('a')
    copy.expires = null
    expect(copy.expires).toBe(null)
    expect(() => (copy.expires = new Date(Number.NaN))).toThrow(TypeError)
  })

  test('lives as long as it is told', () => {
    const cookie = new Cookie('a', 'b', 'example.org', '/', COOKIE_MAX_AGE_ONE_HOUR)
    const lifetime = (cookie.expires as Date).getTime() - Date.now()
    expect(lifetime).toBeGreaterThan(3_590_000)
    expect(lifetime).toBeLessThanOrEqual(3_600_000)
    cookie.setMaxAge(0)
    expect(cookie.expires).toEqual(new Date(0))
    cookie.setMaxAge(-1)
    expect(cookie.expires).toBe(null)
    expect([COOKIE_MAX_AGE_ONE_DAY, COOKIE_MAX_AGE_ONE_WEEK, COOKIE_MAX_AGE_ONE_YEAR]).toEqual([
      86400, 604800, 31556926,
    ])
  })

  test.each([
    ['/', 'https://example.org/x', true],
    ['/dir', 'https://example.org/dir', true],
    ['/dir', 'https://example.org/dir/page', true],
    ['/dir', 'https://example.org/dir?query', true],
    ['/dir/', 'https://example.org/dir/page', true],
    ['/dir', 'https://example.org/directory', false],
    ['/dir/', 'https://example.org/dir', false],
    ['/Dir', 'https://example.org/dir', false],
    ['', 'https://example.org/dir', true],
  ])('with the path %s goes to %s: %s', (path, uri, goes) => {
    expect(new Cookie('a', 'b', 'example.org', path, -1).appliesToUri(uri)).toBe(goes)
  })

  test('that is Secure or over does not go everywhere', () => {
    const cookie = new Cookie('a', 'b', '.example.org', '/', 100)
    cookie.secure = true
    expect(cookie.appliesToUri('http://example.org/')).toBe(false)
    expect(cookie.appliesToUri('wss://example.org/')).toBe(true)
    cookie.setMaxAge(0)
    expect(cookie.appliesToUri('https://example.org/')).toBe(false)
    expect(cookie.domainMatches('Example.org')).toBe(true)
    expect(cookie.domainMatches('www.example.org')).toBe(true)
    expect(cookie.domainMatches('badexample.org')).toBe(false)
  })

  test('with text beyond bytes is made UTF-8', () => {
    const cookie = Cookie.parse('a=\u20ac', ORIGIN) as Cookie
    expect(cookie.value).toBe('\u00e2\u0082\u00ac')
    new MessageHeaders().append('Cookie', cookie.toCookieHeader())
  })
})

describe('cookies in messages', () => {
  test('come and go in headers', () => {
    const message = new Message('GET', ORIGIN)
    cookiesToResponse([new Cookie('a', '1', '', '', -1), new Cookie('b', '2', '.example.org', '/', -1)], message)
    message.responseHeaders.append('Set-Cookie', 'c=3; Domain=example.com')
    expect(cookiesFromResponse(message).map((cookie) => [cookie.name, cookie.domain])).toEqual([
      ['a', 'www.example.org'],
      ['b', '.example.org'],
    ])
    message.requestHeaders.append('Cookie', 'x=0')
    cookiesToRequest(cookiesFromResponse(message), message)
    expect(message.requestHeaders.getOne('Cookie')).toBe('x=0; a=1; b=2')
    expect(cookiesFromRequest(message).map((cookie) => cookie.toCookieHeader())).toEqual(['x=0', 'a=1', 'b=2'])
    cookiesToRequest([], message)
    expect(message.requestHeaders.getOne('Cookie')).toBe('x=0; a=1; b=2')
    expect(cookiesToCookieHeader([])).toBe(null)
  })

  test('of requests may be odd', () => {
    const message = new Message('GET', ORIGIN)
    message.requestHeaders.append('Cookie', ' a = 1 ;; b;=c; d=e=f')
    expect(cookiesFromRequest(message).map(({ name, value }) => [name, value])).toEqual([
      ['a', '1'],
      ['', 'b'],
      ['', 'c'],
      ['d', 'e=f'],
    ])
  })
})

describe('any text', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '=',
      ';',
      ' ',
      '\t',
      ',',
      '"',
      'Expires=',
      'Max-Age=',
      'Domain=',
      'Path=/',
      'SameSite=',
      'Secure',
      '.',
      '-',
      '\0',
    ),
    fc.string({ unit: 'binary' }),
    fc.string(),
  )
  const field = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''))

  test('is parsed without an error, into what fits into a header', () => {
    fc.assert(
      fc.property(field, (text) => {
        const cookie = Cookie.parse(text, ORIGIN)
        if (cookie === null) return
        expect(cookie.name.length + cookie.value.length).toBeLessThanOrEqual(4096)
        new MessageHeaders().append('Cookie', cookie.toCookieHeader())
        expect(cookie.path.startsWith('/')).toBe(true)
        expect(cookie.domainMatches('www.example.org')).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('is the same cookie when it is written and read again', () => {
    fc.assert(
      fc.property(field, (text) => {
        const written = Cookie.parse(text, ORIGIN)?.toSetCookieHeader()
        if (written === undefined) return
        expect(Cookie.parse(written, ORIGIN)?.toSetCookieHeader()).toBe(written)
      }),
      { numRuns: 500 },
    )
  })

  test('holds a date or not, without an error', () => {
    fc.assert(
      fc.property(field, (text) => {
        const date = parseCookieDate(text)
        if (date !== null) expect(Number.isNaN(new Date(date).getTime())).toBe(false)
      }),
    )
  })

  test.each([
    ['semicolons', ';'.repeat(16_000)],
    ['blanks', `a=${' '.repeat(15_000)}b`],
    ['attributes', 'a=b' + '; path=/x'.repeat(1500)],
    ['digits', `a=b; expires=${'1:'.repeat(500)}`],
  ])('of 16 KiB of %s keeps nobody busy', (_, text) => {
    // More than a time limit's worth if any part were looked at more often than a few times.
    for (let i = 0; i < 1000; i++) parseSetCookie(text, NOW)
    expect(parseSetCookie(text, NOW)?.name ?? '').toMatch(/^a?$/)
  })
})
