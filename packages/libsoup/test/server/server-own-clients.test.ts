// This package's Session as the client of its Server, in clear text, over TLS and over HTTP/2.

import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { TlsCertificate, TlsDatabase, type TlsBackendName } from '@wpe-networking/glib-gio'
import {
  AuthDomainBasic,
  AuthDomainDigest,
  HTTPVersion,
  Message,
  Server,
  Session,
  type WebsocketConnection,
} from '@wpe-networking/libsoup'
import { CertificateAuthority } from '@wpe-networking/test-support'
import { beforeAll, describe, expect, test } from 'vitest'

let authority: CertificateAuthority
let certificate: TlsCertificate

beforeAll(async () => {
  authority = await CertificateAuthority.create()
  const issued = await authority.issue()
  certificate = TlsCertificate.fromPem(issued.chainPem, issued)
})

interface Way {
  readonly name: string
  readonly tls: TlsBackendName | null
  readonly http2: boolean
}

const ways: readonly Way[] = [
  { name: 'HTTP/1.1 in clear text', tls: null, http2: false },
  { name: 'HTTP/1.1 over openssl', tls: 'openssl', http2: false },
  { name: 'HTTP/2 over openssl', tls: 'openssl', http2: true },
  { name: 'HTTP/2 over gnutls', tls: 'gnutls', http2: true },
]

async function withBoth(
  way: Way,
  use: (server: Server, session: Session, uri: string) => Promise<void>,
): Promise<void> {
  const server = new Server({ tlsCertificate: way.tls && certificate, tlsBackend: way.tls, http2: way.http2 })
  await server.listenLocal(0, { ipv4Only: true })
  const tlsDatabase = new TlsDatabase(TlsCertificate.listFromPem(authority.certificatePem))
  using session = new Session({ proxyResolver: null, tlsDatabase, tlsBackend: way.tls })
  try {
    await use(server, session, String(server.uris[0]))
  } finally {
    await server.disconnect()
  }
}

describe.each(ways)('a Session that speaks $name with a Server', (way) => {
  test('proves who it is, by Basic and by Digest', async () => {
    await withBoth(way, async (server, session, uri) => {
      server.addAuthDomain(
        new AuthDomainBasic({
          realm: 'basic',
          paths: ['/basic'],
          authCallback: (_domain, _message, user, password) => user === 'jürgen' && password === 'geheim',
        }),
      )
      server.addAuthDomain(
        new AuthDomainDigest({
          realm: 'digest',
          paths: ['/digest'],
          authCallback: (_domain, _message, user, algorithm) =>
            user === 'jürgen' ? AuthDomainDigest.encodePassword(user, 'digest', 'geheim', algorithm) : null,
        }),
      )
      server.addHandler('/', (_server, message) => {
        message.setStatus(200)
        message.setResponse('text/plain', `${message.authUser} ${message.requestBody.data.toString()}`)
      })
      const send = async (path: string, password: string): Promise<readonly [number, string]> => {
        const message = new Message('POST', new URL(path, uri))
        message.setRequestBodyFromBytes('text/plain', Buffer.from('body'))
        message.on('authenticate', (auth, retrying) => {
          if (!retrying) auth.authenticate('jürgen', password)
          return !retrying
        })
        const body = (await session.sendAndRead(message)).toString()
        return [message.statusCode, body]
      }
      for (const path of ['basic', 'digest']) {
        expect(await send(path, 'wrong')).toEqual([401, ''])
        expect(await send(path, 'geheim')).toEqual([200, 'jürgen body'])
        expect(await send(path, 'geheim')).toEqual([200, 'jürgen body'])
      }
    })
  })

  test('sends and takes bodies larger than every window, both ways at once', async () => {
    await withBoth(way, async (server, session, uri) => {
      server.addEarlyHandler('/', (_server, message) => {
        message.setStatus(200)
        message.setResponseStream('application/octet-stream', message.takeRequestStream())
      })
      const body = Buffer.alloc(5_000_000, 'some text that is easily seen to be whole ')
      const message = new Message('PUT', uri)
      message.setRequestBodyFromBytes('application/octet-stream', body)
      expect((await session.sendAndRead(message)).equals(body)).toBe(true)
      expect(message.httpVersion).toBe(way.http2 ? HTTPVersion.HTTP_2_0 : HTTPVersion.HTTP_1_1)
    })
  })

  test('is told early hints, gets ranges, and follows redirects', async () => {
    await withBoth(way, async (server, session, uri) => {
      server.addHandler('/old', (_server, message) => message.setRedirect(302, '/new'))
      server.addHandler('/new', (_server, message) => {
        message.sendEarlyHints(['</style.css>; rel=preload'])
        message.setStatus(200)
        message.setResponse('text/plain', '0123456789')
      })
      const message = new Message('GET', new URL('/old', uri))
      let hints = 0
      message.on('got-informational', () => hints++)
      message.requestHeaders.append('Range', 'bytes=2-4')
      expect((await session.sendAndRead(message)).toString()).toBe('234')
      expect([message.statusCode, hints]).toEqual([206, 1])
    })
  })

  test('opens a WebSocket', async () => {
    await withBoth(way, async (server, session, uri) => {
      server.addWebsocketHandler('/echo', null, null, (_server, _message, _path, connection) => {
        connection.on('message', (type, data) => void connection.sendMessage(type, data))
      })
      const connection: WebsocketConnection = await session.websocketConnect(new Message('GET', new URL('/echo', uri)))
      const answer = once(connection, 'message')
      connection.sendText('hello')
      expect(String((await answer)[1])).toBe('hello')
      const closed = once(connection, 'closed')
      connection.close(1000, null)
      await closed
    })
  })

  test('takes a connection over where the server gives it away', async () => {
    await withBoth(way, async (server, session, uri) => {
      server.addHandler('/', (_server, message) => {
        message.setStatus(101)
        message.responseHeaders.append('Upgrade', 'shout')
        message.responseHeaders.append('Connection', 'Upgrade')
        message.on('wrote-informational', () => {
          const stream = message.stealConnection()
          stream.on('data', (data: Buffer) => stream.end(data.toString().toUpperCase()))
        })
      })
      const stream = await session.upgrade(new Message('GET', uri), 'shout')
      stream?.write('hello')
      expect(stream && (await text(stream))).toBe('HELLO')
    })
  })

  test('finishes what it began when the server shuts down', async () => {
    await withBoth(way, async (server, session, uri) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      server.addHandler('/', async (_server, message) => {
        await promise
        message.setStatus(200)
        message.setResponse('text/plain', 'worth the wait')
      })
      const started = once(server, 'request-started')
      const answer = session.sendAndRead(new Message('GET', uri))
      await started
      const shutdown = server.shutdown()
      resolve()
      expect((await answer).toString()).toBe('worth the wait')
      await shutdown
    })
  })
})
