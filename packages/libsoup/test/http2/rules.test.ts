// What HTTP/2 asks of a client beyond the plain case: limits, resets, going away, flow control, large bodies, fields.

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { constants } from 'node:http2'
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { Message, MessageFlags, MessagePriority, HTTPVersion } from '../../src/index.ts'
import { withStreams } from './streams.ts'

const MEGABYTE = 1024 * 1024

function ok(stream: ServerHttp2Stream, body = 'ok'): void {
  stream.respond({ ':status': 200 })
  stream.end(body)
}

describe('the limit of the server', () => {
  test('on streams at once is kept, also when it changes', async () => {
    const held: ServerHttp2Stream[] = []
    let arrived = (): void => undefined
    let http2: ServerHttp2Session | null = null
    await withStreams(
      (stream, path, session) => {
        http2 = session
        if (path === '/first') return ok(stream)
        held.push(stream)
        arrived()
      },
      async (origin, session) => {
        const waiting = async (count: number): Promise<void> => {
          while (held.length < count) await new Promise<void>((resolve) => (arrived = resolve))
          // More would come within a turn or two of the loop.
          for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
          expect(held).toHaveLength(count)
        }
        await session.sendAndRead(new Message('GET', `${origin.origin}/first`))
        const all = Array.from({ length: 9 }, () => session.sendAndRead(new Message('GET', origin.origin)))
        await waiting(2)
        const server = http2 as unknown as ServerHttp2Session
        server.settings({ maxConcurrentStreams: 5 })
        await waiting(5)
        server.settings({ maxConcurrentStreams: 1 })
        await once(server, 'localSettings')
        for (let left = 4; left > 0; left--) {
          ok(held.shift() as ServerHttp2Stream)
          await waiting(left)
        }
        ok(held.shift() as ServerHttp2Stream)
        for (let left = 4; left > 0; left--) {
          await waiting(1)
          ok(held.shift() as ServerHttp2Stream)
        }
        expect((await Promise.all(all)).map(String)).toEqual(Array.from({ length: 9 }, () => 'ok'))
        expect(origin.sessions).toBe(1)
      },
      { maxConnsPerHost: 1 },
      { settings: { maxConcurrentStreams: 2 } },
    )
  })
})

describe('a server that goes away', () => {
  test('has what it did not see sent again, whatever the method, and finishes the rest', async () => {
    await withStreams(
      (stream, path, http2) => {
        if (path !== '/slow') return ok(stream, path)
        stream.respond({ ':status': 200 })
        stream.write('sl')
        // As if it had only ever seen this stream: those behind it are to be sent elsewhere.
        setImmediate(() => {
          http2.goaway(constants.NGHTTP2_NO_ERROR, stream.id)
          setImmediate(() => stream.end('ow'))
        })
      },
      async ({ origin }, session) => {
        await session.sendAndRead(new Message('GET', `${origin}/first`))
        const slow = session.sendAndRead(new Message('GET', `${origin}/slow`))
        const posts = Array.from({ length: 5 }, (_, i) => new Message('POST', `${origin}/${i}`))
        const bodies = await Promise.all(posts.map((post) => session.sendAndRead(post)))
        expect(bodies.map(String)).toEqual(['/0', '/1', '/2', '/3', '/4'])
        expect((await slow).toString()).toBe('slow')
      },
      { maxConnsPerHost: 1 },
    )
  })

  test('with an error fails what it has seen and no more', async () => {
    let first = true
    await withStreams(
      (stream, path, http2) => {
        if (path === '/seen' && first) {
          first = false
          http2.goaway(constants.NGHTTP2_INTERNAL_ERROR, stream.id)
          return
        }
        ok(stream)
      },
      async (origin, session) => {
        const seen = session.sendAndRead(new Message('POST', `${origin.origin}/seen`))
        await expect(seen).rejects.toMatchObject({ domain: 'g-io-error-quark' })
        expect((await session.sendAndRead(new Message('POST', `${origin.origin}/next`))).toString()).toBe('ok')
        expect(origin.sessions).toBe(2)
      },
    )
  })
})

test('who needs HTTP/1 does not wait for the one connection of a host that speaks HTTP/2', async () => {
  await withStreams(
    (stream, path, http2) => {
      if (stream.headersSent || path === '/one') return
      ok(stream)
      if (path === '/last') http2.goaway()
    },
    async ({ origin }, session) => {
      await session.sendAndRead(new Message('GET', `${origin}/last`))
      const held = session.sendAndRead(new Message('GET', `${origin}/one`)).catch(() => 'cancelled')
      const other = new Message('GET', origin)
      other.forceHttp1 = true
      expect((await session.sendAndRead(other)).toString()).toBe('over 1.1')
      session.abort()
      expect(await held).toBe('cancelled')
    },
    {},
    { allowHTTP1: true },
  )
})

describe('a reset', () => {
  test('of every attempt is given up on', async () => {
    let attempts = 0
    await withStreams(
      (stream) => {
        attempts++
        stream.close(constants.NGHTTP2_REFUSED_STREAM)
      },
      async ({ origin }, session) => {
        const sent = session.sendAndRead(new Message('POST', origin))
        await expect(sent).rejects.toMatchObject({ code: 'CONNECTION_CLOSED', message: /refused/ })
        expect(attempts).toBe(6)
      },
    )
  })

  test('that says the server has acted is not followed by another attempt', async () => {
    let attempts = 0
    await withStreams(
      (stream, path) => {
        if (path === '/first') return ok(stream)
        attempts++
        stream.close(constants.NGHTTP2_INTERNAL_ERROR)
      },
      async ({ origin }, session) => {
        await session.sendAndRead(new Message('GET', `${origin}/first`))
        await expect(session.sendAndRead(new Message('GET', origin))).rejects.toMatchObject({
          code: 'CONNECTION_CLOSED',
          message: /INTERNAL_ERROR/,
        })
        expect(attempts).toBe(1)
      },
    )
  })

  test('that wants HTTP/1.1 gets it', async () => {
    await withStreams(
      (stream) => stream.close(constants.NGHTTP2_HTTP_1_1_REQUIRED),
      async ({ origin }, session) => {
        const message = new Message('POST', origin)
        expect((await session.sendAndRead(message)).toString()).toBe('over 1.1')
        expect(message.httpVersion).toBe(HTTPVersion.HTTP_1_1)
      },
      {},
      { allowHTTP1: true },
    )
  })

  test('behind a whole answer leaves it whole, though the request is not', async () => {
    await withStreams(
      (stream) => {
        stream.respond({ ':status': 413 })
        stream.end('too much', () => stream.close(constants.NGHTTP2_NO_ERROR))
      },
      async ({ origin }, session) => {
        const message = new Message('PUT', origin)
        const endless = new Readable({ read: (): void => void endless.push(Buffer.alloc(1000)) })
        message.setRequestBody('text/plain', endless)
        expect((await session.sendAndRead(message)).toString()).toBe('too much')
        expect(message.statusCode).toBe(413)
        if (!endless.destroyed) await once(endless, 'close')
      },
    )
  })
})

describe('flow control', () => {
  test('lets nobody wait for readers that do not read', async () => {
    const huge = Buffer.alloc(4 * MEGABYTE)
    await withStreams(
      (stream, path) => {
        stream.respond({ ':status': 200 })
        stream.end(path === '/huge' ? huge : Buffer.alloc(300_000))
      },
      async ({ origin }, session) => {
        const stalled = await Promise.all(
          Array.from({ length: 24 }, () => session.send(new Message('GET', `${origin}/huge`))),
        )
        for (let i = 0; i < 5; i++) {
          expect(await session.sendAndRead(new Message('GET', `${origin}/small`))).toHaveLength(300_000)
        }
        const sizes = await Promise.all(
          stalled.map(async (body) => {
            let size = 0
            for await (const chunk of body) size += (chunk as Buffer).length
            return size
          }),
        )
        expect(new Set(sizes)).toEqual(new Set([huge.length]))
      },
      { maxConnsPerHost: 1 },
      { maxSessionMemory: 200 }, // the server's own, for all it has yet to send
    )
  })

  test('a reader who pauses for longer than the timeout is not taken for a silent server', async () => {
    await withStreams(
      (stream) => {
        stream.respond({ ':status': 200 })
        stream.end(Buffer.alloc(3 * MEGABYTE))
      },
      async ({ origin }, session) => {
        const body = await session.send(new Message('GET', origin))
        await once(body, 'readable')
        await new Promise((resolve) => setTimeout(resolve, 350))
        let size = 0
        for await (const chunk of body) size += (chunk as Buffer).length
        expect(size).toBe(3 * MEGABYTE)
      },
      { timeout: 0.15 },
    )
  })

  test('a body that the server takes slowly, but takes, is not silence', async () => {
    const size = 4 * MEGABYTE
    await withStreams(
      (stream) => {
        let received = 0
        stream.on('data', (chunk: Buffer) => {
          received += chunk.length
          stream.pause()
          setTimeout(() => stream.resume(), 5)
        })
        stream.on('end', () => {
          stream.respond({ ':status': 200 })
          stream.end(String(received))
        })
      },
      async ({ origin }, session) => {
        const message = new Message('PUT', origin)
        message.setRequestBodyFromBytes('text/plain', Buffer.alloc(size))
        expect((await session.sendAndRead(message)).toString()).toBe(String(size))
      },
      { timeout: 0.15 },
    )
  })

  test('a source of the body that takes its time is not a silent server', async () => {
    await withStreams(
      (stream) => void stream.resume().on('end', () => ok(stream)),
      async ({ origin }, session) => {
        const slow = Readable.from(
          (async function* () {
            yield Buffer.from('first')
            await new Promise((resolve) => setTimeout(resolve, 350))
            yield Buffer.from('second')
          })(),
        )
        const message = new Message('PUT', origin)
        message.setRequestBody('text/plain', slow)
        expect((await session.sendAndRead(message)).toString()).toBe('ok')
      },
      { timeout: 0.15 },
    )
  })

  test('64 MB go through both ways, unchanged', async () => {
    const part = randomBytes(MEGABYTE)
    const sent = createHash('sha256')
    for (let i = 0; i < 64; i++) sent.update(part)
    await withStreams(
      (stream) => {
        stream.respond({ ':status': 200 })
        stream.pipe(stream)
      },
      async ({ origin }, session) => {
        const message = new Message('POST', origin)
        message.setRequestBody('application/octet-stream', Readable.from(Array.from({ length: 64 }, () => part)))
        const received = createHash('sha256')
        for await (const chunk of await session.send(message)) received.update(chunk as Buffer)
        expect(received.digest('hex')).toBe(sent.digest('hex'))
      },
    )
  })

  test.each([3, 5])('a stream that is not the %i bytes it should be is not sent as if it were', async (length) => {
    await withStreams(
      (stream) => void stream.resume().on('end', () => ok(stream)),
      async ({ origin }, session) => {
        const message = new Message('PUT', origin)
        message.setRequestBody('text/plain', Readable.from([Buffer.from('data')]), length)
        await expect(session.sendAndRead(message)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
      },
    )
  })
})

describe('the fields of a request', () => {
  test('may have any name', async () => {
    const fields = await fieldsOf(({ requestHeaders }) => requestHeaders.append('constructor', 'a'))
    expect(fields['constructor']).toBe('a')
  })

  async function fieldsOf(set: (message: Message) => void): Promise<IncomingHttpHeaders> {
    let seen: IncomingHttpHeaders = {}
    await withStreams(
      (stream, _path, _session, headers) => {
        seen = headers
        ok(stream)
      },
      async ({ origin }, session) => {
        const message = new Message('GET', origin)
        set(message)
        await session.sendAndRead(message)
      },
    )
    return seen
  }

  test('have none that belong to a connection or to a proxy', async () => {
    const fields = await fieldsOf(({ requestHeaders }) => {
      requestHeaders.append('Connection', 'keep-alive, X-Hop')
      requestHeaders.append('X-Hop', '1')
      requestHeaders.append('Keep-Alive', 'timeout=5')
      requestHeaders.append('Proxy-Connection', 'close')
      requestHeaders.append('Proxy-Authorization', 'Basic secret')
      requestHeaders.append('Upgrade', 'h2c')
      requestHeaders.append('TE', 'gzip')
      requestHeaders.append('X-End', '2')
    })
    const sent = [
      'x-end',
      'x-hop',
      'keep-alive',
      'proxy-connection',
      'proxy-authorization',
      'upgrade',
      'te',
      'connection',
    ]
    expect(sent.filter((name) => name in fields)).toEqual(['x-end'])
  })

  test.each([
    { priority: MessagePriority.VERY_LOW, expected: 'u=5' },
    { priority: MessagePriority.NORMAL, expected: undefined },
    { priority: MessagePriority.VERY_HIGH, expected: 'u=1' },
  ])('tell priority $priority as $expected', async ({ priority, expected }) => {
    const fields = await fieldsOf((message) => (message.priority = priority))
    expect(fields['priority']).toBe(expected)
  })

  test("leave the caller's priority as it is", async () => {
    const fields = await fieldsOf((message) => {
      message.priority = MessagePriority.HIGH
      message.requestHeaders.append('Priority', 'u=0, i')
    })
    expect(fields['priority']).toBe('u=0, i')
  })
})

describe('an expectation', () => {
  test.each([
    { consents: true, status: 200, body: 'data' },
    { consents: false, status: 417, body: '' },
  ])('of 100 Continue that is met: $consents, decides about the body', async ({ consents, status, body }) => {
    let received = ''
    await withStreams(
      (stream, _path, _session, headers) => {
        expect(headers.expect).toBe('100-continue')
        if (!consents) {
          stream.respond({ ':status': 417 }, { endStream: true })
          return
        }
        stream.on('data', (chunk: Buffer) => (received += chunk.toString()))
        stream.on('end', () => ok(stream, received))
        stream.additionalHeaders({ ':status': 103, link: '</a>' })
        setImmediate(() => {
          expect(received).toBe('')
          stream.additionalHeaders({ ':status': 100 })
        })
      },
      async (origin, session) => {
        const message = new Message('PUT', origin.origin)
        message.addFlags(MessageFlags.COLLECT_METRICS)
        message.setRequestBody('text/plain', Readable.from([Buffer.from('data')]))
        message.requestHeaders.append('Expect', '100-continue')
        const interim: number[] = []
        message.on('got-informational', () => interim.push(message.statusCode))
        expect((await session.sendAndRead(message)).toString()).toBe(body)
        expect(message.statusCode).toBe(status)
        expect(interim).toEqual(consents ? [103, 100] : [])
        expect(message.requestBody?.isRestartable).toBe(!consents)

        expect(origin.sessions).toBe(1)
      },
    )
  })
})
