// Messages through real HTTP proxies: http names its target in full, https goes through a tunnel. Both are asked for
// credentials by the proxy, and features answer for both.

import type { Socket } from 'node:net'
import { once } from 'node:events'
import {
  ProxyResolver,
  SimpleProxyResolver,
  SocketClientEvent,
  TlsCertificate,
  TlsDatabase,
} from '@wpe-networking/glib-gio'
import {
  CertificateAuthority,
  hasSquid,
  hasTinyproxy,
  withHttp2Server,
  withRawServer,
  withServer,
  withSquid,
  withTinyproxy,
  withTlsServer,
} from '@wpe-networking/test-support'
import type { ProxyProcess } from '@wpe-networking/test-support'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { HTTPVersion, Message, Session } from '../../src/index.ts'
import type { SessionFeature, SessionOptions } from '../../src/index.ts'
import { messageState } from '../../src/message/message.ts'
import type { ResponseVerdict } from '../../src/session/session-feature.ts'

let authority: CertificateAuthority
let tlsDatabase: TlsDatabase

beforeAll(async () => {
  authority = await CertificateAuthority.create()
  tlsDatabase = new TlsDatabase(TlsCertificate.listFromPem(authority.certificatePem))
})

afterEach(() => ProxyResolver.setDefault(null))

/** Answers a 407 once, the way an authentication manager does; remembers what it was asked about. */
class Credentials implements SessionFeature {
  readonly worksOnTunnels = true
  readonly asked: string[] = []
  readonly #credentials: string
  readonly #verdict: ResponseVerdict

  constructor(credentials: string, verdict: ResponseVerdict = 'resend') {
    this.#credentials = credentials
    this.#verdict = verdict
  }

  async reviewResponse(message: Message): Promise<ResponseVerdict> {
    if (message.statusCode !== 407 || message.requestHeaders.has('Proxy-Authorization')) return 'deliver'
    const { tunnelFor } = messageState(message)
    this.asked.push(`${message.method} ${message.responseHeaders.getOne('Proxy-Authenticate')} ${tunnelFor?.method}`)
    const value = `Basic ${Buffer.from(this.#credentials).toString('base64')}`
    await Promise.resolve()
    message.requestHeaders.replace('Proxy-Authorization', value)
    return this.#verdict
  }
}

function through(proxy: string, feature: SessionFeature | null = null, options: SessionOptions = {}): Session {
  const session = new Session({ tlsDatabase, proxyResolver: new SimpleProxyResolver(proxy), ...options })
  if (feature !== null) session.addFeature(feature)
  return session
}

async function get(session: Session, uri: string): Promise<{ status: number; body: string }> {
  const message = new Message('GET', uri)
  const body = (await session.sendAndRead(message)).toString()
  return { status: message.statusCode, body }
}

describe.skipIf(!hasSquid())('through squid', () => {
  test('https goes over HTTP/2 to the destination, whose certificate counts, with the events of the proxy', async () => {
    const certificate = await authority.issue({ dnsNames: ['localhost'] })
    await withHttp2Server(
      (_request, response) => void response.end('secret'),
      { certificate },
      async ({ port }) => {
        await withSquid({}, async (proxy) => {
          using session = through(`http://127.0.0.1:${proxy.port}`)
          const message = new Message('GET', `https://localhost:${port}/`)
          const events: SocketClientEvent[] = []
          message.on('network-event', (event) => events.push(event))
          expect((await session.sendAndRead(message)).toString()).toBe('secret')
          expect(message.httpVersion).toBe(HTTPVersion.HTTP_2_0)
          expect(events).toEqual([
            SocketClientEvent.RESOLVING,
            SocketClientEvent.RESOLVED,
            SocketClientEvent.CONNECTING,
            SocketClientEvent.CONNECTED,
            SocketClientEvent.PROXY_NEGOTIATING,
            SocketClientEvent.PROXY_NEGOTIATED,
            SocketClientEvent.TLS_HANDSHAKING,
            SocketClientEvent.TLS_HANDSHAKED,
            SocketClientEvent.COMPLETE,
          ])
        })
      },
    )
  })

  test('the credentials of its URI go to it and to nobody else; null goes direct', async () => {
    await withServer(
      (request, response) => {
        const credentials = request.headers['proxy-authorization'] ?? 'none'
        response.end(`${request.url} via ${request.headers.via ?? 'nobody'}, ${credentials}`)
      },
      async ({ origin }) => {
        await withSquid({ user: 'alice', password: 'secret7' }, async (proxy) => {
          ProxyResolver.setDefault(new SimpleProxyResolver(`http://alice:secret7@127.0.0.1:${proxy.port}`))
          using known = new Session()
          expect((await get(known, `${origin}/path?q`)).body).toMatch(/^\/path\?q via .*squid.*, none$/)
          ProxyResolver.setDefault(new SimpleProxyResolver(`http://alice:wrong@127.0.0.1:${proxy.port}`))
          using refused = new Session()
          expect((await get(refused, `${origin}/path`)).status).toBe(407)
          await expect(get(refused, 'https://127.0.0.1:1/')).rejects.toMatchObject({ code: 'PROXY_AUTH_FAILED' })
          using direct = new Session({ proxyResolver: null })
          const message = new Message('GET', `${origin}/path`)
          message.requestHeaders.append('Proxy-Authorization', 'Basic secret')
          expect((await direct.sendAndRead(message)).toString()).toBe('/path via nobody, none')
        })
      },
    )
  })

  test.each(['http', 'https'] as const)('over %s, a feature answers its 407 for http and https alike', async (kind) => {
    const certificate = await authority.issue({ dnsNames: ['localhost'] })
    const answer = (request: { headers: Record<string, unknown> }, response: { end(body: string): void }): void =>
      response.end(`ok ${String(request.headers['proxy-authorization'])}`)
    const proxyOptions = { user: 'alice', password: 'secret7', ...(kind === 'https' && { certificate }) }
    await withSquid(proxyOptions, async (proxy: ProxyProcess) => {
      await withServer(answer, async ({ origin }) => {
        await withTlsServer(answer, { certificate }, async ({ port }) => {
          const secure = `https://localhost:${port}/`
          const feature = new Credentials('alice:secret7')
          using session = through(`${kind}://localhost:${proxy.port}`, feature)
          expect(await get(session, secure)).toEqual({ status: 200, body: 'ok undefined' })
          expect(await get(session, origin)).toEqual({ status: 200, body: 'ok undefined' })
          expect(feature.asked).toHaveLength(2)
          expect(feature.asked[0]).toMatch(/^CONNECT Basic realm=.* GET$/)
          expect(feature.asked[1]).toMatch(/^GET Basic realm=.* undefined$/)

          using wrong = through(`${kind}://localhost:${proxy.port}`, new Credentials('alice:wrong'))
          await expect(get(wrong, secure)).rejects.toMatchObject({ code: 'PROXY_AUTH_FAILED' })
          expect((await get(wrong, origin)).status).toBe(407)

          using nobody = through(`${kind}://localhost:${proxy.port}`)
          await expect(get(nobody, secure)).rejects.toMatchObject({ code: 'PROXY_NEED_AUTH' })
        })
      })
    })
  })

  test('the certificate of an https proxy has to be for its name and is nobody else to decide about', async () => {
    const certificate = await authority.issue({ dnsNames: ['elsewhere.example'], ipAddresses: [] })
    await withSquid({ certificate }, async (proxy) => {
      using session = through(`https://localhost:${proxy.port}`)
      const message = new Message('GET', 'http://127.0.0.1:1/')
      message.acceptCertificate = () => true
      await expect(session.sendAndRead(message)).rejects.toMatchObject({ code: 'BAD_CERTIFICATE' })
    })
  })

  test('what it refuses is an error, never a response of the destination', async () => {
    await withSquid({ deniedPorts: [443] }, async (proxy) => {
      using session = through(`http://127.0.0.1:${proxy.port}`)
      await expect(get(session, 'https://localhost/')).rejects.toMatchObject({ code: 'PROXY_NOT_ALLOWED' })
      await expect(get(session, 'https://127.0.0.1:1/')).rejects.toMatchObject({ code: 'PROXY_FAILED' })
      expect((await get(session, 'http://127.0.0.1:1/')).status).toBe(503)
    })
  })

  test('other protocols take a tunnel, and a CONNECT of the caller asks the proxy itself', async () => {
    const upgrade = (socket: Socket): void =>
      void socket.once('data', (head: Buffer) => {
        const seen = /via|GET http/i.test(head.toString()) ? 'proxied' : 'direct'
        socket.write(`HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n${seen}`)
      })
    await withRawServer(upgrade, async ({ port }) => {
      await withSquid({}, async (proxy) => {
        using session = through(`http://127.0.0.1:${proxy.port}`)
        const upgraded = await session.upgrade(new Message('GET', `http://127.0.0.1:${port}/`), 'echo')
        expect(String((await once(upgraded as Socket, 'data'))[0])).toBe('direct')
        upgraded?.destroy()
        const tunnel = await session.upgrade(new Message('CONNECT', `http://127.0.0.1:${port}/`), null)
        tunnel?.write('GET / HTTP/1.1\r\n\r\n')
        expect(String((await once(tunnel as Socket, 'data'))[0])).toContain('direct')
        tunnel?.destroy()
      })
    })
  })
})

describe.skipIf(!hasTinyproxy())('through tinyproxy, which closes after each refusal', () => {
  test('http and https, with a feature that knows the credentials', async () => {
    const certificate = await authority.issue({ dnsNames: ['localhost'] })
    await withTinyproxy({ user: 'alice', password: 'secret7' }, async (proxy) => {
      await withTlsServer(
        (_request, response) => void response.end('ok'),
        { certificate },
        async ({ port }) => {
          await withServer(
            (request, response) => void response.end(`via ${request.headers.via}`),
            async ({ origin }) => {
              using session = through(`http://127.0.0.1:${proxy.port}`, new Credentials('alice:secret7'))
              expect((await get(session, `https://localhost:${port}/`)).body).toBe('ok')
              expect((await get(session, origin)).body).toMatch(/tinyproxy/)
            },
          )
        },
      )
      using stubborn = through(
        `http://127.0.0.1:${proxy.port}`,
        new Credentials('alice:secret7', 'resend-same-connection'),
      )
      await expect(get(stubborn, 'https://localhost:1/')).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    })
  })
})

describe('a proxy that misbehaves', () => {
  test.each([
    { what: 'is no HTTP proxy', answer: 'SSH-2.0-Open\r\n', code: 'PARSING' },
    { what: 'says nothing', answer: '', code: 'CONNECTION_CLOSED' },
    { what: 'refuses at length', answer: `HTTP/1.1 500 No\r\n\r\n${'x'.repeat(200_000)}`, code: 'PROXY_FAILED' },
  ])('one that $what ends in $code', async ({ answer, code }) => {
    await withRawServer(
      (socket) => void socket.once('data', () => socket.end(answer)),
      async ({ port }) => {
        using session = through(`http://127.0.0.1:${port}`)
        await expect(get(session, 'https://example.org/')).rejects.toMatchObject({ code })
      },
    )
  })

  test('one that never lets anybody in is asked so often and no more', async () => {
    let connects = 0
    const refuse = (socket: Socket): void => {
      socket.on('error', () => undefined)
      socket.on('data', () => {
        connects++
        socket.write('HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n')
      })
    }
    await withRawServer(refuse, async ({ port, connectionCount }) => {
      const again: SessionFeature = { worksOnTunnels: true, reviewResponse: () => 'resend' }
      using session = through(`http://127.0.0.1:${port}`, again)
      await expect(get(session, 'https://example.org/')).rejects.toMatchObject({ code: 'PROXY_NEED_AUTH' })
      expect(connects).toBe(20)
      expect(connectionCount).toBeLessThanOrEqual(1)
    })
  })

  test('giving up while a feature thinks closes the connection to the proxy', async () => {
    const refuse = (socket: Socket): void =>
      void socket.once('data', () => socket.write('HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n'))
    await withRawServer(refuse, async (server) => {
      const thinking = Promise.withResolvers<void>()
      const feature: SessionFeature = {
        worksOnTunnels: true,
        reviewResponse: () => {
          thinking.resolve()
          return new Promise(() => undefined)
        },
      }
      using session = through(`http://127.0.0.1:${server.port}`, feature)
      const controller = new AbortController()
      const sent = session.sendAndRead(new Message('GET', 'https://example.org/'), { signal: controller.signal })
      await thinking.promise
      controller.abort()
      await expect(sent).rejects.toMatchObject({ code: 'CANCELLED' })
      await server.connectionClosed()
    })
  })
})
