// The functions of GUri that take URIs apart and put them together, and those about host names.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  hostnameIsAsciiEncoded,
  hostnameIsNonAscii,
  Uri,
  URI_RESERVED_CHARS_ALLOWED_IN_PATH,
  URI_RESERVED_CHARS_ALLOWED_IN_PATH_ELEMENT,
  URI_RESERVED_CHARS_ALLOWED_IN_USERINFO,
  URI_RESERVED_CHARS_GENERIC_DELIMITERS,
  URI_RESERVED_CHARS_SUBCOMPONENT_DELIMITERS,
  UriFlags,
  UriHideFlags,
} from '@wpe-networking/glib-gio'

const { HAS_PASSWORD, HAS_AUTH_PARAMS, SCHEME_NORMALIZE, NON_DNS, ENCODED, ENCODED_QUERY } = UriFlags

describe('join and split', () => {
  const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value)
  const text = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((value) => value.isWellFormed() && !value.includes('\0'))
  const withHost = fc.record({
    scheme: maybe(fc.constantFrom('http', 'x-test', 'a+b.c')),
    host: fc.constantFrom('host', '192.0.2.1', '2001:db8::1'),
    user: text,
    password: maybe(text),
    authParams: maybe(text),
    port: fc.integer({ min: -1, max: 65535 }),
    path: fc.oneof(
      fc.constant(''),
      text.map((value) => `/${value}`),
    ),
    query: maybe(text),
    fragment: maybe(text),
  })
  const withoutHost = fc.record({
    scheme: fc.constantFrom('http', 'x-test'),
    path: text.filter((value) => !value.startsWith('//')),
    query: maybe(text),
    fragment: maybe(text),
  })

  it('are each other undone, with user, password and parameters', () => {
    fc.assert(
      fc.property(withHost, (parts) => {
        const split = Uri.splitWithUser(
          Uri.joinWithUser(parts, HAS_PASSWORD | HAS_AUTH_PARAMS),
          HAS_PASSWORD | HAS_AUTH_PARAMS,
        )
        expect(split).toMatchObject(parts)
      }),
    )
  })

  it('are each other undone without a host, as for data: and mailto:', () => {
    fc.assert(
      fc.property(withoutHost, (parts) => {
        expect(Uri.split(Uri.join(parts))).toMatchObject({ ...parts, host: null, userinfo: null, port: -1 })
      }),
    )
  })

  it('know relative references', () => {
    expect(Uri.join({ scheme: null, path: '/a', query: 'b' })).toBe('/a?b')
    expect(Uri.join({ scheme: null, host: 'h', path: '/a' })).toBe('//h/a')
    expect(Uri.split('//h/a')).toMatchObject({ scheme: null, host: 'h', path: '/a' })
    expect(Uri.split('')).toMatchObject({ scheme: null, host: null, path: '', query: null })
  })

  it('fill in what the scheme means, when asked', () => {
    expect(Uri.split('https://h', SCHEME_NORMALIZE)).toMatchObject({ port: 443, path: '/' })
    expect(Uri.split('https://h')).toMatchObject({ port: -1, path: '' })
    expect(Uri.splitNetwork('socks5://h', SCHEME_NORMALIZE)).toMatchObject({ port: 1080 })
    expect(Uri.split('x-test://h', SCHEME_NORMALIZE)).toMatchObject({ port: -1, path: '' })
    expect(Uri.split('//h', SCHEME_NORMALIZE)).toMatchObject({ port: -1, path: '' })
    expect(Uri.join({ scheme: 'wss', host: 'h', port: 443 }, SCHEME_NORMALIZE)).toBe('wss://h/')
  })

  it('leave encoded what is said to be encoded', () => {
    expect(Uri.join({ scheme: 'x', host: 'h', path: '/a%20b', query: 'c%26d' }, ENCODED)).toBe('x://h/a%20b?c%26d')
    expect(Uri.join({ scheme: 'x', host: 'h', path: '/a b', query: 'c%26d' }, ENCODED_QUERY)).toBe('x://h/a%20b?c%26d')
  })

  it('take any host where it is no DNS name', () => {
    const uri = 'dav://a%3Ab._tcp.local/'
    expect(Uri.split(uri, NON_DNS).host).toBe('a:b._tcp.local')
    expect(Uri.parse(uri, NON_DNS).toString()).toBe(uri)
  })
})

describe('build', () => {
  it('keeps a userinfo whole', () => {
    const uri = Uri.build({ scheme: 'X', userinfo: 'a:b;c', host: 'h', port: 1, path: '/' })
    expect(uri).toMatchObject({ scheme: 'x', userinfo: 'a:b;c', user: null, password: null, flags: UriFlags.NONE })
    expect(uri.toString()).toBe('x://a:b;c@h:1/')
  })

  it('with user makes a userinfo of its parts, and hides them one by one', () => {
    const uri = Uri.buildWithUser(
      {
        scheme: 'x',
        user: 'us:er',
        password: 'pass',
        authParams: 'auth',
        host: 'h',
        path: '/p',
        query: 'q',
        fragment: 'f',
      },
      NON_DNS,
    )
    expect(uri).toMatchObject({ userinfo: 'us:er:pass;auth', user: 'us:er', flags: NON_DNS | HAS_PASSWORD })
    const shown = (hide: number): string => uri.toStringPartial(hide)
    expect(shown(UriHideFlags.NONE)).toBe('x://us%3Aer:pass;auth@h/p?q#f')
    expect(shown(UriHideFlags.PASSWORD)).toBe('x://us%3Aer;auth@h/p?q#f')
    expect(shown(UriHideFlags.AUTH_PARAMS)).toBe('x://us%3Aer:pass@h/p?q#f')
    expect(shown(UriHideFlags.USERINFO)).toBe('x://h/p?q#f')
    expect(shown(UriHideFlags.QUERY | UriHideFlags.FRAGMENT)).toBe('x://us%3Aer:pass;auth@h/p')
  })
})

describe('small functions', () => {
  it('peekScheme is parseScheme', () => {
    expect([Uri.peekScheme('FTP://h'), Uri.peekScheme('.x:'), Uri.peekScheme('x')]).toEqual(['ftp', null, null])
  })

  it('listExtractUris reads text/uri-list', () => {
    const list = '# remark\r\nhttp://a/b\r\n  ftp://c/d  \r\n\r\nmailto:e@f\n#end'
    expect(Uri.listExtractUris(list)).toEqual(['http://a/b', 'ftp://c/d', 'mailto:e@f'])
    expect(Uri.listExtractUris('# nothing')).toEqual([])
  })

  it('the sets of reserved characters are those of RFC 3986', () => {
    const all = `${URI_RESERVED_CHARS_GENERIC_DELIMITERS}${URI_RESERVED_CHARS_SUBCOMPONENT_DELIMITERS}`
    expect(Uri.escapeString(all, all)).toBe(all)
    expect(Uri.escapeString(all)).toMatch(/^(%[0-9A-F]{2}){18}$/)
    expect(Uri.escapeString('/a;b?', URI_RESERVED_CHARS_ALLOWED_IN_PATH)).toBe('/a;b%3F')
    expect(Uri.escapeString('/a;b?', URI_RESERVED_CHARS_ALLOWED_IN_PATH_ELEMENT)).toBe('%2Fa;b%3F')
    expect(Uri.escapeString('a:b@', URI_RESERVED_CHARS_ALLOWED_IN_USERINFO)).toBe('a:b%40')
  })

  it('escaping and unescaping bytes gives them back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (bytes, allowed) => {
        expect(Uri.unescapeBytes(Uri.escapeBytes(bytes, allowed.replaceAll('%', '')))).toEqual(bytes)
      }),
    )
  })

  it('tells the forms of internationalised names apart', () => {
    expect(['a.xn--bcher-kva', 'XN--BCHER-KVA.a', 'axn--b', 'b\u00fccher'].map(hostnameIsAsciiEncoded)).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect([hostnameIsNonAscii('b\u00fccher.example'), hostnameIsNonAscii('xn--bcher-kva')]).toEqual([true, false])
  })
})
