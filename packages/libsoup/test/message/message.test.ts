import { Readable } from 'node:stream'
import { startServer, withRawServer, withServer, type ListeningServer } from '@wpe-networking/test-support'
import { SocketClientEvent } from '@wpe-networking/glib-gio'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ContentDecoder, HTTPVersion, Message, MessageFlags, Session } from '../../src/index.ts'

let server: ListeningServer
beforeAll(async () => {
  server = await startServer((request, response) => {
    if (request.url === '/redirect') {
      response.writeHead(302, { Location: '/' }).end()
      return
    }
    response.setHeader('X-Request-Headers', JSON.stringify(request.rawHeaders))
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    request.pipe(response)
  })
})
afterAll(() => server.close())

const SIGNALS = [
  'starting',
  'wrote-headers',
  'wrote-body',
  'got-informational',
  'got-headers',
  'got-body-data',
  'got-body',
  'restarted',
  'finished',
] as const

describe('a message', () => {
  test('emits its signals in order, all but finished again after a restart', async () => {
    using session = new Session()
    const message = new Message('GET', `${server.origin}/redirect`)
    const seen: string[] = []
    for (const signal of SIGNALS) message.on(signal, () => seen.push(signal))
    message.on('network-event', (event) => {
      if (event === SocketClientEvent.COMPLETE) seen.push('connected')
    })
    session.on('request-queued', () => seen.push('queued'))
    session.on('request-unqueued', () => seen.push('unqueued'))
    await session.sendAndRead(message)
    expect(seen).toEqual([
      ...['queued', 'connected', 'starting', 'wrote-headers', 'wrote-body', 'got-headers', 'got-body', 'restarted'],
      ...['starting', 'wrote-headers', 'wrote-body', 'got-informational', 'got-headers', 'got-body'],
      ...['unqueued', 'finished'],
    ])
  })

  test('sends bytes, with their type and length', async () => {
    using session = new Session({ userAgent: 'Test/1.0', acceptLanguage: 'en' })
    const message = new Message('POST', server.origin)
    message.setRequestBodyFromBytes('text/plain', Buffer.from('some data'))
    message.requestHeaders.append('X-Twice', 'one')
    message.requestHeaders.append('X-Twice', 'two')
    expect((await session.sendAndRead(message)).toString()).toBe('some data')
    const sent = JSON.parse(message.responseHeaders.getOne('x-request-headers') ?? '[]') as string[]
    for (const pair of [
      'Content-Type,text/plain',
      'content-length,9',
      'X-Twice,one,X-Twice,two',
      'User-Agent,Test/1.0',
    ]) {
      expect(sent.join(',')).toContain(pair)
    }
    expect(sent.join(',')).toContain('Accept-Language,en')
  })

  test.each([{ length: undefined }, { length: 10 }])('sends a stream of length $length', async ({ length }) => {
    using session = new Session()
    const message = new Message('PUT', server.origin)
    message.setRequestBody('text/plain', Readable.from([Buffer.from('01234'), Buffer.from('56789')]), length)
    expect((await session.sendAndRead(message)).toString()).toBe('0123456789')
    await expect(session.sendAndRead(message)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('fails with the error of the stream it was to send', async () => {
    using session = new Session()
    const message = new Message('PUT', server.origin)
    const broken = new Readable({ read: () => broken.destroy(new Error('disk on fire')) })
    message.setRequestBody('text/plain', broken)
    await expect(session.sendAndRead(message)).rejects.toMatchObject({
      message: expect.stringMatching('disk on fire') as string,
    })
  })

  test('measures every stage when asked to', async () => {
    using session = new Session()
    const started = performance.timeOrigin + performance.now()
    const message = new Message('POST', `http://localhost:${server.port}/`)
    message.addFlags(MessageFlags.COLLECT_METRICS)
    message.setRequestBodyFromBytes(null, Buffer.alloc(1000))
    await session.sendAndRead(message)
    const m = message.metrics
    if (m === null) throw new Error('There are no metrics.')
    const times = [
      m.fetchStart,
      m.dnsStart,
      m.dnsEnd,
      m.connectStart,
      m.connectEnd,
      m.requestStart,
      m.responseStart,
      m.responseEnd,
    ]
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(m.fetchStart).toBeGreaterThanOrEqual(started)
    expect(m.tlsStart).toBe(0)
    expect(m.requestBodyBytesSent).toBe(1000)
    expect(m.responseBodyBytesReceived).toBe(1000 + '3e8\r\n\r\n0\r\n\r\n'.length)
    expect(m.responseBodySize).toBe(1000)
    expect(m.requestHeaderBytesSent).toBeGreaterThan(50)
    expect(m.responseHeaderBytesReceived).toBeGreaterThan(100)
    const again = new Message('GET', `http://localhost:${server.port}/`)
    again.addFlags(MessageFlags.COLLECT_METRICS)
    await session.sendAndRead(again)
    expect(again.metrics).toMatchObject({ dnsStart: 0, connectStart: 0, connectEnd: 0 })
  })

  test('knows an HTTP/1.0 answer', async () => {
    await withRawServer(
      (socket) => void socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nold')),
      async ({ port }) => {
        using session = new Session()
        const message = new Message('GET', `http://127.0.0.1:${port}/`)
        expect((await session.sendAndRead(message)).toString()).toBe('old')
        expect(message.httpVersion).toBe(HTTPVersion.HTTP_1_0)
      },
    )
  })
})

describe('what servers do and should not trouble anybody', () => {
  test('an unasked 100 Continue is an informational response', async () => {
    const answer =
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
    await withRawServer(
      (socket) => void socket.on('data', () => socket.write(answer)),
      async (raw) => {
        using session = new Session()
        for (let i = 0; i < 2; i++) {
          const message = new Message('GET', `http://127.0.0.1:${raw.port}/`)
          const informational: number[] = []
          message.on('got-informational', () => informational.push(message.statusCode))
          expect((await session.sendAndRead(message)).toString()).toBe('ok')
          expect(informational).toEqual([100, 100])
        }
        expect(raw.connectionCount).toBe(1)
      },
    )
  })

  test('an empty answer that says it is gzip is empty', async () => {
    await withServer(
      (_request, response) => void response.setHeader('Content-Encoding', 'gzip').end(),
      async ({ origin }) => {
        using session = new Session()
        session.addFeature(new ContentDecoder())
        expect((await session.sendAndRead(new Message('GET', origin))).length).toBe(0)
      },
    )
  })

  test.each([204, 205, 304, 404, 500])('a %d without a body leaves the connection to the next', async (status) => {
    await withServer(
      (_request, response) => void response.writeHead(status).end(),
      async (origin) => {
        using session = new Session()
        for (let i = 0; i < 2; i++)
          expect((await session.sendAndRead(new Message('GET', origin.origin))).length).toBe(0)
        expect(origin.connectionCount).toBe(1)
      },
    )
  })
})

test.each(SIGNALS.filter((signal) => signal !== 'restarted'))(
  'a listener of %s that throws fails its message and nothing else',
  async (signal) => {
    using session = new Session()
    const message = new Message('POST', server.origin)
    message.setRequestBodyFromBytes(null, Buffer.from('data'))
    message.on(signal, () => {
      throw new Error('thrown by a listener')
    })
    await expect(session.sendAndRead(message)).rejects.toThrow('thrown by a listener')
    await session.sendAndRead(new Message('GET', server.origin))
  },
)
