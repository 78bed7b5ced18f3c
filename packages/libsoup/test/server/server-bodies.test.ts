import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { IOError } from '@wpe-networking/glib-gio'
import { Encoding, HTTPVersion, type ServerMessage } from '@wpe-networking/libsoup'
import { describe, expect, test } from 'vitest'
import { exchangeBytes, fetchAnswer, withServer } from './server-support.ts'

describe('the request body of a ServerMessage', () => {
  test('is collected, however it is framed', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => {
        message.setStatus(200)
        message.setResponse('text/plain', message.requestBody.flatten())
      })
      const chunked =
        'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'
      expect(await exchangeBytes(uri, chunked)).toMatch(/\r\n\r\nabcde$/)
      expect((await fetchAnswer(uri, { method: 'POST' }, Buffer.alloc(300_000, 'x'))).body.length).toBe(300_000)
    })
  })

  test.each([
    ['announces it', 'Content-Length: 11\r\n\r\n12345678901'],
    ['does not', 'Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n'],
  ])('is refused with 413 over the limit, when the client %s', async (_how, rest) => {
    await withServer({ maxRequestBodyBytes: 10 }, async (server, uri) => {
      let isCalled = false
      server.addHandler('/', () => {
        isCalled = true
      })
      const answer = await exchangeBytes(uri, `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${rest}`)
      expect(answer).toMatch(/^HTTP\/1\.1 413 /)
      expect(isCalled).toBe(false)
    })
  })

  test('can be a stream for an early handler, past the limit', async () => {
    await withServer({ maxRequestBodyBytes: 10 }, async (server, uri) => {
      server.addEarlyHandler('/', async (_server, message) => {
        const body = await text(message.takeRequestStream())
        message.setStatus(200)
        message.setResponse('text/plain', String(body.length))
      })
      const { status, body } = await fetchAnswer(uri, { method: 'PUT' }, Buffer.alloc(100_000, 'x'))
      expect([status, body.toString()]).toEqual([200, '100000'])
    })
  })

  test('can be read as a stream while the normal handler waits for its end', async () => {
    await withServer({}, async (server, uri) => {
      let body: Promise<string> | undefined
      server.addEarlyHandler('/', (_server, message) => {
        body = text(message.takeRequestStream())
      })
      server.addHandler('/', async (_server, message) => {
        message.setStatus(200)
        message.setResponse('text/plain', (await body) ?? '')
      })
      expect((await fetchAnswer(uri, { method: 'PUT' }, 'streamed')).body.toString()).toBe('streamed')
    })
  })

  test('is asked for with 100 Continue, unless an early handler has an answer', async () => {
    await withServer({}, async (server, uri) => {
      server.addEarlyHandler('/no', (_server, message) => message.setStatus(401))
      server.addHandler('/', (_server, message) => message.setStatus(204))
      const head = (path: string): string =>
        `PUT ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n`
      expect(await exchangeBytes(uri, head('/no'))).toMatch(/^HTTP\/1\.1 401 /)
      const { hostname, port } = new URL(uri)
      const socket = connect(Number(port), hostname, () => socket.write(head('/')))
      socket.setEncoding('latin1')
      expect((await once(socket, 'data'))[0]).toBe('HTTP/1.1 100 Continue\r\n\r\n')
      socket.write('x')
      expect((await once(socket, 'data'))[0]).toMatch(/^HTTP\/1\.1 204 /)
      socket.destroy()
    })
  })
})

describe('the response body of a ServerMessage', () => {
  test('goes out chunk by chunk as it is appended', async () => {
    await withServer({}, async (server, uri) => {
      const { promise: appended, resolve: sawFirst } = Promise.withResolvers<void>()
      server.addHandler('/', async (_server, message) => {
        message.setStatus(200)
        message.responseHeaders.encoding = Encoding.CHUNKED
        message.responseBody.append('one ')
        await appended // the client has the first chunk already
        message.responseBody.append('two')
        message.responseBody.complete()
      })
      const { hostname, port } = new URL(uri)
      const socket = connect(Number(port), hostname, () =>
        socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
      )
      socket.setEncoding('latin1')
      let received = ''
      socket.on('data', (data: string) => {
        received += data
        if (received.includes('4\r\none \r\n')) sawFirst()
      })
      await once(socket, 'close')
      expect(received).toContain('Transfer-Encoding: chunked')
      expect(received).toMatch(/\r\n\r\n4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n$/)
    })
  })

  test('ends with the connection for a client of HTTP/1.0', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => {
        message.setStatus(200)
        message.responseHeaders.encoding = Encoding.CHUNKED
        message.responseBody.append('whole')
        message.responseBody.complete()
      })
      const answer = await exchangeBytes(uri, 'GET / HTTP/1.0\r\n\r\n')
      expect(answer).not.toMatch(/transfer-encoding/i)
      expect(answer).toMatch(/\r\n\r\nwhole$/)
    })
  })

  test('ends with the connection where a handler asks for that', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', async (_server, message) => {
        message.setStatus(200)
        expect(message.responseHeaders.encoding).toBe(Encoding.CONTENT_LENGTH)
        message.responseHeaders.encoding = Encoding.EOF
        const wrote = once(message, 'wrote-chunk')
        message.responseBody.append('one ')
        await wrote
        message.responseBody.append('two')
        message.responseBody.complete()
      })
      const answer = await exchangeBytes(uri, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      expect(answer).toMatch(/Connection: close[^]*\r\n\r\none two$/)
      expect(answer).not.toMatch(/transfer-encoding|content-length/i)
    })
  })

  test('is fit for HTTP/1.0 where a handler says so', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => {
        message.httpVersion = HTTPVersion.HTTP_1_0
        expect(() => (message.httpVersion = HTTPVersion.HTTP_2_0)).toThrow(RangeError)
        message.setStatus(200)
        message.setResponseStream('text/plain', Readable.from(['one ', 'two']))
      })
      const answer = await exchangeBytes(uri, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      expect(answer).toMatch(/Connection: close[^]*\r\n\r\none two$/)
      expect(answer).not.toMatch(/transfer-encoding/i)
    })
  })

  test('is preceded by hints, which HTTP/1.0 does not know', async () => {
    await withServer({}, async (server, uri) => {
      const sent: boolean[] = []
      let informational = 0
      server.addHandler('/', (_server, message) => {
        message.on('wrote-informational', () => informational++)
        sent.push(message.sendEarlyHints(['</a.css>; rel=preload', '</b.js>; rel=preload']))
        if (message.httpVersion === HTTPVersion.HTTP_1_1) {
          expect(() => message.sendEarlyHints(['no link'])).toThrow(TypeError)
        }
        message.setStatus(204)
        message.on('wrote-headers', () => sent.push(message.sendEarlyHints(['</late>; rel=preload'])))
      })
      const get = (version: string): Promise<string> =>
        exchangeBytes(uri, `GET / HTTP/${version}\r\nHost: x\r\nConnection: close\r\n\r\n`)
      expect(await get('1.1')).toMatch(
        /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload, <\/b\.js>; rel=preload\r\n\r\nHTTP\/1\.1 204/,
      )
      expect(await get('1.0')).toMatch(/^HTTP\/1\.1 204/)
      expect([sent, informational]).toEqual([[true, false, false, false], 1])
    })
  })

  test('is left out of the answer to HEAD, its length is not', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => {
        message.setStatus(200)
        message.setResponse('text/plain', 'five!')
      })
      const { headers, body } = await fetchAnswer(uri, { method: 'HEAD' })
      expect([headers['content-length'], headers['content-type'], body.length]).toEqual(['5', 'text/plain', 0])
    })
  })

  test.each([204, 304])('does not exist with status %d, nor its length', async (status) => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => {
        message.setResponse('text/plain', 'never sent')
        message.setStatus(status)
      })
      const answer = await exchangeBytes(uri, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*\\r\\n\\r\\n$`))
      expect(answer).not.toMatch(/content-length|transfer-encoding/i)
    })
  })

  test('that is a stream is not read for HEAD', async () => {
    await withServer({}, async (server, uri) => {
      const source = Readable.from(['never sent'])
      server.addHandler('/', (_server, message) => {
        message.setStatus(200)
        message.setResponseStream('text/plain', source, 10)
      })
      const { headers, body } = await fetchAnswer(uri, { method: 'HEAD' })
      expect([headers['content-length'], body.length, source.destroyed]).toEqual(['10', 0, true])
    })
  })

  test.each([
    ['Transfer-Encoding', 'gzip', /^HTTP\/1\.1 500 [^]*\r\nContent-Length: 0\r\n[^]*\r\n\r\n$/],
    ['Transfer-Encoding', 'gzip, chunked', /^HTTP\/1\.1 500 [^]*\r\nContent-Length: 0\r\n[^]*\r\n\r\n$/],
    ['Content-Length', 'some', /^HTTP\/1\.1 500 [^]*\r\nContent-Length: 0\r\n[^]*\r\n\r\n$/],
    ['Transfer-Encoding', 'chunked', /^(?![^]*Content-Length)HTTP\/1\.1 200 [^]*\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/],
  ])('ends where the client takes it to end, with a %s of %s from the handler', async (name, value, expected) => {
    await withServer({}, async (server, uri) => {
      server.on('request-aborted', () => {})
      server.addHandler('/', (_server, message) => {
        if (name === 'Transfer-Encoding') message.responseHeaders.append('Content-Length', '3')
        message.responseHeaders.append(name, value)
        message.setStatus(200)
        message.setResponse('text/plain', 'hello')
      })
      expect(await exchangeBytes(uri, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(expected)
    })
  })

  test('waits while the message is paused', async () => {
    await withServer({}, async (server, uri) => {
      const order: string[] = []
      server.addHandler('/', async (_server, message) => {
        message.setStatus(200)
        message.responseHeaders.encoding = Encoding.CHUNKED
        message.on('wrote-chunk', () => order.push('wrote'))
        const wrote = once(message, 'wrote-chunk')
        message.responseBody.append('one ')
        await wrote
        message.pause()
        message.responseBody.append('two')
        message.responseBody.complete()
        setImmediate(() => {
          order.push('unpaused')
          message.unpause()
        })
      })
      expect((await fetchAnswer(uri)).body.toString()).toBe('one two')
      expect(order).toEqual(['wrote', 'unpaused', 'wrote'])
    })
  })

  test.each([
    ['less', 'ab'],
    ['more', 'abcdef'],
  ])('that is %s than its Content-Length is a 500, since a handler is at fault', async (_how, given) => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => {
        message.setStatus(200)
        message.responseHeaders.contentLength = 4
        message.responseBody.append(given)
        message.responseBody.complete()
      })
      const aborted = once(server, 'request-aborted')
      const { status, body } = await fetchAnswer(uri)
      expect([status, body.length]).toEqual([500, 0])
      const [, error] = (await aborted) as [ServerMessage, IOError]
      expect([error.domain, error.code]).toEqual(['g-io-error-quark', 'PARTIAL_INPUT'])
    })
  })

  test.each([
    ['less', ''],
    ['more', 'cdef'],
  ])('that turns out to be %s than its Content-Length breaks the response off', async (_how, rest) => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', async (_server, message) => {
        message.setStatus(200)
        message.responseHeaders.contentLength = 4
        const wrote = once(message, 'wrote-chunk')
        message.responseBody.append('ab')
        await wrote
        message.responseBody.append(rest)
        message.responseBody.complete()
      })
      const aborted = once(server, 'request-aborted')
      const { body, isComplete } = await fetchAnswer(uri)
      expect([body.toString(), isComplete]).toEqual(['ab', false])
      const [, error] = (await aborted) as [ServerMessage, IOError]
      expect([error.domain, error.code]).toEqual(['g-io-error-quark', 'PARTIAL_INPUT'])
    })
  })

  test('can be a stream, read no faster than the client takes it', async () => {
    await withServer({}, async (server, uri) => {
      const block = Buffer.alloc(65_536, 'x')
      const total = 512 * block.length
      let made = 0
      server.addHandler('/', (_server, message) => {
        message.setStatus(200)
        const source = new Readable({
          read() {
            made += block.length
            this.push(made <= total ? block : null)
          },
        })
        message.setResponseStream('application/octet-stream', source, total)
      })
      const { hostname, port } = new URL(uri)
      const socket = connect(Number(port), hostname, () =>
        socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
      )
      let received = 0
      let mostAhead = 0
      for await (const data of socket as AsyncIterable<Buffer>) {
        received += data.length
        mostAhead = Math.max(mostAhead, made - received)
      }
      expect(received).toBeGreaterThan(total)
      // The kernel's two buffers and ours; a source read without regard to the client is 32 MiB ahead at once.
      expect(mostAhead).toBeLessThan(total / 2)
    })
  })

  test('that is a stream which fails breaks the response off, and which nobody reads on is destroyed', async () => {
    await withServer({}, async (server, uri) => {
      const failing = Readable.from(
        (async function* () {
          yield 'a piece'
          throw new Error('the disk is gone')
        })(),
      )
      const endless = new Readable({
        read() {
          this.push('x'.repeat(1000))
        },
      })
      server.addHandler('/failing', (_server, message) => {
        message.setStatus(200)
        message.setResponseStream('text/plain', failing)
      })
      server.addHandler('/endless', (_server, message) => {
        message.setStatus(200)
        message.setResponseStream('text/plain', endless)
      })
      const aborted = once(server, 'request-aborted')
      const { body, isComplete } = await fetchAnswer(new URL('/failing', uri))
      expect([body.toString(), isComplete]).toEqual(['a piece', false])
      expect(((await aborted)[1] as Error).message).toBe('the disk is gone')
      const closed = once(endless, 'close')
      const { hostname, port } = new URL(uri)
      const socket = connect(Number(port), hostname, () => socket.write('GET /endless HTTP/1.1\r\nHost: x\r\n\r\n'))
      await once(socket, 'data')
      socket.destroy()
      await closed
    })
  })
})
