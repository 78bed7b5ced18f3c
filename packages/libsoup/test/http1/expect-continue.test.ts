// `Expect: 100-continue` on HTTP/1, through a session.

import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { withRawServer, withServer } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import { Message, Session } from '../../src/index.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

/** A server that answers by hand: `onText` gets all that came so far. */
function reading(onText: (socket: Socket, text: string) => void): (socket: Socket) => void {
  return (socket) => {
    let text = ''
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => onText(socket, (text += chunk.toString())))
  }
}

function put(uri: string, body: string | Readable = 'data', length?: number): Message {
  const message = new Message('PUT', uri)
  if (typeof body === 'string') message.setRequestBodyFromBytes('text/plain', Buffer.from(body))
  else message.setRequestBody('text/plain', body, length)
  message.requestHeaders.append('Expect', '100-continue')
  return message
}

describe('over HTTP/1, an expectation', () => {
  test('is not answered by another protocol', async () => {
    const server = reading((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')
    })
    await withRawServer(server, async ({ port }) => {
      using session = new Session({ proxyResolver: null, timeout: 0 })
      const answer = session.sendAndRead(put(`http://127.0.0.1:${port}/`))
      await expect(answer).rejects.toMatchObject({ code: 'PARSING' })
    })
  })

  test.each([
    { what: 'bytes', body: (): string => 'data', sent: /Content-Length: 4\r\n[^]*\r\n\r\ndata$/ },
    { what: 'a stream', body: () => Readable.from([Buffer.from('da'), Buffer.from('ta')]), sent: /chunked\r\n/ },
  ])('holds $what back until 100 Continue', async ({ body, sent }) => {
    let head = ''
    let all = ''
    const server = reading((socket, text) => {
      all = text
      if (head === '' && text.endsWith('\r\n\r\n')) {
        head = text
        socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n')
        setImmediate(() => socket.write(CONTINUE))
      } else if (/data$|0\r\n\r\n$/.test(text)) socket.write(OK)
    })
    await withRawServer(server, async ({ port }) => {
      using session = new Session({ proxyResolver: null })
      const message = put(`http://127.0.0.1:${port}/up`, body())
      const events: string[] = []
      message.on('got-informational', () => events.push(`${message.statusCode}`))
      for (const name of ['starting', 'wrote-headers', 'wrote-body', 'got-headers', 'got-body'] as const) {
        message.on(name, () => events.push(name))
      }
      expect((await session.sendAndRead(message)).toString()).toBe('ok')
      expect(head).toMatch(/^PUT \/up HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\n/)
      expect(head).toMatch(/\r\nExpect: 100-continue\r\n/)
      expect(head.match(/content-length|transfer-encoding/gi)).toHaveLength(1)
      expect(all).toMatch(sent)
      expect(events).toEqual(['starting', 'wrote-headers', '103', '100', 'wrote-body', 'got-headers', 'got-body'])
    })
  })

  test('that is not met in a second is overlooked', async () => {
    const server = reading((socket, text) => void (text.endsWith('data') && socket.write(OK)))
    await withRawServer(server, async ({ port }) => {
      using session = new Session({ proxyResolver: null })
      const before = performance.now()
      expect((await session.sendAndRead(put(`http://127.0.0.1:${port}/`))).toString()).toBe('ok')
      expect(performance.now() - before).toBeGreaterThan(990)
    })
  })

  test('that is refused leaves the body unsent, and a stream unread', async () => {
    let received = ''
    const server = reading((socket, text) => {
      received = text
      socket.write('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno')
    })
    await withRawServer(server, async (server) => {
      using session = new Session({ proxyResolver: null })
      const message = put(`http://127.0.0.1:${server.port}/`, Readable.from([Buffer.from('secret')]))
      expect((await session.sendAndRead(message)).toString()).toBe('no')
      expect(message.statusCode).toBe(417)
      expect(message.requestBody?.isRestartable).toBe(true)
      await server.connectionClosed()
      expect(received).not.toContain('secret')
    })
  })

  test('takes a connection of its own, beside kept ones', async () => {
    await withServer(
      (request, response) => void request.resume().on('end', () => response.end(`${request.method}`)),
      async (server) => {
        using session = new Session({ proxyResolver: null })
        await session.sendAndRead(new Message('GET', server.origin))
        expect((await session.sendAndRead(put(server.origin))).toString()).toBe('PUT')
        const after = new Message('GET', server.origin)
        expect((await session.sendAndRead(after)).toString()).toBe('GET')
        expect(after.isConnectionReused).toBe(true)
        expect(server.connectionCount).toBe(2)
        const bodiless = new Message('GET', server.origin)
        bodiless.requestHeaders.append('Expect', '100-continue')
        await session.sendAndRead(bodiless)
        expect(bodiless.isConnectionReused).toBe(true)
      },
    )
  })

  test.each([
    { what: 'no answer', answer: '', domain: 'g-io-error-quark', code: 'CONNECTION_CLOSED' },
    { what: 'something else', answer: 'SSH-2.0\r\n', domain: 'soup-session-error-quark', code: 'PARSING' },
    {
      what: 'half a body',
      answer: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf',
      domain: 'g-io-error-quark',
      code: 'PARTIAL_INPUT',
    },
    {
      what: 'bad chunks',
      answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      domain: 'soup-session-error-quark',
      code: 'PARSING',
    },
    {
      what: 'endless informational responses',
      answer: 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(100),
      domain: 'soup-session-error-quark',
      code: 'PARSING',
    },
    {
      what: 'a header of more than 256 KiB',
      answer: `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(300_000)}\r\n\r\n`,
      domain: 'soup-session-error-quark',
      code: 'PARSING',
    },
  ])('with $what ends in $code', async ({ answer, domain, code }) => {
    const server = reading((socket) => void socket.end(answer))
    await withRawServer(server, async ({ port }) => {
      using session = new Session({ proxyResolver: null })
      const sent = session.sendAndRead(put(`http://127.0.0.1:${port}/`))
      await expect(sent).rejects.toMatchObject({ domain, code })
    })
  })

  test('and silence ends in TIMED_OUT; a body of another length in INVALID_ARGUMENT', async () => {
    await withRawServer(
      reading(() => undefined),
      async ({ port }) => {
        using session = new Session({ proxyResolver: null, timeout: 0.1 })
        const silent = session.sendAndRead(put(`http://127.0.0.1:${port}/`))
        await expect(silent).rejects.toMatchObject({ code: 'TIMED_OUT' })
      },
    )
    await withRawServer(
      reading((socket) => void socket.write(CONTINUE)),
      async ({ port }) => {
        using session = new Session({ proxyResolver: null })
        for (const length of [3, 5]) {
          const body = Readable.from([Buffer.from('data')])
          const sent = session.sendAndRead(put(`http://127.0.0.1:${port}/`, body, length))
          await expect(sent).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
        }
      },
    )
  })

  test('can be cancelled at every stage', async () => {
    await withRawServer(
      reading((socket) => void socket.write(CONTINUE)),
      async (server) => {
        using session = new Session({ proxyResolver: null })
        for (const stage of ['wrote-headers', 'got-informational', 'wrote-body'] as const) {
          const message = put(`http://127.0.0.1:${server.port}/`)
          message.on(stage, () => session.cancelMessage(message))
          await expect(session.sendAndRead(message)).rejects.toMatchObject({ code: 'CANCELLED' })
        }
      },
    )
  })
})
