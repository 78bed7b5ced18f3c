// Both ends of this package together: the client's AuthManager and the server's auth domains.

import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuthDomainBasic, AuthDomainDigest, AuthManager, Message, Session } from '../../src/index.ts'
import type { AuthDomain } from '../../src/index.ts'
import { withServer } from '../server/server-support.ts'

// What Unicode can write in two ways, and what ends a quoted string.
const USER = 'J\u00e4s\u00f8n "the" Doe'
const PASSWORD = 'S\u20accret, or \\not?'

let session: Session

beforeEach(() => {
  session = new Session({ proxyResolver: null, maxConnsPerHost: 6 })
  session.addFeature(new AuthManager())
})
afterEach(() => session.close())

const authCallback = (_domain: unknown, _message: unknown, user: string, password: string): boolean =>
  user === USER && password === PASSWORD

async function withDomain(domain: AuthDomain, use: (uri: string, asked: string[]) => Promise<void>): Promise<void> {
  await withServer({}, async (server, uri) => {
    server.addAuthDomain(domain)
    server.addHandler('/', (_server, message) => {
      message.setStatus(200)
      message.setResponse('text/plain', `hello ${message.authUser}`)
    })
    await use(uri, [])
  })
}

async function post(uri: string, asked: string[]): Promise<string> {
  const message = new Message('POST', uri)
  message.setRequestBodyFromBytes('text/plain', Buffer.from('body'))
  message.on('authenticate', (auth, retrying) => {
    asked.push(`${auth.schemeName} ${retrying}`)
    auth.authenticate(USER, PASSWORD)
    return true
  })
  return (await session.sendAndRead(message)).toString()
}

describe.each([['SHA-256'], ['MD5'], ['SHA-256', 'MD5']] as const)('AuthDomainDigest with %s %s', (...algorithms) => {
  const authCallback = (domain: AuthDomainDigest, _: unknown, user: string, algorithm: 'MD5' | 'SHA-256'): string =>
    AuthDomainDigest.encodePassword(user, domain.realm, PASSWORD, algorithm)

  it('lets messages in, many at a time, and needs no question for another nonce', async () => {
    let now = 1_000_000
    const options = { realm: 'a "realm"', paths: ['/'], algorithms, authCallback, nonceLifetime: 60 }
    await withDomain(new AuthDomainDigest(options, () => now), async (uri, asked) => {
      expect(await post(uri, asked)).toBe(`hello ${USER}`)
      const many = Array.from({ length: 30 }, (_, i) => post(`${uri}${i}`, asked))
      expect(new Set(await Promise.all(many))).toEqual(new Set([`hello ${USER}`]))
      now += 61_000
      const later = Array.from({ length: 30 }, (_, i) => post(`${uri}${i}`, asked))
      expect(new Set(await Promise.all(later))).toEqual(new Set([`hello ${USER}`]))
      expect(asked).toEqual(['Digest false'])
    })
  })
})

it('AuthDomainBasic understands what it asks for', async () => {
  await withDomain(new AuthDomainBasic({ realm: 'r', paths: ['/'], authCallback }), async (uri, asked) => {
    expect(await post(uri, asked)).toBe(`hello ${USER}`)
    expect(await post(uri, asked)).toBe(`hello ${USER}`)
    expect(asked).toEqual(['Basic false'])
  })
})

it('a WebSocket may ask for credentials as well', async () => {
  await withServer({}, async (server, uri) => {
    server.addAuthDomain(new AuthDomainBasic({ realm: 'r', paths: ['/'], authCallback }))
    server.addWebsocketHandler('/', null, null, (_server, message, _path, connection) => {
      connection.sendText(`hello ${message.authUser}`)
      connection.close()
    })
    const message = new Message('GET', uri)
    message.on('authenticate', (auth) => (auth.authenticate(USER, PASSWORD), true))
    const connection = await session.websocketConnect(message)
    const heard = once(connection, 'message')
    await once(connection, 'closed')
    expect(String((await heard)[1])).toBe(`hello ${USER}`)
  })
})
