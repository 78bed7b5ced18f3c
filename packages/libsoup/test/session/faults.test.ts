import { once } from 'node:events'
import type { Socket } from 'node:net'
import { finished } from 'node:stream/promises'
import { withRawServer } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import { Message, Session } from '../../src/index.ts'

/** Answers the first bytes of each connection with `answer`, then does `then` to the socket. */
function answering(
  answer: string | Buffer,
  then: (socket: Socket) => void = () => undefined,
): (socket: Socket) => void {
  return (socket) => {
    socket.once('data', () => {
      if (answer.length > 0) socket.write(answer)
      then(socket)
    })
  }
}

const end = (socket: Socket): void => void socket.end()
const reset = (socket: Socket): void => void socket.resetAndDestroy()

/** Writes `chunk` again and again, as fast as it is read. */
function endlessly(chunk: string): (socket: Socket) => void {
  return (socket) => {
    const write = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', write)
    socket.on('error', () => undefined)
    write()
  }
}

interface Fault {
  readonly name: string
  readonly server: (socket: Socket) => void
  readonly domain: string
  readonly code: string
  readonly message: RegExp
}

const SOUP = 'soup-session-error-quark'
const IO = 'g-io-error-quark'

const faults: readonly Fault[] = [
  {
    name: 'bytes that are no HTTP',
    server: answering('SSH-2.0-OpenSSH_9.6\r\n', end),
    domain: SOUP,
    code: 'PARSING',
    message: /not an HTTP response/,
  },
  {
    name: 'a status below 100',
    server: answering('HTTP/1.1 099 Early\r\nContent-Length: 0\r\n\r\n', end),
    domain: SOUP,
    code: 'PARSING',
    message: /not an HTTP response/,
  },
  {
    name: 'an empty reply',
    server: answering('', end),
    domain: IO,
    code: 'CONNECTION_CLOSED',
    message: /closed the connection unexpectedly/,
  },
  {
    name: 'a connection closed within the status line',
    server: answering('HTTP/1.1 20', end),
    domain: IO,
    code: 'PARTIAL_INPUT',
    message: /middle of the response headers/,
  },
  {
    name: 'a connection closed within the headers',
    server: answering('HTTP/1.1 200 OK\r\nContent-Le', end),
    domain: IO,
    code: 'PARTIAL_INPUT',
    message: /middle of the response headers/,
  },
  {
    name: 'a body shorter than its Content-Length',
    server: answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort', end),
    domain: IO,
    code: 'PARTIAL_INPUT',
    message: /before the whole response body/,
  },
  {
    name: 'a body shorter than its Content-Length on a connection that is to be closed',
    server: answering('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\nshort', end),
    domain: IO,
    code: 'PARTIAL_INPUT',
    message: /before the whole response body/,
  },
  {
    name: 'a chunked body without its last chunk',
    server: answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', end),
    domain: IO,
    code: 'PARTIAL_INPUT',
    message: /before the whole response body/,
  },
  {
    name: 'a chunked body with a chunk size that is no number',
    server: answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n', end),
    domain: SOUP,
    code: 'PARSING',
    message: /not framed/,
  },
  {
    name: 'a reset instead of an answer',
    server: answering('', reset),
    domain: IO,
    code: 'CONNECTION_CLOSED',
    message: /reset/,
  },
  {
    name: 'two different lengths',
    server: answering('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx', end),
    domain: SOUP,
    code: 'PARSING',
    message: /not an HTTP response/,
  },
  {
    name: 'one header of more than 256 KiB',
    server: answering(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(300 * 1024)}\r\n\r\n`, end),
    domain: SOUP,
    code: 'PARSING',
    message: /header section of the response is over 256 KiB/,
  },
  {
    name: 'endless headers',
    server: answering('HTTP/1.1 200 OK\r\n', endlessly('X-More: and more\r\n')),
    domain: SOUP,
    code: 'PARSING',
    message: /over 256 KiB/,
  },
  {
    name: 'an endless reason phrase',
    server: answering('HTTP/1.1 200 ', endlessly('fine '.repeat(1000))),
    domain: SOUP,
    code: 'PARSING',
    message: /over 256 KiB/,
  },
  {
    name: 'informational responses without end',
    server: answering('', endlessly('HTTP/1.1 102 Processing\r\n\r\n')),
    domain: SOUP,
    code: 'PARSING',
    message: /informational responses/,
  },
  {
    name: 'an upgrade nobody asked for',
    server: answering('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    domain: SOUP,
    code: 'PARSING',
    message: /not an HTTP response/,
  },
]

describe('a server that breaks the rules', () => {
  test.each(faults)('with $name ends in $code', async ({ server, domain, code, message }) => {
    await withRawServer(server, async ({ port }) => {
      using session = new Session()
      const failed = session.sendAndRead(new Message('GET', `http://127.0.0.1:${port}/`))
      await expect(failed).rejects.toMatchObject({ domain, code, message: expect.stringMatching(message) as string })
    })
  })

  test('a truncated body is an error of the stream, after the part that came', async () => {
    await withRawServer(answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort', end), async ({ port }) => {
      using session = new Session()
      const body = await session.send(new Message('GET', `http://127.0.0.1:${port}/`))
      let read = ''
      body.setEncoding('utf8').on('data', (part: string) => (read += part))
      await expect(finished(body)).rejects.toMatchObject({ domain: IO, code: 'PARTIAL_INPUT' })
      expect(read).toBe('short')
    })
  })

  test('the part that came waits for a reader who is late', async () => {
    await withRawServer(answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort', end), async ({ port }) => {
      using session = new Session()
      const message = new Message('GET', `http://127.0.0.1:${port}/`)
      const over = once(session, 'request-unqueued')
      const body = await session.send(message)
      await over
      const parts: string[] = []
      const reading = (async () => {
        for await (const part of body) parts.push(String(part))
      })()
      await expect(reading).rejects.toMatchObject({ domain: IO, code: 'PARTIAL_INPUT' })
      expect(parts).toEqual(['short'])
    })
  })

  test('headers of just under 256 KiB are taken', async () => {
    const value = 'x'.repeat(250 * 1024)
    const answer = `HTTP/1.1 200 OK\r\nX-Long: ${value}\r\nContent-Length: 300000\r\n\r\n${'y'.repeat(300_000)}`
    await withRawServer(answering(answer), async ({ port }) => {
      using session = new Session()
      const message = new Message('GET', `http://127.0.0.1:${port}/`)
      expect((await session.sendAndRead(message)).length).toBe(300_000)
      expect(message.responseHeaders.getOne('x-long')).toBe(value)
    })
  })
})

describe('what never gets to a server', () => {
  test('a refused connection keeps the domain and code of gio', async () => {
    const port = await withRawServer(end, async (server) => server.port)
    using session = new Session()
    await expect(session.sendAndRead(new Message('GET', `http://127.0.0.1:${port}/`))).rejects.toMatchObject({
      domain: IO,
      code: 'CONNECTION_REFUSED',
    })
  })

  test('a host that does not exist keeps the domain and code of the resolver', async () => {
    using session = new Session()
    await expect(session.sendAndRead(new Message('GET', 'http://no-such-host.invalid/'))).rejects.toMatchObject({
      domain: 'g-resolver-error-quark',
      code: 'NOT_FOUND',
    })
  })

  test.each(['ftp://127.0.0.1/', 'data:,hello', 'http:///nohost'])('%s is no URI a session loads', async (uri) => {
    using session = new Session()
    const send = async (): Promise<unknown> => session.sendAndRead(new Message('GET', uri))
    await expect(send()).rejects.toMatchObject({
      code: expect.stringMatching(/UNSUPPORTED_URI_SCHEME|BAD_HOST|FAILED/) as string,
    })
  })

  test('a message cannot be sent twice at a time', async () => {
    await withRawServer(answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), async ({ port }) => {
      using session = new Session()
      const message = new Message('GET', `http://127.0.0.1:${port}/`)
      const first = session.sendAndRead(message)
      await expect(session.sendAndRead(message)).rejects.toMatchObject({
        domain: SOUP,
        code: 'MESSAGE_ALREADY_IN_QUEUE',
      })
      expect((await first).toString()).toBe('ok')
    })
  })
})
