import { CertificateAuthority, withHttp2Server, withRawTlsServer, withTlsServer } from '@wpe-networking/test-support'
import { SocketClientEvent, TlsCertificate, TlsCertificateFlags, TlsDatabase } from '@wpe-networking/glib-gio'
import type { TlsBackendName } from '@wpe-networking/glib-gio'
import { text } from 'node:stream/consumers'
import { beforeAll, describe, expect, test } from 'vitest'
import { HTTPVersion, Message, MessageFlags, Session } from '../../src/index.ts'

let authority: CertificateAuthority
let database: TlsDatabase
beforeAll(async () => {
  authority = await CertificateAuthority.create()
  database = new TlsDatabase(TlsCertificate.listFromPem(authority.certificatePem))
})

describe.each<TlsBackendName>(['openssl', 'gnutls'])('over TLS with %s', (tlsBackend) => {
  test('a verified connection carries HTTP/1.1 and tells about itself', async () => {
    const certificate = await authority.issue()
    await withTlsServer(
      (_request, response) => void response.end('secret'),
      { certificate },
      async (server) => {
        using session = new Session({ tlsDatabase: database, tlsBackend })
        for (const reused of [false, true]) {
          const message = new Message('GET', `${server.origin}/`)
          message.addFlags(MessageFlags.COLLECT_METRICS)
          expect((await session.sendAndRead(message)).toString()).toBe('secret')
          expect(message.httpVersion).toBe(HTTPVersion.HTTP_1_1)
          expect(message.tlsBackendName).toBe(tlsBackend)
          expect(message.tlsPeerCertificateErrors).toBe(0)
          expect(message.tlsPeerCertificate?.ipAddresses).toContain('127.0.0.1')
          expect(message.tlsCiphersuiteName).toMatch(/AES|CHACHA/)
          expect(message.isConnectionReused).toBe(reused)
          expect(message.metrics?.tlsStart !== 0).toBe(!reused)
        }
        expect(server.connectionCount).toBe(1)
      },
    )
  })

  test.each(['http/1.1', 'h2'])(
    'a server of %s that wants a certificate is told from one that just closes',
    async (name) => {
      const tls = { requestCert: true, rejectUnauthorized: true, ALPNProtocols: [name] }
      await withRawTlsServer(
        () => {},
        { certificate: await authority.issue(), tls },
        async (server) => {
          using session = new Session({ tlsDatabase: database, tlsBackend })
          // TLS 1.3: the alert comes when the client already takes the handshake for done.
          const error = session.sendAndRead(new Message('GET', `https://127.0.0.1:${server.port}/`))
          await expect(error).rejects.toMatchObject({ domain: 'g-tls-error-quark', code: 'CERTIFICATE_REQUIRED' })
        },
      )
    },
  )

  test('a handshake that failed is not tried again', async () => {
    await withRawTlsServer(
      () => {},
      { certificate: await authority.issueRole('expired') },
      async (server) => {
        using session = new Session({ tlsDatabase: database, tlsBackend })
        const message = new Message('GET', `https://127.0.0.1:${server.port}/`)
        const events: SocketClientEvent[] = []
        message.on('network-event', (event) => events.push(event))
        await expect(session.sendAndRead(message)).rejects.toMatchObject({ code: 'BAD_CERTIFICATE' })
        expect(events.filter((event) => event === SocketClientEvent.CONNECTING)).toHaveLength(1)
        expect(events.filter((event) => event === SocketClientEvent.RESOLVING)).toHaveLength(1)
      },
    )
  })

  test('an unknown authority is refused unless the message accepts it, and nobody else gets that connection', async () => {
    const certificate = await authority.issue()
    await withTlsServer(
      (_request, response) => void response.end('ok'),
      { certificate },
      async (server) => {
        using session = new Session({ tlsDatabase: new TlsDatabase([]), tlsBackend })
        const refused = new Message('GET', server.origin)
        await expect(session.sendAndRead(refused)).rejects.toMatchObject({
          domain: 'g-tls-error-quark',
          code: 'BAD_CERTIFICATE',
          flags: TlsCertificateFlags.UNKNOWN_CA,
        })
        const accepted = new Message('GET', server.origin)
        accepted.acceptCertificate = () => true
        expect((await session.sendAndRead(accepted)).toString()).toBe('ok')
        expect(accepted.tlsPeerCertificateErrors).toBe(TlsCertificateFlags.UNKNOWN_CA)
        await expect(session.sendAndRead(new Message('GET', server.origin))).rejects.toMatchObject({
          code: 'BAD_CERTIFICATE',
        })
      },
    )
  })

  test('ALPN chooses HTTP/2 and one connection carries many messages', async () => {
    const certificate = await authority.issue()
    await withHttp2Server(
      (request, response) => {
        response.setHeader('x-path', request.url)
        if (request.method === 'POST') request.stream.pipe(response.stream)
        else response.end('x'.repeat(100_000))
      },
      { certificate },
      async (server) => {
        using session = new Session({ tlsDatabase: database, tlsBackend })
        await session.sendAndRead(new Message('GET', `${server.origin}/first`))
        const messages = Array.from({ length: 20 }, (_, i) => new Message('GET', `${server.origin}/${i}`))
        const bodies = await Promise.all(messages.map((message) => session.sendAndRead(message)))
        for (const [i, message] of messages.entries()) {
          expect(message.httpVersion).toBe(HTTPVersion.HTTP_2_0)
          expect(message.responseHeaders.getOne('X-Path')).toBe(`/${i}`)
          expect(bodies[i]?.length).toBe(100_000)
        }
        const post = new Message('POST', `${server.origin}/echo`)
        post.setRequestBodyFromBytes('text/plain', Buffer.from('hello'))
        expect(await text(await session.send(post))).toBe('hello')
        expect(server.connectionCount).toBe(1)
      },
    )
  })
})
