// The figures of MessageMetrics against what a raw server counted on the wire.

import { gzipSync } from 'node:zlib'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { TlsDatabase } from '@wpe-networking/glib-gio'
import { CertificateAuthority, withRawServer, withRawTlsServer } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import { Message, MessageFlags, Session } from '../../src/index.ts'
import type { MessageMetrics } from '../../src/index.ts'

interface Counted {
  head: number
  body: number
}

/** Answers each request, once `isWhole`, with `answer` in the pieces given; counts what came. */
function counting(
  answer: readonly string[],
  counted: Counted,
  isWhole: (text: string) => boolean = (text) => text.endsWith('\r\n\r\n'),
): (socket: Socket) => void {
  return (socket) => {
    let text = ''
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (!isWhole(text)) return
      counted.head = text.indexOf('\r\n\r\n') + 4
      counted.body = text.length - counted.head
      text = ''
      const write = (i: number): void => {
        if (i === answer.length) return
        socket.write(answer[i] as string, 'latin1', () => setImmediate(write, i + 1))
      }
      write(0)
    })
  }
}

async function measure(session: Session, message: Message): Promise<MessageMetrics> {
  message.addFlags(MessageFlags.COLLECT_METRICS)
  await session.sendAndRead(message)
  return message.metrics as MessageMetrics
}

function sizes(metrics: MessageMetrics): Record<string, number> {
  const figures: Record<string, number> = { ...metrics }
  return Object.fromEntries(Object.entries(figures).filter(([name]) => /Bytes|Size/.test(name)))
}

const HEAD = 'HTTP/1.1 200 OK\r\nX-Spaces:    b  \r\nContent-Length: 10\r\n\r\n'

describe('over HTTP/1, metrics', () => {
  test('count the sections and bodies as they were on the wire, on a new connection and on a kept one', async () => {
    const counted = { head: 0, body: 0 }
    const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
    // The border between sections is put where chunks end, and in the middle of them.
    const answer = [early.slice(0, -1), early.slice(-1) + HEAD.slice(0, 20), `${HEAD.slice(20)}01234`, '56789']
    await withRawServer(counting(answer, counted), async ({ port }) => {
      using session = new Session({ proxyResolver: null })
      for (let i = 0; i < 3; i++) {
        const message = new Message('GET', `http://127.0.0.1:${port}/some/path?${'q'.repeat(i)}`)
        const metrics = await measure(session, message)
        expect(message.isConnectionReused).toBe(i > 0)
        expect(sizes(metrics)).toEqual({
          requestHeaderBytesSent: counted.head,
          requestBodyBytesSent: 0,
          requestBodySize: 0,
          responseHeaderBytesReceived: early.length + HEAD.length,
          responseBodyBytesReceived: 10,
          responseBodySize: 10,
        })
      }
    })
  })

  test.each([
    { framing: 'a length', length: 8, sent: 8 },
    { framing: 'chunks', length: undefined, sent: 8 + '\r\n4\r\n'.length * 2 + '\r\n0\r\n\r\n'.length - '\r\n'.length },
  ])('count a body that is sent with $framing', async ({ length, sent }) => {
    const counted = { head: 0, body: 0 }
    const isWhole = (text: string): boolean => text.endsWith(length === undefined ? '0\r\n\r\n' : 'datamore')
    await withRawServer(counting(['HTTP/1.1 204 No\r\n\r\n'], counted, isWhole), async ({ port }) => {
      using session = new Session({ proxyResolver: null })
      const message = new Message('PUT', `http://127.0.0.1:${port}/`)
      message.setRequestBody('text/plain', Readable.from([Buffer.from('data'), Buffer.from('more')]), length)
      const metrics = await measure(session, message)
      expect(counted.body).toBe(sent)
      expect(sizes(metrics)).toMatchObject({
        requestHeaderBytesSent: counted.head,
        requestBodyBytesSent: counted.body,
        requestBodySize: 8,
      })
    })
  })

  test('tell chunks from contents, and contents from what was decoded', async () => {
    const zipped = gzipSync('x'.repeat(10_000)).toString('latin1')
    const head = 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n'
    const body = `${zipped.length.toString(16)};ext=1\r\n${zipped}\r\n0\r\nX-Trailer: 1\r\n\r\n`
    await withRawServer(counting([head + body], { head: 0, body: 0 }), async ({ port }) => {
      using session = new Session({ proxyResolver: null })
      const metrics = await measure(session, new Message('GET', `http://127.0.0.1:${port}/`))
      expect(sizes(metrics)).toMatchObject({
        responseHeaderBytesReceived: head.length,
        responseBodyBytesReceived: body.length,
        responseBodySize: 10_000,
      })
    })
  })

  test('are not confused by a reader who pauses', async () => {
    const size = 3_000_000
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`
    await withRawServer(counting([head + 'x'.repeat(size)], { head: 0, body: 0 }), async ({ port }) => {
      using session = new Session({ proxyResolver: null })
      const message = new Message('GET', `http://127.0.0.1:${port}/`)
      message.addFlags(MessageFlags.COLLECT_METRICS)
      let read = 0
      for await (const chunk of await session.send(message)) {
        read += (chunk as Buffer).length
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(read).toBe(size)
      expect(message.metrics?.responseBodyBytesReceived).toBe(size)
      expect(message.metrics?.responseHeaderBytesReceived).toBe(head.length)
    })
  })

  test('are exact for a request that waits for 100 Continue', async () => {
    const counted = { head: 0, body: 0 }
    const interim = 'HTTP/1.1 100 Continue\r\n\r\n'
    let asked = false
    const onSocket = (socket: Socket): void =>
      void socket.on('data', (chunk: Buffer) => {
        if (asked) {
          counted.body += chunk.length
          socket.write(`${HEAD}0123456789`)
          return
        }
        asked = true
        counted.head = chunk.length
        socket.write(interim)
      })
    await withRawServer(onSocket, async ({ port }) => {
      using session = new Session({ proxyResolver: null })
      const message = new Message('PUT', `http://127.0.0.1:${port}/`)
      message.setRequestBodyFromBytes('text/plain', Buffer.from('data'))
      message.requestHeaders.append('Expect', '100-continue')
      expect(sizes(await measure(session, message))).toEqual({
        requestHeaderBytesSent: counted.head,
        requestBodyBytesSent: 4,
        requestBodySize: 4,
        responseHeaderBytesReceived: interim.length + HEAD.length,
        responseBodyBytesReceived: 10,
        responseBodySize: 10,
      })
    })
  })

  test.each(['plain', 'TLS'])('have every time in order, over %s', async (kind) => {
    const authority = await CertificateAuthority.create()
    const onSocket = counting([`${HEAD}0123456789`], { head: 0, body: 0 })
    const check = async (origin: string): Promise<void> => {
      using session = new Session({ proxyResolver: null, tlsDatabase: new TlsDatabase([authority.certificatePem]) })
      const first = await measure(session, new Message('GET', origin))
      const { fetchStart, dnsStart, dnsEnd, connectStart, tlsStart, connectEnd } = first
      const { requestStart, responseStart, responseEnd } = first
      const times = [fetchStart, dnsStart, dnsEnd, connectStart, tlsStart, connectEnd]
      times.push(requestStart, responseStart, responseEnd)
      if (kind === 'plain') expect(times.splice(4, 1)).toEqual([0])
      expect(times).toEqual([...times].sort((a, b) => a - b))
      expect(Math.min(...times)).toBeGreaterThan(0)
      const second = await measure(session, new Message('GET', origin))
      const { dnsStart: dns, connectStart: connect, tlsStart: tls, connectEnd: connected } = second
      expect([dns, connect, tls, connected]).toEqual([0, 0, 0, 0])
      expect(second.requestStart).toBeGreaterThanOrEqual(responseEnd)
    }
    const certificate = await authority.issue()
    if (kind === 'plain') await withRawServer(onSocket, ({ port }) => check(`http://localhost:${port}/`))
    else await withRawTlsServer(onSocket, { certificate }, ({ port }) => check(`https://localhost:${port}/`))
  })
})

test('OPTIONS * asks the server and no resource', async () => {
  const seen: string[] = []
  const onSocket = (socket: Socket): void =>
    void socket.on('data', (chunk: Buffer) => {
      seen.push(chunk.toString().split('\r\n')[0] as string)
      socket.write('HTTP/1.1 204 No\r\n\r\n')
    })
  await withRawServer(onSocket, async ({ port }) => {
    using session = new Session({ proxyResolver: null })
    for (const message of [
      Message.newOptionsPing(`http://127.0.0.1:${port}/x`),
      new Message('GET', `http://127.0.0.1:${port}/*`),
    ]) {
      message.addFlags(MessageFlags.COLLECT_METRICS)
      await session.sendAndRead(message)
    }
    expect(seen).toEqual(['OPTIONS * HTTP/1.1', 'GET /* HTTP/1.1'])
  })
})
