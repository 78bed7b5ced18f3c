// A raw server that breaks every rule in turn. Each row says how the message ends, and after each the same session must
// load a good page from the same server: a fault costs its own message and nothing else.

import type { Socket } from 'node:net'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { startRawServer, type ListeningServer } from '@wpe-networking/test-support'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Message, Session } from '../../src/index.ts'

const SOUP = 'soup-session-error-quark'
const IO = 'g-io-error-quark'
const GOOD = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood'

/** More than this the server must not be able to send to a client that has given up. Kernel buffers are most of it. */
const MAX_SENT_BYTES = 16 * 1024 * 1024

type Answer = (socket: Socket, request: Buffer) => void

let server: ListeningServer
let session: Session
/** What the server does to a request for `/fault`. */
let answer: Answer
let sent: Socket[] = []

beforeAll(async () => {
  server = await startRawServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (request: Buffer) => {
      if (request.includes('GET /good ')) socket.write(GOOD)
      else {
        sent.push(socket)
        answer(socket, request)
      }
    })
  })
})
afterAll(() => server.close())
beforeEach(() => {
  sent = []
  session = new Session({ maxConnsPerHost: 64, maxConns: 64, timeout: 1 })
})
afterEach(() => session.close())

const load = (path: string): Promise<Buffer> =>
  session.sendAndRead(new Message('GET', `http://127.0.0.1:${server.port}${path}`))

async function expectUnharmed(): Promise<void> {
  expect((await load('/good')).toString()).toBe('good')
  for (const socket of sent) expect(socket.bytesWritten).toBeLessThan(MAX_SENT_BYTES)
}

const write =
  (...parts: (string | Buffer)[]): Answer =>
  (socket) => {
    for (const part of parts) socket.write(part)
  }
const writeAndEnd =
  (part: string | Buffer): Answer =>
  (socket) =>
    void socket.end(part)

/** Writes `chunk` as long as anybody takes it. */
const endlessly =
  (start: string, chunk: string): Answer =>
  (socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.write(start)
    socket.on('drain', more)
    more()
  }

interface Row {
  readonly what: string
  readonly answer: Answer
  /** Domain and code, or the body of a response that is good enough. */
  readonly ends: readonly [domain: string, code: string] | string
}

const PARSING = [SOUP, 'PARSING'] as const
const ENCODING = [SOUP, 'ENCODING'] as const
const PARTIAL = [IO, 'PARTIAL_INPUT'] as const

const head = (...fields: string[]): string => `HTTP/1.1 200 OK\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`
const chunked = (body: string): string => `${head('Transfer-Encoding: chunked')}${body}`

const lengths: Row[] = [
  {
    what: 'a Content-Length longer than the body',
    answer: writeAndEnd(`${head('Content-Length: 9')}ok`),
    ends: PARTIAL,
  },
  { what: 'a Content-Length shorter than the body', answer: write(`${head('Content-Length: 2')}okay`), ends: 'ok' },
  { what: 'the same Content-Length twice', answer: write(`${head('Content-Length: 2', 'Content-Length: 2')}ok`), ends: PARSING }, // prettier-ignore
  { what: 'two Content-Lengths', answer: write(`${head('Content-Length: 2', 'Content-Length: 3')}ok`), ends: PARSING },
  { what: 'a list of Content-Lengths', answer: write(`${head('Content-Length: 2, 2')}ok`), ends: PARSING },
  { what: 'a negative Content-Length', answer: write(`${head('Content-Length: -2')}ok`), ends: PARSING },
  { what: 'a Content-Length with a sign', answer: write(`${head('Content-Length: +2')}ok`), ends: PARSING },
  { what: 'a Content-Length in hexadecimal', answer: write(`${head('Content-Length: 0x2')}ok`), ends: PARSING },
  { what: 'an empty Content-Length', answer: write(`${head('Content-Length:')}ok`), ends: PARSING },
  { what: 'a Content-Length over 64 bits', answer: write(`${head('Content-Length: 18446744073709551618')}ok`), ends: PARSING }, // prettier-ignore
  { what: 'Content-Length with Transfer-Encoding', answer: write(`${head('Content-Length: 2', 'Transfer-Encoding: chunked')}2\r\nok\r\n0\r\n\r\n`), ends: PARSING }, // prettier-ignore
  { what: 'Transfer-Encoding with Content-Length', answer: write(`${head('Transfer-Encoding: chunked', 'Content-Length: 2')}2\r\nok\r\n0\r\n\r\n`), ends: PARSING }, // prettier-ignore
]

const chunks: Row[] = [
  { what: 'another transfer coding below chunked', answer: write(`${head('Transfer-Encoding: gzip, chunked')}2\r\nok\r\n0\r\n\r\n`), ends: PARSING }, // prettier-ignore
  { what: 'another transfer coding of no body', answer: write('HTTP/1.1 204 None\r\nTransfer-Encoding: gzip\r\n\r\n'), ends: PARSING }, // prettier-ignore
  { what: 'chunked twice', answer: write(`${head('Transfer-Encoding: chunked, chunked')}2\r\nok\r\n0\r\n\r\n`), ends: PARSING }, // prettier-ignore
  { what: 'a chunk size that is no number', answer: write(chunked('zz\r\nok\r\n0\r\n\r\n')), ends: PARSING },
  { what: 'a negative chunk size', answer: write(chunked('-2\r\nok\r\n0\r\n\r\n')), ends: PARSING },
  { what: 'an empty chunk size', answer: write(chunked('\r\nok\r\n0\r\n\r\n')), ends: PARSING },
  { what: 'a chunk size over 64 bits', answer: write(chunked('fffffffffffffffff\r\nok\r\n0\r\n\r\n')), ends: PARSING },
  { what: 'a chunk shorter than its size', answer: write(chunked('3\r\nok\r\n0\r\n\r\n')), ends: PARSING },
  { what: 'a chunk longer than its size', answer: write(chunked('1\r\nok\r\n0\r\n\r\n')), ends: PARSING },
  { what: 'a chunk that ends in a bare LF', answer: write(chunked('2\r\nok\n0\r\n\r\n')), ends: PARSING },
  { what: 'chunk extensions', answer: write(chunked('2;a=b;c="d e"\r\nok\r\n0\r\n\r\n')), ends: 'ok' },
  { what: 'an endless chunk extension', answer: endlessly(chunked('2;'), 'x'.repeat(65_536)), ends: PARSING },
  { what: 'trailers', answer: write(chunked('2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n')), ends: 'ok' },
  { what: 'endless trailers', answer: endlessly(chunked('2\r\nok\r\n0\r\n'), 'X-More: and more\r\n'.repeat(4096)), ends: PARSING }, // prettier-ignore
]

const heads: Row[] = [
  { what: 'no HTTP at all', answer: write('220 mail.test ESMTP\r\n'), ends: PARSING },
  { what: 'HTTP/0.9', answer: write('<html>ok</html>'), ends: PARSING },
  {
    what: 'HTTP/3.0 in the status line',
    answer: write('HTTP/3.0 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    ends: PARSING,
  },
  { what: 'a status of two digits', answer: write('HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok'), ends: PARSING },
  { what: 'a status of four digits', answer: write('HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok'), ends: PARSING },
  { what: 'no reason phrase', answer: write('HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok'), ends: 'ok' },
  { what: 'bare LF in the header section', answer: write('HTTP/1.1 200 OK\nContent-Length: 2\n\nok'), ends: PARSING },
  { what: 'a bare CR in a value', answer: write(`${head('X: a\rb', 'Content-Length: 2')}ok`), ends: PARSING },
  { what: 'NUL in a value', answer: write(`${head('X: a\0b', 'Content-Length: 2')}ok`), ends: PARSING },
  { what: 'NUL in a name', answer: write(`${head('X\0: a', 'Content-Length: 2')}ok`), ends: PARSING },
  { what: 'a space in front of the colon', answer: write(`${head('X : a', 'Content-Length: 2')}ok`), ends: PARSING },
  { what: 'a field without a name', answer: write(`${head(': a', 'Content-Length: 2')}ok`), ends: PARSING },
  { what: 'a line without a colon', answer: write(`${head('nonsense', 'Content-Length: 2')}ok`), ends: PARSING },
  { what: 'obs-fold', answer: write(`${head('X: a\r\n b', 'Content-Length: 2')}ok`), ends: PARSING },
  { what: 'an endless header section', answer: endlessly('HTTP/1.1 200 OK\r\n', 'X-More: and more\r\n'.repeat(4096)), ends: PARSING }, // prettier-ignore
  { what: 'an endless field', answer: endlessly('HTTP/1.1 200 OK\r\nX: ', 'x'.repeat(65_536)), ends: PARSING },
  { what: 'an endless reason phrase', answer: endlessly('HTTP/1.1 200 ', 'fine '.repeat(8192)), ends: PARSING },
  { what: 'endless 100s', answer: endlessly('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1024)), ends: PARSING },
  { what: 'endless 103s', answer: endlessly('', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(1024)), ends: PARSING }, // prettier-ignore
  { what: '101 that nobody asked for', answer: write('HTTP/1.1 101 Changed\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'), ends: PARSING }, // prettier-ignore
]

const extras: Row[] = [
  { what: 'garbage behind the response', answer: write(`${head('Content-Length: 2')}ok\0\0garbage`), ends: 'ok' },
  { what: 'another response behind it', answer: write(`${head('Content-Length: 2')}ok${head('Content-Length: 4')}evil`), ends: 'ok' }, // prettier-ignore
  { what: 'another response a little later', answer: (socket) => socket.write(`${head('Content-Length: 2')}ok`, () => socket.write(`${head('Content-Length: 4')}evil`)), ends: 'ok' }, // prettier-ignore
  { what: 'a body behind 204', answer: write('HTTP/1.1 204 None\r\n\r\nevil'), ends: '' },
  { what: 'a body behind 304', answer: write('HTTP/1.1 304 None\r\nContent-Length: 4\r\n\r\nevil'), ends: '' },
  { what: 'a close right behind the response', answer: writeAndEnd(`${head('Content-Length: 2')}ok`), ends: 'ok' },
]

const zeros = Buffer.alloc(64 * 1024 * 1024)
const bomb = (coding: string, body: Buffer): Row => ({
  what: `a bomb of ${coding}`,
  answer: write(head(`Content-Encoding: ${coding}`, `Content-Length: ${body.length}`), body),
  ends: ENCODING,
})
const encodings: Row[] = [
  bomb('gzip', gzipSync(zeros)),
  bomb('br', brotliCompressSync(zeros, { params: { 0: 1, 1: 1 } })),
  bomb('zstd', zstdCompressSync(zeros)),
  bomb('gzip, gzip', gzipSync(gzipSync(zeros))),
  { what: 'gzip that is none', answer: write(`${head('Content-Encoding: gzip', 'Content-Length: 4')}nope`), ends: ENCODING }, // prettier-ignore
  { what: 'gzip cut short', answer: write(head('Content-Encoding: gzip', 'Content-Length: 20'), gzipSync('long enough to be cut').subarray(0, 20)), ends: ENCODING }, // prettier-ignore
]

async function expectRow({ answer: given, ends }: Row): Promise<void> {
  answer = given
  if (typeof ends === 'string') expect((await load('/fault')).toString()).toBe(ends)
  else await expect(load('/fault')).rejects.toMatchObject({ domain: ends[0], code: ends[1] })
  await expectUnharmed()
}

describe.each([
  ['lengths', lengths],
  ['chunks', chunks],
  ['header sections', heads],
  ['what comes behind', extras],
  ['content codings', encodings],
])('%s:', (_group, rows) => {
  test.each(rows)('$what', expectRow)
})

/** Every byte class of a response, by name and in order. */
const WITH_LENGTH: readonly (readonly [part: string, bytes: string])[] = [
  ['version', 'HTTP/1.1'],
  ['status', ' 200 OK\r\n'],
  ['field name', 'Content-Type'],
  ['field value', ': text/plain\r\n'],
  ['length', 'Content-Length: 5\r\n'],
  ['end of the head', '\r\n'],
  ['body', 'hello'],
]
const CHUNKED: readonly (readonly [part: string, bytes: string])[] = [
  ['head', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['chunk size', '5'],
  ['chunk extension', ';a=b\r\n'],
  ['chunk data', 'hello'],
  ['end of the chunk', '\r\n'],
  ['last chunk', '0\r\n'],
  ['trailer', 'X-Sum: 1\r\n'],
  ['end of the body', '\r\n'],
]

const whole = (parts: typeof CHUNKED): string => parts.map(([, bytes]) => bytes).join('')
/** Where each part begins. */
const starts = (parts: typeof CHUNKED): { part: string; at: number }[] => {
  let at = 0
  return parts.map(([part, bytes]) => ({ part, at: (at += bytes.length) - bytes.length }))
}

describe.each([
  ['Content-Length', WITH_LENGTH],
  ['chunks', CHUNKED],
])('a response with %s', (_framing, parts) => {
  const response = whole(parts)
  const offsets = Array.from({ length: response.length }, (_, offset) => offset)

  test('that ends at any byte', async () => {
    for (const offset of offsets) {
      answer = writeAndEnd(response.slice(0, offset))
      const code = offset === 0 ? 'CONNECTION_CLOSED' : 'PARTIAL_INPUT'
      await expect(load('/fault'), `cut at ${offset}`).rejects.toMatchObject({ domain: IO, code })
    }
    await expectUnharmed()
  })

  test('whose connection is reset at any byte', async () => {
    for (const offset of offsets) {
      answer = (socket) => socket.write(response.slice(0, offset), () => socket.resetAndDestroy())
      await expect(load('/fault'), `reset at ${offset}`).rejects.toMatchObject({
        domain: IO,
        code: expect.stringMatching(/^(CONNECTION_CLOSED|PARTIAL_INPUT)$/) as string,
      })
    }
    await expectUnharmed()
  })

  test('that comes byte by byte', async () => {
    answer = (socket) => {
      socket.setNoDelay(true)
      const next = (offset: number): void => {
        if (offset < response.length) socket.write(response.charAt(offset), () => setImmediate(next, offset + 1))
      }
      next(0)
    }
    expect((await load('/fault')).toString()).toBe('hello')
    await expectUnharmed()
  })

  test('that stalls in any part', async () => {
    answer = (socket, request) => {
      const [, at = '0'] = /X-Stall-At: (\d+)/.exec(request.toString('latin1')) ?? []
      if (at !== '0') socket.write(response.slice(0, Number(at)))
    }
    const stalls = starts(parts).map(async ({ part, at }) => {
      const message = new Message('GET', `http://127.0.0.1:${server.port}/fault`)
      message.requestHeaders.append('X-Stall-At', String(at))
      await expect(session.sendAndRead(message), part).rejects.toMatchObject({ domain: IO, code: 'TIMED_OUT' })
    })
    await Promise.all(stalls)
    await expectUnharmed()
  })
})
