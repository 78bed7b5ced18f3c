import { text } from 'node:stream/consumers'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { startServer, withRawServer, type ListeningServer } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ContentDecoder, Message, MessageFlags, Session } from '../../src/index.ts'

const plain = Buffer.from('All work and no play makes Jack a dull boy. '.repeat(2000))
const codings: Readonly<Record<string, (data: Buffer) => Buffer>> = {
  gzip: (data) => gzipSync(data),
  'x-gzip': (data) => gzipSync(data),
  deflate: (data) => deflateSync(data),
  'deflate (raw)': (data) => deflateRawSync(data),
  br: (data) => brotliCompressSync(data),
  zstd: (data) => zstdCompressSync(data),
}

let server: ListeningServer
beforeAll(async () => {
  server = await startServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x')
    const names = url.searchParams.getAll('coding')
    let body: Buffer = url.searchParams.has('bomb') ? Buffer.alloc(64 * 1024 * 1024) : plain
    for (const name of names) body = (codings[name] ?? ((data: Buffer) => data))(body)
    if (url.searchParams.has('cut')) body = body.subarray(0, body.length / 2)
    response.setHeader('X-Accept-Encoding', request.headers['accept-encoding'] ?? '')
    response.setHeader('Content-Encoding', names.map((name) => name.replace(/ .*/, '')).join(', '))
    response.end(body)
  })
})
afterAll(() => server.close())

function withDecoder(decoder = new ContentDecoder()): Session {
  const session = new Session()
  session.addFeature(decoder)
  return session
}

describe('the content decoder', () => {
  test.each(Object.keys(codings))('undoes %s', async (coding) => {
    using session = withDecoder()
    const message = new Message('GET', `${server.origin}/?coding=${coding}`)
    message.addFlags(MessageFlags.COLLECT_METRICS)
    expect((await session.sendAndRead(message)).equals(plain)).toBe(true)
    expect(message.responseHeaders.getOne('x-accept-encoding')).toBe('gzip, deflate')
    expect(message.metrics?.responseBodySize).toBe(plain.length)
    expect(message.metrics?.responseBodyBytesReceived).toBeLessThan(plain.length / 2)
    const stream = await session.send(new Message('GET', `${server.origin}/?coding=${coding}`))
    expect(await text(stream)).toBe(plain.toString())
  })

  test('undoes stacked codings in the right order', async () => {
    using session = withDecoder()
    const message = new Message('GET', `${server.origin}/?coding=gzip&coding=br&coding=deflate`)
    expect((await session.sendAndRead(message)).equals(plain)).toBe(true)
  })

  test('refuses more than five stacked codings', async () => {
    using session = withDecoder()
    const message = new Message('GET', `${server.origin}/?${'coding=gzip&'.repeat(6)}`)
    await expect(session.sendAndRead(message)).rejects.toMatchObject({ code: 'ENCODING', message: /more than 5/ })
  })

  test('delivers a coding it does not know as it came', async () => {
    using session = withDecoder()
    const message = new Message('GET', `${server.origin}/?coding=rot13`)
    expect((await session.sendAndRead(message)).equals(plain)).toBe(true)
  })

  test('leaves messages alone that disable it', async () => {
    using session = withDecoder()
    const message = new Message('GET', `${server.origin}/?coding=gzip`)
    message.disableFeature(ContentDecoder)
    expect((await session.sendAndRead(message)).equals(gzipSync(plain))).toBe(true)
    expect(message.responseHeaders.getOne('x-accept-encoding')).toBe('')
  })

  test('calls a body that ends too early, or is no gzip, badly encoded', async () => {
    using session = withDecoder()
    const cut = new Message('GET', `${server.origin}/?coding=gzip&cut`)
    await expect(session.sendAndRead(cut)).rejects.toMatchObject({ code: 'ENCODING', message: /not encoded as/ })
    const answer = 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nnot zip'
    await withRawServer(
      (socket) => void socket.once('data', () => socket.write(answer)),
      async ({ port }) => {
        const stream = await session.send(new Message('GET', `http://127.0.0.1:${port}/`))
        await expect(text(stream)).rejects.toMatchObject({ code: 'ENCODING' })
      },
    )
  })

  test('stops a body that expands beyond its ratio', async () => {
    using session = withDecoder()
    const bomb = new Message('GET', `${server.origin}/?bomb&coding=gzip`)
    await expect(session.sendAndRead(bomb)).rejects.toMatchObject({ code: 'ENCODING', message: /more than 200 times/ })
  })

  describe.each([
    ['small', Buffer.from('little')],
    ['large', Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * i) % 251))],
  ])('a %s body', (_size, body) => {
    async function get(encoded: Buffer, coding: string, fields = ''): Promise<Buffer> {
      const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\n${fields}Content-Length: ${encoded.length}\r\n\r\n`
      let result: Buffer = Buffer.alloc(0)
      await withRawServer(
        (socket) => void socket.once('data', () => socket.write(Buffer.concat([Buffer.from(head), encoded]))),
        async ({ port }) => {
          using session = withDecoder()
          result = await session.sendAndRead(new Message('GET', `http://127.0.0.1:${port}/`))
        },
      )
      return result
    }

    test.each(Object.keys(codings))('in %s may have something behind it', async (name) => {
      const encoded = (codings[name] as (data: Buffer) => Buffer)(body)
      const padded = Buffer.concat([encoded, name.includes('gzip') ? Buffer.alloc(9) : Buffer.from('garbage')])
      expect((await get(padded, name.replace(/ .*/, ''))).equals(body)).toBe(true)
    })

    test('in gzip may have several members, but nothing else behind it', async () => {
      const two = await get(Buffer.concat([gzipSync(body), gzipSync(body)]), 'gzip')
      expect(two.equals(Buffer.concat([body, body]))).toBe(true)
      const garbage = Buffer.concat([gzipSync(body), Buffer.from('garbage')])
      await expect(get(garbage, 'gzip')).rejects.toMatchObject({ code: 'ENCODING' })
    })

    test('is an error in every coding when it is cut', async () => {
      for (const [name, encode] of Object.entries(codings)) {
        const cut = encode(body).subarray(0, -1)
        await expect(get(cut, name.replace(/ .*/, ''))).rejects.toMatchObject({ code: 'ENCODING' })
      }
    })

    test('that is a gzip file stays one', async () => {
      const file = await get(gzipSync(body), 'gzip', 'Content-Type: application/x-gzip\r\n')
      expect(file.equals(gzipSync(body))).toBe(true)
    })

    test('may be empty', async () => {
      for (const name of Object.keys(codings))
        expect((await get(Buffer.alloc(0), name.replace(/ .*/, ''))).length).toBe(0)
    })
  })

  test('does not blow up what comes to nothing in the end', async () => {
    const emptyBlocks = Buffer.from('000000ffff'.repeat(1_000_000), 'hex')
    const inner = Buffer.concat([gzipSync('').subarray(0, 10), emptyBlocks, gzipSync('').subarray(10)])
    const bomb = gzipSync(inner)
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nConnection: close\r\n\r\n`
    await withRawServer(
      (socket) => void socket.once('data', () => socket.end(Buffer.concat([Buffer.from(head), bomb]))),
      async ({ port }) => {
        using session = withDecoder(new ContentDecoder({ freeBytes: 1024 * 1024 }))
        const answer = session.sendAndRead(new Message('GET', `http://127.0.0.1:${port}/`))
        await expect(answer).rejects.toMatchObject({ code: 'ENCODING', message: /more than 200 times/ })
      },
    )
  })

  test('does not decode a small bomb at once', async () => {
    const bomb = brotliCompressSync(Buffer.alloc(20 * 1024 * 1024))
    expect(bomb.length).toBeLessThan(8 * 1024)
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: ${bomb.length}\r\n\r\n`
    await withRawServer(
      (socket) => void socket.once('data', () => socket.write(Buffer.concat([Buffer.from(head), bomb]))),
      async ({ port }) => {
        using session = withDecoder(new ContentDecoder({ freeBytes: 2 * 1024 * 1024 }))
        const strict = new Message('GET', `http://127.0.0.1:${port}/`)
        await expect(session.sendAndRead(strict)).rejects.toMatchObject({ code: 'ENCODING', message: /200 times/ })
        using lenient = withDecoder(new ContentDecoder({ maxRatio: 1e6 }))
        const body = await lenient.sendAndRead(new Message('GET', `http://127.0.0.1:${port}/`))
        expect(body.length).toBe(20 * 1024 * 1024)
      },
    )
  })
})
