// Challenges and credentials, taken apart and put together.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatChallenge,
  MAX_CHALLENGE_TEXT,
  parseAuthParams,
  parseChallenges,
  parseCredentials,
  quoteString,
} from '../../src/auth/challenge.ts'

/** Scheme, token68, and parameters as an object. */
function summary(header: string): unknown[] {
  return parseChallenges(header).map(({ scheme, token68, params }) =>
    token68 === null ? [scheme, Object.fromEntries(params)] : [scheme, token68],
  )
}

describe('parseChallenges', () => {
  it.each<[name: string, header: string, expected: unknown[]]>([
    ['nothing', '', []],
    ['a scheme alone', 'Negotiate', [['Negotiate', {}]]],
    ['two schemes alone', 'Negotiate, NTLM', [['Negotiate', {}], ['NTLM', {}]]], // prettier-ignore
    ['a token that ends in =', 'NTLM TlRMTVNTUAACAAAA==', [['NTLM', 'TlRMTVNTUAACAAAA==']]],
    ['a token and a scheme', 'Negotiate oRQwEg==, Basic realm="x"', [['Negotiate', 'oRQwEg=='], ['Basic', { realm: 'x' }]]], // prettier-ignore
    ['a quoted realm', 'Basic realm="a, b = \\"c\\""', [['Basic', { realm: 'a, b = "c"' }]]],
    ['no quotes', 'Basic realm=simple', [['Basic', { realm: 'simple' }]]],
    ['no quotes where there should be some', 'Basic realm=a/b', [['Basic', { realm: 'a/b' }]]],
    ['space around =', 'Digest realm = "r" , nonce= "n"', [['Digest', { realm: 'r', nonce: 'n' }]]],
    ['names in capitals', 'BASIC Realm="r", CHARSET="UTF-8"', [['BASIC', { realm: 'r', charset: 'UTF-8' }]]],
    ['empty elements', ' , ,Basic realm="r",, ,Digest nonce="n",', [['Basic', { realm: 'r' }], ['Digest', { nonce: 'n' }]]], // prettier-ignore
    ['the example of RFC 9110 section 11.6.1', 'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""', [['Basic', { realm: 'simple' }], ['Newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }]]], // prettier-ignore
    ['a scheme between parameters', 'A x=1, B, y=2', [['A', { x: '1' }], ['B', { y: '2' }]]], // prettier-ignore
    ['a name that comes twice', 'Digest nonce="1", nonce="2"', [['Digest', { nonce: '1' }]]],
    ['a scheme name inside quotes', 'Basic realm="Digest nonce=x"', [['Basic', { realm: 'Digest nonce=x' }]]],
    ['quotes without end', 'Digest nonce="n", realm="r', [['Digest', { nonce: 'n' }]]],
    ['a parameter before any scheme', 'realm="x", Basic realm="y"', [['Basic', { realm: 'y' }]]],
    ['what is no token', '"x", a/b c, Basic realm="y"', [['Basic', { realm: 'y' }]]],
    ['an empty value', 'Digest realm="", nonce="n"', [['Digest', { realm: '', nonce: 'n' }]]],
  ])('%s', (_name, header, expected) => {
    expect(summary(header)).toEqual(expected)
  })

  it('keeps the text after the scheme as it came', () => {
    expect(parseChallenges('A  x = "1" , y=2, B tOken==, C').map(({ text }) => text)).toEqual([
      'x = "1" , y=2',
      'tOken==',
      '',
    ])
  })

  it('takes a bounded number of challenges, parameters and characters', () => {
    expect(parseChallenges('A, '.repeat(10_000))).toHaveLength(32)
    expect(parseChallenges(`A ${Array.from({ length: 1000 }, (_, i) => `p${i}=1`).join(',')}`)[0]?.params.size).toBe(64)
    expect(parseChallenges(`A ${'x'.repeat(MAX_CHALLENGE_TEXT)}`)).toEqual([])
  })

  it('takes whatever comes', () => {
    const nasty = fc.string({ unit: fc.constantFrom('a', 'B', ' ', '\t', ',', '=', '"', '\\', '/', 'é', '-') })
    fc.assert(fc.property(fc.oneof(nasty, fc.string()), (text) => Array.isArray(parseChallenges(text))))
  })

  it.each(['"', '\\', ',', '=', ' ', 'a ', 'a=', 'a="', '"a', 'a="\\'])(
    'takes linear time over %j repeated',
    (part) => {
      // Quadratic work would run into the test's time limit.
      expect(parseChallenges(part.repeat(MAX_CHALLENGE_TEXT / part.length)).length).toBeLessThanOrEqual(32)
    },
  )

  it('reads back what was written', () => {
    const token = fc.stringMatching(/^[a-zA-Z][\w-]{0,8}$/)
    const value = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\\', '=', 'é'), maxLength: 12 })
    const challenge = fc.record({
      scheme: token,
      params: fc.uniqueArray(fc.tuple(token, value), {
        minLength: 1,
        maxLength: 6,
        selector: ([name]) => name.toLowerCase(),
      }),
    })
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 5 }), (challenges) => {
        const text = challenges.map(
          ({ scheme, params }) =>
          formatChallenge(scheme, params.map(([name, text]) => ({ name, value: text, quoted: true }))), // prettier-ignore
        )
        expect(summary(text.join(', '))).toEqual(
          challenges.map(({ scheme, params }) => [
            scheme,
            Object.fromEntries(params.map(([name, text]) => [name.toLowerCase(), text])),
          ]),
        )
      }),
    )
  })
})

it('parseCredentials reads one', () => {
  expect(parseCredentials('Basic dTpw')).toMatchObject({ scheme: 'Basic', token68: 'dTpw' })
  expect(parseCredentials(' , ')).toBeNull()
})

it('parseAuthParams reads a list without a scheme', () => {
  expect(Object.fromEntries(parseAuthParams('nextnonce="a=b", qop=auth'))).toEqual({ nextnonce: 'a=b', qop: 'auth' })
  expect(parseAuthParams('').size).toBe(0)
})

it('quoteString escapes what would end it', () => {
  expect(quoteString('a"b\\c')).toBe('"a\\"b\\\\c"')
})
