// The bounds of the session cache.
import { beforeAll, expect, it } from 'vitest'
import { CertificateAuthority } from '@wpe-networking/test-support'
import { TlsCertificate } from '@wpe-networking/glib-networking-base'
import { type CachedSession, SessionCache } from '../src/session-cache.ts'

const DAY_MS = 24 * 60 * 60_000

let leaf: TlsCertificate
const sessionOf = (name: string, madeAt = performance.now()): CachedSession => ({
  session: Buffer.from(name),
  certificates: { sent: [leaf], leaf },
  ocspResponse: null,
  madeAt,
})

beforeAll(async () => {
  leaf = TlsCertificate.fromPem((await CertificateAuthority.create()).certificatePem)
})

it('gives each session once, the youngest first', () => {
  const cache = new SessionCache()
  cache.add('a', sessionOf('one'))
  cache.add('a', sessionOf('two'))
  expect(String(cache.take('a')?.session)).toBe('two')
  expect(String(cache.take('a')?.session)).toBe('one')
  expect(cache.take('a')).toBeNull()
  expect(cache.size).toBe(0)
})

it('keeps six sessions of a host', () => {
  const cache = new SessionCache()
  for (let index = 0; index < 20; index++) cache.add('a', sessionOf(String(index)))
  expect(cache.size).toBe(6)
  expect(String(cache.take('a')?.session)).toBe('19')
})

it('keeps 256 hosts and lets the one go that was longest out of use', () => {
  const cache = new SessionCache()
  for (let index = 0; index < 256; index++) cache.add(`host ${index}`, sessionOf('s'))
  cache.add('host 0', sessionOf('again'))
  cache.add('one more', sessionOf('s'))
  expect(cache.take('host 0')).not.toBeNull()
  expect(cache.take('host 1')).toBeNull()
})

it('keeps a session for a day', () => {
  const cache = new SessionCache()
  cache.add('a', sessionOf('one', 0))
  cache.add('a', sessionOf('two', 0))
  expect(String(cache.take('a', DAY_MS)?.session)).toBe('two')
  expect(cache.take('a', DAY_MS + 1)).toBeNull()
  expect(cache.size).toBe(0)
})

it('forgets the sessions of one host', () => {
  const cache = new SessionCache()
  cache.add('a', sessionOf('one'))
  cache.add('b', sessionOf('two'))
  cache.forget('a')
  expect(cache.take('a')).toBeNull()
  expect(cache.take('b')).not.toBeNull()
})
