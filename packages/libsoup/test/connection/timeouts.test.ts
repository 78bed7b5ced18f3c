// Silence of the peer at every phase of a message, and silence that is not the peer's.

import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { SimpleProxyResolver, TlsDatabase } from '@wpe-networking/glib-gio'
import { CertificateAuthority, startUnacceptingServer, withRawServer } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import { Message, Session } from '../../src/index.ts'
import type { SessionOptions } from '../../src/index.ts'

const TIMEOUT = 0.15

async function load(uri: string, options: SessionOptions = {}, set?: (message: Message) => void): Promise<string> {
  using session = new Session({ timeout: TIMEOUT, proxyResolver: null, ...options })
  const message = new Message('PUT', uri)
  set?.(message)
  return (await session.sendAndRead(message)).toString()
}

const TIMED_OUT = { domain: 'g-io-error-quark', code: 'TIMED_OUT' }

describe('a peer that is silent', () => {
  test('instead of taking the connection', async () => {
    const server = await startUnacceptingServer()
    try {
      await expect(load(`http://127.0.0.1:${server.port}/`)).rejects.toMatchObject(TIMED_OUT)
    } finally {
      await server.close()
    }
  })

  test.each([
    { phase: 'in the TLS handshake', scheme: 'https', answer: '', message: /handshake/ },
    { phase: 'after the request', scheme: 'http', answer: '', message: /did not answer/ },
    { phase: 'in the header section', scheme: 'http', answer: 'HTTP/1.1 200 OK\r\nX', message: /did not answer/ },
    { phase: 'after 102', scheme: 'http', answer: 'HTTP/1.1 102 Processing\r\n\r\n', message: /did not answer/ },
    {
      phase: 'in the body',
      scheme: 'http',
      answer: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf',
      message: /stopped sending/,
    },
    {
      phase: 'between chunks',
      scheme: 'http',
      answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
      message: /stopped sending/,
    },
  ])('$phase', async ({ scheme, answer, message }) => {
    await withRawServer(
      (socket) => void socket.once('data', () => socket.write(answer)),
      async ({ port }) => {
        await expect(load(`${scheme}://localhost:${port}/`)).rejects.toMatchObject({ ...TIMED_OUT, message })
      },
    )
  })

  test('instead of reading the body', async () => {
    const server = createServer({ pauseOnConnect: true }, () => undefined)
    const sockets: Socket[] = []
    server.on('connection', (socket) => sockets.push(socket))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const endless = new Readable({ read: (): void => void endless.push(Buffer.alloc(65_536)) })
      const { port } = server.address() as { port: number }
      const sent = load(`http://127.0.0.1:${port}/`, {}, (message) => message.setRequestBody(null, endless))
      await expect(sent).rejects.toMatchObject(TIMED_OUT)
      expect(endless.destroyed).toBe(true)
    } finally {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    }
  })

  test.each(['http', 'https'])('as a proxy that is asked for %s', async (scheme) => {
    await withRawServer(
      () => undefined,
      async ({ port }) => {
        const proxyResolver = new SimpleProxyResolver(`http://127.0.0.1:${port}`)
        await expect(load(`${scheme}://example.org/`, { proxyResolver })).rejects.toMatchObject(TIMED_OUT)
      },
    )
  })

  test('as an https proxy in its handshake', async () => {
    const authority = await CertificateAuthority.create()
    await withRawServer(
      () => undefined,
      async ({ port }) => {
        const options = {
          proxyResolver: new SimpleProxyResolver(`https://localhost:${port}`),
          tlsDatabase: new TlsDatabase([authority.certificatePem]),
        }
        await expect(load('http://example.org/', options)).rejects.toMatchObject(TIMED_OUT)
      },
    )
  })
})

test('a source of the request body may take its time', async () => {
  const onSocket = (socket: Socket): void => {
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.endsWith('0\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
  }
  await withRawServer(onSocket, async ({ port }) => {
    const slow = Readable.from(
      (async function* () {
        yield Buffer.from('first')
        await new Promise((resolve) => setTimeout(resolve, TIMEOUT * 2500))
        yield Buffer.from('second')
      })(),
    )
    expect(await load(`http://127.0.0.1:${port}/`, {}, (message) => message.setRequestBody(null, slow))).toBe('ok')
  })
})

test('a reader of the response body may take its time', async () => {
  const size = 4_000_000
  const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`
  await withRawServer(
    (socket) => void socket.on('error', () => undefined).once('data', () => socket.write(answer)),
    async ({ port }) => {
      using session = new Session({ timeout: TIMEOUT, proxyResolver: null })
      const body = await session.send(new Message('GET', `http://127.0.0.1:${port}/`))
      await new Promise((resolve) => setTimeout(resolve, TIMEOUT * 2500))
      let read = 0
      for await (const chunk of body) read += (chunk as Buffer).length
      expect(read).toBe(size)
    },
  )
})
