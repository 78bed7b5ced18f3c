import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { SimpleProxyResolver, TlsCertificate, TlsDatabase } from '@wpe-networking/glib-gio'
import { CertificateAuthority, hasSquid, withSquid } from '@wpe-networking/test-support'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  AuthDomainBasic,
  CookieJar,
  Message,
  Server,
  Session,
  WebsocketExtensionManager,
  WebsocketState,
} from '../../src/index.ts'
import type { ServerOptions, SessionOptions, WebsocketConnection } from '../../src/index.ts'
import { acceptForKey } from '../../src/websocket/websocket-key.ts'

const cleanups: (() => unknown)[] = []
let session: Session

function newSession(options: SessionOptions = {}): Session {
  const made = new Session({ proxyResolver: null, ...options })
  cleanups.push(() => made.close())
  return made
}

beforeEach(() => {
  session = newSession()
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A server that echoes at /echo; returns its URI with `ws` in place of `http`. */
async function echoServer(options: ServerOptions = {}): Promise<{ server: Server; uri: string }> {
  const server = new Server(options)
  server.addWebsocketHandler('/echo', null, ['two', 'one'], (_server, _message, _path, connection) => {
    connection.on('message', (type, data) => void connection.sendMessage(type, data))
  })
  await server.listenLocal(0, { ipv4Only: true })
  cleanups.push(() => server.disconnect())
  return { server, uri: String(server.uris[0]).replace('http', 'ws') }
}

async function echoed(connection: WebsocketConnection, text: string): Promise<string> {
  connection.sendText(text)
  const [, data] = (await once(connection, 'message')) as [number, Buffer]
  return data.toString()
}

async function closed(connection: WebsocketConnection): Promise<void> {
  connection.close()
  if (connection.state !== WebsocketState.CLOSED) await once(connection, 'closed')
}

/** A raw answer to every upgrade. */
async function answering(answer: (request: IncomingMessage, stream: Duplex) => void): Promise<string> {
  const server: HttpServer = createServer((_request, response) => response.writeHead(404).end('nothing here'))
  server.on('upgrade', (request, stream) => {
    stream.on('error', () => {})
    answer(request, stream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const switching = (request: IncomingMessage, more = ''): string =>
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  `Sec-WebSocket-Accept: ${acceptForKey(request.headers['sec-websocket-key'] ?? '')}\r\n${more}\r\n`

describe('websocketConnect', () => {
  test('opens a connection to a server of ours, with protocol and origin, and closes it', async () => {
    const { uri } = await echoServer()
    const message = new Message('GET', `${uri}echo`)
    const connection = await session.websocketConnect(message, { origin: 'http://a.example', protocols: ['one', 'x'] })
    expect(connection).toMatchObject({ protocol: 'one', origin: 'http://a.example', state: WebsocketState.OPEN })
    expect(connection.uri.toString()).toBe(`${uri}echo`.replace('ws', 'http'))
    expect(message.statusCode).toBe(101)
    expect(await echoed(connection, 'hello')).toBe('hello')
    expect(await echoed(connection, 'ä'.repeat(50_000))).toBe('ä'.repeat(50_000))
    await closed(connection)
    expect(connection.closeCode).toBe(1000)
  })

  test('compresses when the session has the feature', async () => {
    const { uri } = await echoServer()
    if (!session.hasFeature(WebsocketExtensionManager)) session.addFeature(new WebsocketExtensionManager())
    const connection = await session.websocketConnect(new Message('GET', `${uri}echo`))
    expect(connection.extensions.map(({ name }) => name)).toEqual(['permessage-deflate'])
    const text = 'a text that says the same again and again; '.repeat(2000)
    expect(await echoed(connection, text)).toBe(text)
    expect(await echoed(connection, text)).toBe(text)
    const plain = new Message('GET', `${uri}echo`)
    plain.disableFeature(WebsocketExtensionManager)
    expect((await session.websocketConnect(plain)).extensions).toEqual([])
  })

  test('takes a server of ours 128 KiB per message, as upstream', async () => {
    const { uri } = await echoServer()
    session.removeFeature(WebsocketExtensionManager)
    const connection = await session.websocketConnect(new Message('GET', `${uri}echo`))
    connection.maxOutgoingPayloadSize = 64 * 1024
    connection.sendText('x'.repeat(128 * 1024 + 1))
    await once(connection, 'closed')
    expect(connection.closeCode).toBe(1009)
  })

  test('sends cookies and credentials, and keeps cookies of the answer', async () => {
    const { server, uri } = await echoServer()
    const domain = new AuthDomainBasic({ realm: 'sockets', paths: ['/echo'] })
    domain.authCallback = (_domain, _message, user, password) => user === 'me' && password === 'secret'
    server.addAuthDomain(domain)
    const cookies: (string | null)[] = []
    server.on('request-read', (message) => void cookies.push(message.requestHeaders.getOne('Cookie')))
    const jar = new CookieJar()
    session.addFeature(jar)
    jar.setCookie(`${uri}echo`.replace('ws', 'http'), 'a=b')
    const message = new Message('GET', `${uri.replace('//', '//me:secret@')}echo`)
    const connection = await session.websocketConnect(message)
    expect(await echoed(connection, 'let in')).toBe('let in')
    expect(cookies.at(-1)).toBe('a=b')
  })

  test.each([
    ['a path without WebSockets', 'nothing', 'NOT_WEBSOCKET', 404],
    ['no common protocol', 'echo', 'NOT_WEBSOCKET', 400],
  ])('%s is refused', async (_why, path, code, status) => {
    const { uri } = await echoServer()
    const message = new Message('GET', uri + path)
    const error: unknown = await session.websocketConnect(message, { protocols: ['ONE'] }).catch((e: unknown) => e)
    expect(error).toMatchObject({ domain: 'soup-websocket-error-quark', code })
    expect((error as Error).message).toContain(String(status))
    expect(message.statusCode).toBe(status)
  })

  test('a wrong Sec-WebSocket-Accept is refused and the connection closed', async () => {
    let ended: Promise<unknown> = Promise.resolve()
    const uri = await answering((_request, stream) => {
      ended = once(stream, 'end')
      stream.resume()
      stream.write(
        'HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n',
      )
    })
    await expect(session.websocketConnect(new Message('GET', uri))).rejects.toMatchObject({ code: 'BAD_HANDSHAKE' })
    await ended
  })

  test('frames that come in one packet with the answer are not lost', async () => {
    const uri = await answering((request, stream) =>
      stream.write(`${switching(request)}\x81\x05hello\x81\x03you`, 'latin1'),
    )
    const connection = await session.websocketConnect(new Message('GET', uri))
    const seen: string[] = []
    connection.on('message', (_type, data) => void seen.push(data.toString()))
    while (seen.length < 2) await once(connection, 'message')
    expect(seen).toEqual(['hello', 'you'])
    connection.ioStream.destroy()
  })

  test('a server that answers nothing can be given up', async () => {
    const uri = await answering(() => {})
    const controller = new AbortController()
    const message = new Message('GET', uri)
    message.once('wrote-headers', () => controller.abort())
    const connecting = session.websocketConnect(message, { signal: controller.signal })
    await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  test('asks once for each field', async () => {
    const fields: string[] = []
    const uri = await answering((request, stream) => {
      fields.push(...request.rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase()))
      stream.write(switching(request))
    })
    const connection = await session.websocketConnect(new Message('GET', uri))
    expect(fields).toContain('upgrade')
    expect(new Set(fields).size).toBe(fields.length)
    connection.ioStream.destroy()
  })

  test('a closed server connection closes ours', async () => {
    const { server, uri } = await echoServer()
    const connection = await session.websocketConnect(new Message('GET', `${uri}echo`))
    expect(await echoed(connection, 'x')).toBe('x')
    const gone = once(connection, 'closed')
    connection.close()
    await gone
    expect(server.uris).toHaveLength(1)
  })
})

describe('websocketConnect: TLS and proxies', () => {
  async function secured(): Promise<{ uri: string; tlsDatabase: TlsDatabase }> {
    const authority = await CertificateAuthority.create()
    const { chainPem, privateKeyPem } = await authority.issue({ dnsNames: ['localhost'] })
    const { uri } = await echoServer({ tlsCertificate: TlsCertificate.fromPem(chainPem, { privateKeyPem }) })
    const tlsDatabase = new TlsDatabase(TlsCertificate.listFromPem(authority.certificatePem))
    return { uri: uri.replace('127.0.0.1', 'localhost'), tlsDatabase }
  }

  test('wss opens over TLS, by HTTP/1.1 although the server speaks HTTP/2', async () => {
    const { uri, tlsDatabase } = await secured()
    expect(uri).toMatch(/^wss:/)
    const message = new Message('GET', `${uri}echo`)
    const connection = await newSession({ tlsDatabase }).websocketConnect(message)
    expect(await echoed(connection, 'secret')).toBe('secret')
    expect(message.tlsPeerCertificate).not.toBeNull()
    await closed(connection)
  })

  test('wss fails on a certificate nobody vouches for', async () => {
    const { uri } = await secured()
    const connecting = session.websocketConnect(new Message('GET', `${uri}echo`))
    await expect(connecting).rejects.toMatchObject({ code: 'BAD_CERTIFICATE' })
  })

  test.skipIf(!hasSquid())('wss opens through squid', async () => {
    const { uri, tlsDatabase } = await secured()
    await withSquid({}, async ({ port }) => {
      const proxyResolver = new SimpleProxyResolver(`http://127.0.0.1:${port}`)
      const connection = await newSession({ tlsDatabase, proxyResolver }).websocketConnect(
        new Message('GET', `${uri}echo`),
      )
      expect(await echoed(connection, 'through a tunnel')).toBe('through a tunnel')
      await closed(connection)
    })
  })

  test.skipIf(!hasSquid())('ws opens through squid', async () => {
    const { uri } = await echoServer()
    await withSquid({}, async ({ port }) => {
      const proxyResolver = new SimpleProxyResolver(`http://127.0.0.1:${port}`)
      const connection = await newSession({ proxyResolver }).websocketConnect(new Message('GET', `${uri}echo`))
      expect(await echoed(connection, 'through a tunnel')).toBe('through a tunnel')
      await closed(connection)
    })
  })
})
