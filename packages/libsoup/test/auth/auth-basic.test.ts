// The scheme Basic by itself.

import { Uri } from '@wpe-networking/glib-gio'
import { expect, it } from 'vitest'
import { AuthBasic, Message } from '../../src/index.ts'

const place = { authority: 'example.org:80', isForProxy: false }

function challenged(header: string): { auth: AuthBasic; message: Message } {
  const auth = new AuthBasic(place)
  const message = new Message('GET', 'http://example.org/')
  expect(auth.update(message, header)).toBe(true)
  return { auth, message }
}

function decoded(value: string | null): number[] {
  return [...Buffer.from((value ?? '').replace('Basic ', ''), 'base64')]
}

it('takes credentials, and forgets them at the next challenge', () => {
  const { auth, message } = challenged('basic realm="Staff \\"only\\""')
  expect(auth).toMatchObject({ schemeName: 'Basic', realm: 'Staff "only"', isForProxy: false, isAuthenticated: false })
  expect(auth.info).toBe('Basic:Staff "only"')
  expect(auth.isReady(message)).toBe(false)
  auth.authenticate('Aladdin', 'open sesame')
  expect(auth.isReady(message)).toBe(true)
  expect(auth.getAuthorization(message)).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==') // RFC 7617 section 2
  expect(auth.update(message, 'Basic realm="Staff \\"only\\""')).toBe(true)
  expect(auth.isAuthenticated).toBe(false)
})

it('writes Latin-1 where it fits, UTF-8 where the server asks for it or nothing else will do', () => {
  const old = challenged('Basic realm="x"')
  old.auth.authenticate('test', '123\u00a3')
  expect(decoded(old.auth.getAuthorization(old.message)).slice(-1)).toEqual([0xa3])
  old.auth.authenticate('test', '\u20ac')
  expect(decoded(old.auth.getAuthorization(old.message)).slice(-3)).toEqual([0xe2, 0x82, 0xac])
  const modern = challenged('Basic realm="foo", charset="UTF-8"')
  modern.auth.authenticate('test', '123\u00a3')
  expect(modern.auth.getAuthorization(modern.message)).toBe('Basic dGVzdDoxMjPCow==') // RFC 7617 section 2.1
})

it('is for the folder of the URI', () => {
  const auth = new AuthBasic(place)
  const spaceOf = (uri: string): readonly string[] => auth.getProtectionSpace(Uri.parse(uri))
  expect(spaceOf('http://example.org/docs/index.html')).toEqual(['/docs/'])
  expect(spaceOf('http://example.org/docs/')).toEqual(['/docs/'])
  expect(spaceOf('http://example.org/docs')).toEqual(['/'])
  expect(spaceOf('http://example.org')).toEqual(['/'])
})

it('hears no other realm, no other scheme, and nothing once cancelled', async () => {
  const { auth, message } = challenged('Basic realm="a"')
  expect(auth.update(message, 'Basic realm="b"')).toBe(false)
  expect(auth.update(message, 'Digest realm="a", nonce="n"')).toBe(false)
  const decided = auth.whenDecided()
  auth.cancel()
  await decided
  auth.authenticate('u', 'p')
  expect(auth).toMatchObject({ isCancelled: true, isAuthenticated: false, canAuthenticate: false })
  expect(auth.isReady(message)).toBe(false)
  expect(auth.update(message, 'Basic realm="a"')).toBe(false)
})
