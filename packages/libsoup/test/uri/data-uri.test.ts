import { describe, expect, test } from 'vitest'
import { Uri } from '@wpe-networking/glib-gio'
import { HTTP_URI_FLAGS, URIComponent, uriCopy, uriDecodeDataUri, uriEqual } from '../../src/index.ts'
import { parseMimeType, serializeMimeType } from '../../src/uri/mime-type.ts'

const uri = (text: string): Uri => Uri.parse(text, HTTP_URI_FLAGS)

describe('data URIs', () => {
  test.each([
    ['data:,hello%20w%C3%B6rld', 'text/plain;charset=US-ASCII', 'hello wörld'],
    ['DATA:text/html,<b>#fragment', 'text/html', '<b>'],
    ['data:text/plain;charset=utf-8;base64,w7Y=', 'text/plain;charset=utf-8', 'ö'],
    ['data:;charset=utf-8,x', 'text/plain;charset=utf-8', 'x'],
    ['data:image/PNG;a="b c" ;  Base64,aGk', 'image/png;a="b c"', 'hi'],
    ['data:;base64,a%47%6b%3d', 'text/plain;charset=US-ASCII', 'hi'],
    ['data:;base64, a G k = ', 'text/plain;charset=US-ASCII', 'hi'],
    ['data:nonsense,%zz%4', 'text/plain;charset=US-ASCII', '%zz%4'],
    ['data:,', 'text/plain;charset=US-ASCII', ''],
    ['data:text/plain;base64x,aGk', 'text/plain', 'aGk'],
    ['data:a/b;c;d=e;d=f;=g;h=,', 'a/b;d=e', ''],
  ])('%s is %s', (text, contentType, body) => {
    const decoded = uriDecodeDataUri(text)
    expect(decoded?.contentType).toBe(contentType)
    expect(decoded?.body.toString()).toBe(body)
  })

  test.each(['data:text/plain', 'data:;base64,a', 'data:;base64,a*==', 'data:;base64,aGk===', 'http://x/,y', 'x', ''])(
    '%s is refused',
    (text) => {
      expect(uriDecodeDataUri(text)).toBe(null)
    },
  )

  test('take as long as they are long', () => {
    const size = 1_000_000
    for (const pattern of [' ', ';', '; ', '%', '%2', '=', ';a="', '\\"']) {
      expect(uriDecodeDataUri(`data:a/b${pattern.repeat(size / pattern.length)},x`)?.body.toString()).toBe('x')
      expect(uriDecodeDataUri(`data:a/b;base64,${pattern.repeat(size / pattern.length)}`)).toBeDefined()
    }
  })
})

test('MIME types are written as they are read', () => {
  const type = parseMimeType(' Text/HTML ; Charset="a\\"b" ; x=y z ;x=2; bad name=1;')
  expect(type?.essence).toBe('text/html')
  expect(type && serializeMimeType(type)).toBe('text/html;charset="a\\"b";x="y z"')
  for (const bad of ['', 'text', '/html', 'text/', 'te xt/html', 'text/ht(ml', ';a=b'])
    expect(parseMimeType(bad)).toBe(null)
})

describe('URIs', () => {
  test('are equal in all parts, hosts in any letter case', () => {
    expect(uriEqual(uri('http://HOST'), uri('http://host/'))).toBe(true)
    expect(uriEqual(uri('http://host/'), uri('http://host/#'))).toBe(false)
    expect(uriEqual(uri('http://host/a'), uri('http://host/A'))).toBe(false)
    expect(uriEqual(uri('http://u:p@host/'), uri('http://u@host/'))).toBe(false)
    expect(uriEqual(uri('http://host/'), Uri.parse('http://host/'))).toBe(false)
  })

  test('are copied with parts changed', () => {
    const original = uri('http://u:p@host:80/path?query#fragment')
    expect(uriCopy(original, {}).toString()).toBe('http://u:p@host/path?query#fragment')
    expect(uriCopy(original, { scheme: 'https' }).toString()).toBe('https://u:p@host/path?query#fragment')
    const bare = uriCopy(uri('http://host:8080/a'), { [URIComponent.PATH]: '/b%20c', query: 'd=%26', password: null })
    expect(bare.toString()).toBe('http://host:8080/b%20c?d=%26')
    expect(uriCopy(original, { user: null, password: null, fragment: null }).toString()).toBe('http://host/path?query')
    expect(() => uriCopy(original, { port: 70_000 })).toThrow()
  })
})
