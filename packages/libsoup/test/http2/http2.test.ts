import { constants } from 'node:http2'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { TlsDatabase } from '@wpe-networking/glib-gio'
import { CertificateAuthority, withRawTlsServer } from '@wpe-networking/test-support'
import type { IssuedCertificate } from '@wpe-networking/test-support'
import { beforeAll, describe, expect, test } from 'vitest'
import { HTTPVersion, Message, MessageFlags, Session } from '../../src/index.ts'
import { withStreams } from './streams.ts'

let certificate: IssuedCertificate
let database: TlsDatabase
beforeAll(async () => {
  const authority = await CertificateAuthority.create()
  certificate = await authority.issue()
  database = new TlsDatabase([authority.certificatePem])
})

describe('over HTTP/2', () => {
  test('repeated headers, early hints, cookies and metrics come through', async () => {
    await withStreams(
      (stream) => {
        stream.additionalHeaders({ ':status': 103, link: '</a.css>' })
        stream.respond({ ':status': 404, 'set-cookie': ['a=1', 'b=2'], 'x-one': '1' })
        stream.end('missing')
      },
      async ({ origin }, session) => {
        const message = new Message('GET', `${origin}/x`)
        message.addFlags(MessageFlags.COLLECT_METRICS)
        let hint: string | null = null
        message.on('got-informational', () => (hint = message.responseHeaders.getOne('link')))
        expect((await session.sendAndRead(message)).toString()).toBe('missing')
        expect(hint).toBe('</a.css>')
        expect(message.statusCode).toBe(404)
        expect(message.reasonPhrase).toBe('Not Found')
        expect(message.httpVersion).toBe(HTTPVersion.HTTP_2_0)
        expect(message.responseHeaders.getAll('Set-Cookie')).toEqual(['a=1', 'b=2'])
        expect(message.responseHeaders.has(':status')).toBe(false)
        expect(message.metrics?.responseBodyBytesReceived).toBe(7)
        expect(message.metrics?.requestHeaderBytesSent).toBeGreaterThan(20)
      },
    )
  })

  test('trailers are there once the body is', async () => {
    await withStreams(
      (stream) => {
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '7' }))
        stream.respond({ ':status': 200 }, { waitForTrailers: true })
        stream.end('ok')
      },
      async ({ origin }, session) => {
        const message = new Message('GET', origin)
        expect((await session.sendAndRead(message)).toString()).toBe('ok')
        expect(message.responseTrailers?.getOne('X-Sum')).toBe('7')
        expect(message.responseHeaders.has('X-Sum')).toBe(false)
      },
    )
  })

  test('a stream is sent as the body, and two messages share the connection', async () => {
    await withStreams(
      (stream) => {
        stream.respond({ ':status': 200 })
        stream.pipe(stream)
      },
      async (origin, session) => {
        const put = (): Promise<Buffer> => {
          const message = new Message('PUT', origin.origin)
          message.setRequestBody('text/plain', Readable.from([Buffer.from('01234'), Buffer.from('56789')]))
          return session.sendAndRead(message)
        }
        const bodies = await Promise.all([put(), put()])
        expect(bodies.map(String)).toEqual(['0123456789', '0123456789'])
        await put()
        expect(origin.sessions).toBeLessThanOrEqual(2)
      },
    )
  })

  test.each([
    { what: 'a reset before the answer', rst: constants.NGHTTP2_INTERNAL_ERROR, code: 'CONNECTION_CLOSED' },
    { what: 'a protocol error', rst: constants.NGHTTP2_PROTOCOL_ERROR, code: 'PARSING' },
  ])('$what fails that message only, with $code', async ({ rst, code }) => {
    await withStreams(
      (stream, path) => {
        if (path === '/bad') {
          stream.close(rst)
          return
        }
        stream.respond({ ':status': 200 })
        stream.end('fine')
      },
      async (origin, session) => {
        await session.sendAndRead(new Message('GET', `${origin.origin}/first`))
        const bad = session.sendAndRead(new Message('GET', `${origin.origin}/bad`))
        const good = session.sendAndRead(new Message('GET', `${origin.origin}/good`))
        await expect(bad).rejects.toMatchObject({ code })
        expect((await good).toString()).toBe('fine')
        expect(origin.sessions).toBe(1)
      },
    )
  })

  test('a body that is reset ends in PARTIAL_INPUT', async () => {
    await withStreams(
      (stream) => {
        stream.respond({ ':status': 200 })
        stream.write('part')
        setImmediate(() => stream.destroy(new Error('gone wrong')))
      },
      async ({ origin }, session) => {
        const body = await session.send(new Message('GET', origin))
        await expect(text(body)).rejects.toMatchObject({ code: 'PARTIAL_INPUT' })
      },
    )
  })

  test('a refused stream is sent again', async () => {
    let refused = false
    await withStreams(
      (stream) => {
        if (!refused) {
          refused = true
          stream.close(constants.NGHTTP2_REFUSED_STREAM)
          return
        }
        stream.respond({ ':status': 200 })
        stream.end('ok')
      },
      async ({ origin }, session) => {
        expect((await session.sendAndRead(new Message('POST', origin))).toString()).toBe('ok')
      },
    )
  })

  test('after GOAWAY new messages take a new connection', async () => {
    await withStreams(
      (stream, path, http2) => {
        stream.respond({ ':status': 200 })
        stream.end('ok')
        if (path === '/last') http2.goaway()
      },
      async (origin, session) => {
        await session.sendAndRead(new Message('GET', `${origin.origin}/last`))
        await session.sendAndRead(new Message('GET', `${origin.origin}/again`))
        await session.sendAndRead(new Message('GET', `${origin.origin}/again`))
        expect(origin.sessions).toBeLessThanOrEqual(2)
      },
    )
  })

  test('aborting resets one stream and leaves the connection to the others', async () => {
    await withStreams(
      (stream, path) => {
        if (path === '/stall') return
        stream.respond({ ':status': 200 })
        stream.end('ok')
      },
      async (origin, session) => {
        await session.sendAndRead(new Message('GET', origin.origin))
        const controller = new AbortController()
        const stalled = session.sendAndRead(new Message('GET', `${origin.origin}/stall`), { signal: controller.signal })
        await session.sendAndRead(new Message('GET', origin.origin))
        controller.abort()
        await expect(stalled).rejects.toMatchObject({ code: 'CANCELLED' })
        await session.sendAndRead(new Message('GET', origin.origin))
        expect(origin.sessions).toBe(1)
      },
    )
  })

  test('silence for longer than the timeout of the session ends a message', async () => {
    const stall = (): void => undefined
    await withStreams(
      stall,
      async ({ origin }, session) => {
        await expect(session.sendAndRead(new Message('GET', origin))).rejects.toMatchObject({ code: 'TIMED_OUT' })
      },
      { timeout: 0.2 },
    )
  })

  test('headers of more than 256 KiB are refused', async () => {
    await withStreams(
      (stream) => {
        const headers: Record<string, string | number> = { ':status': 200 }
        for (let i = 0; i < 30; i++) headers[`x-${i}`] = 'y'.repeat(10_000)
        stream.respond(headers)
        stream.end()
      },
      async ({ origin }, session) => {
        await expect(session.sendAndRead(new Message('GET', origin))).rejects.toMatchObject({ code: 'PARSING' })
      },
    )
  })

  test.each([
    { what: 'bytes that are no HTTP/2', answer: 'HTTP/1.1 200 OK\r\n\r\nhello', code: 'PARSING' },
    { what: 'nothing', answer: '', code: 'CONNECTION_CLOSED' },
  ])('a server that agrees to it and sends $what ends in $code', async ({ answer, code }) => {
    await withRawTlsServer(
      (socket) => void socket.once('data', () => socket.end(answer)),
      { certificate, tls: { ALPNProtocols: ['h2'] } },
      async ({ port }) => {
        using session = new Session({ tlsDatabase: database })
        const sent = session.sendAndRead(new Message('GET', `https://127.0.0.1:${port}/`))
        await expect(sent).rejects.toMatchObject({ code })
      },
    )
  })

  test('is not used by a message that forces HTTP/1', async () => {
    await withStreams(
      () => undefined,
      async ({ origin }, session) => {
        const message = new Message('GET', origin)
        message.forceHttp1 = true
        await expect(session.sendAndRead(message)).rejects.toMatchObject({ domain: expect.any(String) as string })
      },
    )
  })
})
