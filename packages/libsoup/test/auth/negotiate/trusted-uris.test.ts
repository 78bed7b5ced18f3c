import { expect, it } from 'vitest'
import { Uri } from '@wpe-networking/glib-gio'
import { TrustedUris } from '../../../src/auth/negotiate/trusted-uris.ts'
import { HTTP_URI_FLAGS } from '../../../src/uri/request-target.ts'

const uri = (text: string): Uri => Uri.parse(text, HTTP_URI_FLAGS)

it.each<[string[], string[], string, boolean]>([
  [[], [], 'https://a.test/', true],
  [[], [], 'http://a.test/', false],
  [[], ['https://a.test'], 'https://a.test/', false],
  [[], ['https://'], 'https://a.test/', false],
  [['https://a.test'], [], 'https://a.test/x?y', true],
  [['https://a.test'], [], 'https://A.TEST/', true],
  [['https://a.test'], [], 'https://b.test/', false],
  [['https://a.test'], [], 'https://a.test.evil.test/', false],
  [['https://a.test'], [], 'http://a.test/', false],
  [['http://'], [], 'http://a.test/', true],
  [['https://.a.test'], [], 'https://b.a.test/', true],
  [['https://.a.test'], [], 'https://a.test/', true],
  [['https://.a.test'], [], 'https://ba.test/', false],
  [['https://a.test:443'], [], 'https://a.test/', true],
  [['https://a.test:444'], [], 'https://a.test/', false],
  [['https://a.test'], [], 'https://a.test:444/', false],
  [['https://a.test:444'], [], 'https://a.test:444/', true],
  [['https://'], [], 'https://a.test:444/', false],
  [['nonsense', ' https://a.test '], [], 'https://a.test/', true],
  [['https://'], ['https://.a.test'], 'https://b.a.test/', false],
])('trusting %j and blocking %j, %s is trusted: %s', (trusted, blocked, text, expected) => {
  expect(new TrustedUris(trusted, blocked).includes(uri(text))).toBe(expected)
})

it('reads the variables of the original', () => {
  const environment = {
    SOUP_GSSAPI_TRUSTED_URIS: 'http://a.test,https://',
    SOUP_GSSAPI_BLOCKLISTED_URIS: 'https://b.test',
  }
  const uris = TrustedUris.fromEnvironment(environment)
  expect(['http://a.test/', 'https://c.test/', 'https://b.test/'].map((text) => uris.includes(uri(text)))).toEqual([
    true,
    true,
    false,
  ])
})
