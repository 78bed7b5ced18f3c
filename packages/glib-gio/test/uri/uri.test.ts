import { describe, expect, it } from 'vitest'
import { Uri, UriError, UriFlags, UriHideFlags, UriParamsFlags } from '@wpe-networking/glib-gio'

const HTTP =
  UriFlags.HAS_PASSWORD |
  UriFlags.ENCODED_PATH |
  UriFlags.ENCODED_QUERY |
  UriFlags.ENCODED_FRAGMENT |
  UriFlags.SCHEME_NORMALIZE

describe('RFC 3986 section 5.4, resolving against http://a/b/c/d;p?q', () => {
  const base = 'http://a/b/c/d;p?q'
  const normal: readonly (readonly [string, string])[] = [
    ['g:h', 'g:h'],
    ['g', 'http://a/b/c/g'],
    ['./g', 'http://a/b/c/g'],
    ['g/', 'http://a/b/c/g/'],
    ['/g', 'http://a/g'],
    ['//g', 'http://g'],
    ['?y', 'http://a/b/c/d;p?y'],
    ['g?y', 'http://a/b/c/g?y'],
    ['#s', 'http://a/b/c/d;p?q#s'],
    ['g#s', 'http://a/b/c/g#s'],
    ['g?y#s', 'http://a/b/c/g?y#s'],
    [';x', 'http://a/b/c/;x'],
    ['g;x', 'http://a/b/c/g;x'],
    ['g;x?y#s', 'http://a/b/c/g;x?y#s'],
    ['', 'http://a/b/c/d;p?q'],
    ['.', 'http://a/b/c/'],
    ['./', 'http://a/b/c/'],
    ['..', 'http://a/b/'],
    ['../', 'http://a/b/'],
    ['../g', 'http://a/b/g'],
    ['../..', 'http://a/'],
    ['../../', 'http://a/'],
    ['../../g', 'http://a/g'],
  ]
  const abnormal: readonly (readonly [string, string])[] = [
    ['../../../g', 'http://a/g'],
    ['../../../../g', 'http://a/g'],
    ['/./g', 'http://a/g'],
    ['/../g', 'http://a/g'],
    ['g.', 'http://a/b/c/g.'],
    ['.g', 'http://a/b/c/.g'],
    ['g..', 'http://a/b/c/g..'],
    ['..g', 'http://a/b/c/..g'],
    ['./../g', 'http://a/b/g'],
    ['./g/.', 'http://a/b/c/g/'],
    ['g/./h', 'http://a/b/c/g/h'],
    ['g/../h', 'http://a/b/c/h'],
    ['g;x=1/./y', 'http://a/b/c/g;x=1/y'],
    ['g;x=1/../y', 'http://a/b/c/y'],
    ['g?y/./x', 'http://a/b/c/g?y/./x'],
    ['g?y/../x', 'http://a/b/c/g?y/../x'],
    ['g#s/./x', 'http://a/b/c/g#s/./x'],
    ['g#s/../x', 'http://a/b/c/g#s/../x'],
    ['http:g', 'http:g'], // "for strict parsers"
  ]
  it.each(normal)('5.4.1: %s gives %s', (reference, expected) => {
    expect(Uri.resolveRelative(base, reference)).toBe(expected)
  })
  it.each(abnormal)('5.4.2: %s gives %s', (reference, expected) => {
    expect(Uri.resolveRelative(base, reference)).toBe(expected)
  })
})

describe('parsing', () => {
  it('splits a URI into all of its parts', () => {
    const uri = Uri.parse('HTTP://us%40er:pa%3Ass@example.org:8080/a%20b/c?d=%26#e', UriFlags.HAS_PASSWORD)
    expect(uri).toMatchObject({
      scheme: 'http',
      user: 'us@er',
      password: 'pa:ss',
      host: 'example.org',
      port: 8080,
      path: '/a b/c',
      query: 'd=&',
      fragment: 'e',
    })
    expect(uri.toString()).toBe('http://us%40er:pa:ss@example.org:8080/a%20b/c?d=&#e')
  })

  it('tells absent parts from empty ones', () => {
    expect(Uri.parse('http://h')).toMatchObject({ userinfo: null, port: -1, path: '', query: null, fragment: null })
    expect(Uri.parse('http://@h:?#')).toMatchObject({ userinfo: '', port: -1, query: '', fragment: '' })
    expect(Uri.parse('mailto:a@b')).toMatchObject({ scheme: 'mailto', host: null, path: 'a@b' })
    expect(Uri.parse('file:///etc')).toMatchObject({ host: '', path: '/etc' })
  })

  it('splits off parameters behind the user only when asked', () => {
    const text = 'imap://me;AUTH=x@h/'
    expect(Uri.parse(text, UriFlags.HAS_AUTH_PARAMS)).toMatchObject({ user: 'me', authParams: 'AUTH=x' })
    expect(Uri.parse(text)).toMatchObject({ user: 'me;AUTH=x', authParams: null })
  })

  it('keeps percent-encoding in one normal form with the ENCODED flags', () => {
    const uri = Uri.parse('http://h/%2f%41%7e\u00fc b?%c3%bc%2B#\u20ac', HTTP)
    expect(uri.path).toBe('/%2FA~%C3%BC%20b')
    expect(uri.query).toBe('%C3%BC%2B')
    expect(uri.fragment).toBe('%E2%82%AC')
    expect(uri.toString()).toBe('http://h/%2FA~%C3%BC%20b?%C3%BC%2B#%E2%82%AC')
  })

  it('never leaves a line break in an ENCODED part', () => {
    expect(Uri.parse('http://h/a\r\nHost: x', HTTP).path).toBe('/a%0D%0AHost:%20x')
  })

  it('knows default ports and the empty path with SCHEME_NORMALIZE', () => {
    const uri = Uri.parse('https://h:443', HTTP)
    expect(uri).toMatchObject({ port: 443, path: '/' })
    expect(uri.toString()).toBe('https://h/')
    expect(Uri.parse('https://h:444', HTTP).toString()).toBe('https://h:444/')
    expect(Uri.parseRelative(uri, '//g', HTTP)).toMatchObject({ port: 443, path: '/' })
  })

  it('reads IPv6 hosts with and without a zone', () => {
    expect(Uri.parse('http://[2001:db8::1]:81/')).toMatchObject({ host: '2001:db8::1', port: 81 })
    const zoned = Uri.parse('http://[fe80::1%25eth0]/', HTTP)
    expect(zoned.host).toBe('fe80::1%eth0')
    expect(zoned.toString()).toBe('http://[fe80::1%25eth0]/')
    expect(() => Uri.parse('http://[fe80::1%eth0]/')).toThrow(UriError)
    expect(Uri.parse('http://[fe80::1%eth0]/', UriFlags.PARSE_RELAXED).host).toBe('fe80::1%eth0')
  })

  it('gives internationalised hosts in ASCII', () => {
    expect(Uri.parse('http://b\u00fccher.example/').host).toBe('xn--bcher-kva.example')
    expect(Uri.parse('http://b%C3%BCcher.example/').host).toBe('xn--bcher-kva.example')
    expect(Uri.parse('x-app://b\u00fccher/', UriFlags.NON_DNS).host).toBe('b\u00fccher')
  })

  it('takes sloppy input only when relaxed', () => {
    const flags = UriFlags.PARSE_RELAXED | UriFlags.ENCODED
    expect(Uri.parse(' \nhttp://h/a b\t%zz ', flags).toString()).toBe('http://h/a%20b%zz')
    expect(Uri.parse('http://me@work@h/', flags)).toMatchObject({ user: 'me@work', host: 'h' })
    expect(Uri.parse('http://h;a/b', flags)).toMatchObject({ host: 'h', path: '/;a/b' })
  })

  it('keeps a path that would read as a host apart from the scheme', () => {
    expect(Uri.parse('data:/.//x').toString()).toBe('data:/.//x')
  })

  it.each([
    ['example.org/x', 0, 'FAILED'],
    ['http://h:80a/', 0, 'BAD_PORT'],
    ['http://h:65536/', 0, 'BAD_PORT'],
    ['http://[::1/', 0, 'BAD_HOST'],
    ['http://[zz]/', 0, 'BAD_HOST'],
    ['http://%31%32%37.0.0.1/', 0, 'BAD_HOST'],
    ['http://a%0d%0ab/', 0, 'BAD_HOST'],
    ['http://a%2fb/', 0, 'BAD_HOST'],
    ['http://a b/', 0, 'BAD_HOST'],
    ['http://\uff11\uff12\uff17.0.0.1/', 0, 'BAD_HOST'],
    ['http://%zz/', 0, 'BAD_HOST'],
    ['http://h/%f', 0, 'BAD_PATH'],
    ['http://h/%ff', 0, 'BAD_PATH'],
    ['http://h/%00', 0, 'BAD_PATH'],
    ['http://h/?%', UriFlags.ENCODED, 'BAD_QUERY'],
    ['http://h/#%q1', 0, 'BAD_FRAGMENT'],
    ['http://%@h/', 0, 'BAD_USER'],
    ['http://u:%@h/', UriFlags.HAS_PASSWORD, 'BAD_PASSWORD'],
    ['http://u;%@h/', UriFlags.HAS_AUTH_PARAMS, 'BAD_AUTH_PARAMS'],
  ])('refuses %j with %i as %s', (text, flags, code) => {
    expect(() => Uri.parse(text, flags)).toThrow(expect.objectContaining({ domain: 'g-uri-quark', code }))
    expect(Uri.isValid(text, flags)).toBe(false)
  })

  it('refuses what is longer than any browser takes', () => {
    expect(() => Uri.parse(`data:,${'a'.repeat(32 * 1024 * 1024)}`)).toThrow('The URI is too long.')
  })
})

describe('building and printing', () => {
  it('escapes parts that are given decoded', () => {
    const parts = { scheme: 'http', user: 'a:b', password: 'c@d', host: 'h', port: 1, path: '/x?y#', query: 'q#r' }
    expect(Uri.buildWithUser(parts, UriFlags.HAS_PASSWORD).toString()).toBe('http://a%3Ab:c%40d@h:1/x%3Fy%23?q%23r')
    expect(Uri.join({ scheme: 'http', userinfo: 'a:b', host: '::1', path: '/' })).toBe('http://a:b@[::1]/')
  })

  it.each([
    [{ scheme: 'ht tp' }, 'BAD_SCHEME'],
    [{ scheme: 'http', host: 'h', port: 65536 }, 'BAD_PORT'],
    [{ scheme: 'http', host: 'h', path: 'x' }, 'BAD_PATH'],
    [{ scheme: 'http', path: '//x' }, 'BAD_PATH'],
  ])('refuses parts that make no URI: %j', (parts, code) => {
    expect(() => Uri.join(parts)).toThrow(expect.objectContaining({ code }))
  })

  it('hides what must not be shown', () => {
    const uri = Uri.parse('http://u:p@h/?q#f', HTTP)
    expect(uri.toStringPartial(UriHideFlags.PASSWORD)).toBe('http://u@h/?q#f')
    expect(uri.toStringPartial(UriHideFlags.USERINFO | UriHideFlags.QUERY | UriHideFlags.FRAGMENT)).toBe('http://h/')
  })

  it('compares without regard to the case of scheme and host', () => {
    expect(Uri.parse('HTTP://EX.org/a', HTTP).equal(Uri.parse('http://ex.org:80/a', HTTP))).toBe(true)
    expect(Uri.parse('http://ex.org/a', HTTP).equal(Uri.parse('http://ex.org/A', HTTP))).toBe(false)
  })

  it('takes a string, a URL or a Uri', () => {
    const uri = Uri.from(new URL('http://h/ä'), HTTP)
    expect(uri.toString()).toBe('http://h/%C3%A4')
    expect(Uri.from(uri)).toBe(uri)
    expect(Uri.from('http://h/', HTTP).host).toBe('h')
    expect(JSON.stringify({ uri })).toBe('{"uri":"http://h/%C3%A4"}')
  })
})

describe('small functions', () => {
  it('escapes and unescapes', () => {
    expect(Uri.escapeString('a/b ü')).toBe('a%2Fb%20%C3%BC')
    expect(Uri.escapeString('a/b ü', '/', true)).toBe('a/b%20ü')
    expect(Uri.escapeBytes(Uint8Array.of(0x61, 0xff), 'ÿ')).toBe('a%FF')
    expect(Uri.unescapeString('a%2Fb')).toBe('a/b')
    expect(Uri.unescapeSegment('a%2Fb', '/')).toBeNull()
    expect(Uri.unescapeString('%ff')).toBeNull()
    expect(Uri.unescapeString('%00')).toBeNull()
    expect(Uri.unescapeString('%4')).toBeNull()
    expect(Uri.unescapeBytes('%00%ff')).toEqual(Uint8Array.of(0, 255))
  })

  it('finds the scheme', () => {
    expect(Uri.parseScheme('HTTP+x.1-:y')).toBe('http+x.1-')
    expect(Uri.parseScheme('1a:y')).toBeNull()
  })

  it('reads parameter lists', () => {
    expect([...Uri.parseParams('a=1&b=%26&a=2')]).toEqual([
      ['a', '2'],
      ['b', '&'],
    ])
    expect(Uri.parseParams('A=x+y;b=', '&;', UriParamsFlags.CASE_INSENSITIVE | UriParamsFlags.WWW_FORM)).toEqual(
      new Map([
        ['a', 'x y'],
        ['b', ''],
      ]),
    )
    expect(() => Uri.parseParams('a')).toThrow(UriError)
  })

  it('splits what is needed to connect', () => {
    expect(Uri.splitNetwork('http://h:1/x')).toEqual({ scheme: 'http', host: 'h', port: 1 })
    expect(() => Uri.splitNetwork('//h')).toThrow(expect.objectContaining({ code: 'BAD_SCHEME' }))
    expect(() => Uri.splitNetwork('mailto:x')).toThrow(expect.objectContaining({ code: 'BAD_HOST' }))
  })
})
