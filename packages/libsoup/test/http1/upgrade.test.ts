// Upgrades, CONNECT and trailers on the wire of HTTP/1, below the session.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import { withRawServer } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import { connectWire } from './recording-observer.ts'
import type { Wire } from './recording-observer.ts'

/** Answers the nth request of the connection with the nth of `answers`; what comes after them is echoed. */
async function withAnswers(
  answers: readonly string[],
  use: (wire: Wire, requests: readonly string[]) => Promise<void>,
): Promise<void> {
  const requests: string[] = []
  const serve = (socket: Socket): void => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      const answer = answers[requests.length]
      if (answer === undefined) socket.write(chunk)
      else {
        requests.push(chunk.toString())
        socket.write(answer)
      }
    })
  }
  await withRawServer(serve, async ({ port }) => {
    const wire = await connectWire(port)
    try {
      await use(wire, requests)
    } finally {
      wire.socket.destroy()
    }
  })
}

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-A: b\r\n\r\n'

describe('a request for another protocol', () => {
  test('gives the stream with what came behind the response, and the connection is gone', async () => {
    await withAnswers([`${SWITCHING}first`], async (wire, requests) => {
      const observer = await wire.send('GET', 'http://example.org/chat', 'echo')
      expect(requests[0]).toMatch(/^GET \/chat HTTP\/1\.1\r\n/)
      expect(requests[0]?.toLowerCase()).toContain('\r\nconnection: upgrade\r\nupgrade: echo\r\n')
      expect(observer.status).toBe(101)
      expect(observer.headers?.getOne('X-A')).toBe('b')
      expect(observer.heard).toEqual(['requestStarted', 'wroteHeaders', 'wroteBody', 'responseStarted', 'upgraded'])
      expect(wire.told).toEqual(['ioClosed'])
      expect(wire.io.isReady).toBe(false)
      const { stream } = observer
      expect(String(await once(stream as Socket, 'data'))).toBe('first')
      stream?.write('ping')
      expect(String(await once(stream as Socket, 'data'))).toBe('ping')
    })
  })

  test('that is refused is an ordinary response, and the connection lives on', async () => {
    const refused = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno'
    await withAnswers([refused, SWITCHING], async (wire) => {
      const first = await wire.send('GET', 'http://example.org/chat', 'echo')
      expect([first.status, first.body, first.heard.at(-1)]).toEqual([401, 'no', 'gotBody'])
      expect(wire.told).toEqual(['ioReady'])
      const second = await wire.send('GET', 'http://example.org/chat', 'echo')
      expect(second.status).toBe(101)
    })
  })

  test('that nobody asked for is no HTTP', async () => {
    await withAnswers([SWITCHING], async (wire) => {
      const observer = await wire.send('GET', 'http://example.org/')
      expect(observer.failure?.error).toMatchObject({ code: 'PARSING' })
    })
  })
})

describe('CONNECT', () => {
  test('names host and port, and gives the tunnel', async () => {
    await withAnswers(['HTTP/1.1 200 Connection established\r\n\r\nhello'], async (wire, requests) => {
      const observer = await wire.send('CONNECT', 'https://example.org/ignored')
      expect(requests[0]).toMatch(/^CONNECT example\.org:443 HTTP\/1\.1\r\nhost: example\.org/)
      expect(observer.heard.at(-1)).toBe('upgraded')
      const { stream } = observer
      expect(String(await once(stream as Socket, 'data'))).toBe('hello')
      stream?.write('ping')
      expect(String(await once(stream as Socket, 'data'))).toBe('ping')
    })
  })

  test.each([
    { framing: 'a length', answer: 'HTTP/1.1 407 Who\r\nX-A: b\r\nContent-Length: 4\r\n\r\nbody' },
    {
      framing: 'chunks',
      answer: 'HTTP/1.1 407 Who\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n',
    },
  ])('that is refused with $framing is an ordinary response; the connection can be asked again', async ({ answer }) => {
    const opened = 'HTTP/1.1 200 OK\r\n\r\n'
    await withAnswers([answer, answer, opened], async (wire, requests) => {
      for (let i = 0; i < 2; i++) {
        const observer = await wire.send('CONNECT', 'http://[::1]:8080/')
        expect([observer.status, observer.body, observer.headers?.getOne('X-A')]).toEqual([407, 'body', 'b'])
        expect(observer.heard).toEqual([
          'requestStarted',
          'wroteHeaders',
          'wroteBody',
          'responseStarted',
          'gotHeaders',
          'gotBodyData',
          'gotBody',
        ])
        expect(wire.io.isReady).toBe(true)
      }
      const observer = await wire.send('CONNECT', 'http://[::1]:8080/')
      expect(requests[2]).toMatch(/^CONNECT \[::1\]:8080 HTTP\/1\.1\r\n/)
      expect(observer.heard.at(-1)).toBe('upgraded')
      observer.stream?.write('ping')
      expect(String(await once(observer.stream as Socket, 'data'))).toBe('ping')
      expect(observer.stream).toBe(wire.socket)
    })
  })

  test('that is refused until the connection ends closes it', async () => {
    const serve = (socket: Socket): void =>
      void socket.once('data', () => {
        socket.write('HTTP/1.1 502 Bad\r\nConnection: close\r\n\r\nbo')
        setImmediate(() => socket.end('dy'))
      })
    await withRawServer(serve, async ({ port }) => {
      const wire = await connectWire(port)
      const observer = await wire.send('CONNECT', 'http://example.org/')
      expect([observer.status, observer.body]).toEqual([502, 'body'])
      await once(wire.socket, 'close')
      expect(wire.told).toEqual(['ioClosed'])
    })
  })

  test('whose refusal breaks off fails as any response does', async () => {
    const serve = (socket: Socket): void =>
      void socket.once('data', () => socket.end('HTTP/1.1 407 Who\r\nContent-Length: 9\r\n\r\nbo'))
    await withRawServer(serve, async ({ port }) => {
      const wire = await connectWire(port)
      const observer = await wire.send('CONNECT', 'http://example.org/')
      expect(observer.failure?.error).toMatchObject({ code: 'PARTIAL_INPUT' })
    })
  })
})

test('trailers come before the end of the body, and are no headers', async () => {
  const answer =
    'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n'
  await withAnswers([answer], async (wire) => {
    const observer = await wire.send('GET', 'http://example.org/')
    expect(observer.trailers?.getOne('x-sum')).toBe('7')
    expect(observer.headers?.getOne('x-sum')).toBeNull()
    expect(observer.heard.slice(-3)).toEqual(['gotBodyData', 'gotTrailers', 'gotBody'])
  })
})
