// Who is remembered for which path, and how much is.

import { describe, expect, it } from 'vitest'
import { AuthCache } from '../../src/auth/auth-cache.ts'
import { isInSpace } from '../../src/auth/protection-space.ts'
import { AuthBasic } from '../../src/index.ts'
import type { Auth } from '../../src/index.ts'

const HOST = 'http://example.org:80'

function realm(name: string): AuthBasic {
  const auth = new AuthBasic({ authority: 'example.org:80', isForProxy: false })
  auth.realm = name
  return auth
}

it.each([
  ['/a/b', '/a/', true],
  ['/a/', '/a/', true],
  ['/a', '/a/', false],
  ['/a', '/a', true],
  ['/a/b', '/a', true],
  ['/ab', '/a', false],
  ['/b', '/a', false],
  ['/anything', '/', true],
])('%s is in the space %s: %s', (path, space, expected) => {
  expect(isInSpace(path, space)).toBe(expected)
})

describe('AuthCache', () => {
  it('finds the longest path, of the right server', () => {
    const cache = new AuthCache()
    const [outer, inner] = [realm('outer'), realm('inner')]
    cache.record(HOST, ['/'], outer, null)
    cache.record(HOST, ['/in/'], inner, null)
    expect(cache.lookup(HOST, '/x')).toBe(outer)
    expect(cache.lookup(HOST, '/in/x')).toBe(inner)
    expect(cache.lookup('https://example.org:443', '/x')).toBeNull()
    cache.record(HOST, ['/in/'], realm('outer'), null)
    expect(cache.lookup(HOST, '/in/x')).toBe(outer)
  })

  it('keeps the auth of a known realm, unless it was refused or cancelled', () => {
    const cache = new AuthCache()
    const [first, second, third] = [realm('r'), realm('r'), realm('r')]
    expect(cache.record(HOST, ['/'], first, null)).toBe(first)
    expect(cache.record(HOST, ['/'], second, null)).toBe(first)
    expect(cache.record(HOST, ['/'], second, first)).toBe(second)
    second.cancel()
    expect(cache.record(HOST, ['/'], third, null)).toBe(third)
  })

  it('keeps proxies apart, with one realm each', () => {
    const cache = new AuthCache()
    const [a, b] = [realm('a'), realm('b')]
    expect(cache.recordProxy('http://p1', a, null)).toBe(a)
    expect(cache.recordProxy('http://p1', realm('a'), null)).toBe(a)
    expect(cache.recordProxy('http://p1', b, null)).toBe(b)
    expect(cache.lookupProxy('http://p2')).toBeNull()
    expect(cache.isForSomeProxy(b)).toBe(true)
    cache.clear()
    expect(cache.isEmpty).toBe(true)
  })

  it('does not grow without bounds', () => {
    const cache = new AuthCache()
    const realms: Auth[] = Array.from({ length: 200 }, (_, i) => realm(`r${i}`))
    realms.forEach((auth, i) => cache.record(HOST, [`/${i}/`], auth, null))
    expect(realms.filter((auth, i) => cache.lookup(HOST, `/${i}/`) === auth)).toHaveLength(32)
    for (let i = 0; i < 1000; i++) cache.record(`http://h${i}:80`, ['/'], realm('r'), null)
    expect(cache.lookup(HOST, '/199/')).toBeNull()
  })
})
