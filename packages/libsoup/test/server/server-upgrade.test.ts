import { once } from 'node:events'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import {
  WebsocketConnection,
  WebsocketConnectionType,
  WebsocketDataType,
  type Server,
  type ServerMessage,
} from '@wpe-networking/libsoup'
import { describe, expect, test } from 'vitest'
import { exchangeBytes, fetchAnswer, withServer } from './server-support.ts'

/** Sends `bytes` and waits until the answer has `until`; gives the socket and what came. */
async function open(uri: string, bytes: string, until: string) {
  const { hostname, port } = new URL(uri)
  const socket = connect(Number(port), hostname, () => socket.write(bytes))
  socket.on('error', () => {})
  let received = ''
  while (!received.includes(until)) received += String((await once(socket, 'data'))[0])
  return { socket, received }
}

function echoTo(stream: Duplex): void {
  stream.on('data', (data: Buffer) => stream.write(`<${data.toString()}>`)).on('end', () => stream.end())
}

describe('a connection of a Server', () => {
  test('can be taken over for a CONNECT, with what the client sent ahead', async () => {
    await withServer({}, async (server, uri) => {
      const ended: string[] = []
      server.on('request-finished', () => ended.push('finished')).on('request-aborted', () => ended.push('aborted'))
      server.addHandler('/', (_server, message) => {
        message.on('finished', () => ended.push('message'))
        expect([message.method, message.uri.host, message.uri.port]).toEqual(['CONNECT', 'example.org', 443])
        const stream = message.stealConnection()
        stream.write('HTTP/1.1 200 Connected\r\n\r\n')
        echoTo(stream)
      })
      const request = 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\nahead'
      const { socket, received } = await open(uri, request, '<ahead>')
      expect(received).toBe('HTTP/1.1 200 Connected\r\n\r\n<ahead>')
      expect(ended).toEqual(['message'])
      // It is nobody's business but its owner's from now on.
      await server.disconnect()
      socket.write('more')
      expect(String((await once(socket, 'data'))[0])).toBe('<more>')
      socket.end()
      await once(socket, 'close')
    })
  })

  test('can be taken over for an Upgrade once 101 was sent', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => {
        message.setStatus(101)
        message.responseHeaders.append('Upgrade', 'echo')
        message.responseHeaders.append('Connection', 'Upgrade')
        message.on('wrote-informational', () => echoTo(message.stealConnection()))
      })
      const request = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhi'
      const { socket, received } = await open(uri, request, '<hi>')
      expect(received).toBe('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n<hi>')
      socket.destroy()
    })
  })

  test("is not silent to death once it is somebody else's", async () => {
    await withServer({ idleTimeout: 0.05 }, async (server, uri) => {
      const { promise, resolve } = Promise.withResolvers<Duplex>()
      server.addHandler('/', (_server, message) => resolve(message.stealConnection()))
      const { hostname, port } = new URL(uri)
      const socket = connect(Number(port), hostname, () => socket.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'))
      const stream = await promise
      await new Promise((done) => setTimeout(done, 200))
      stream.end('still here')
      expect(await text(socket)).toBe('still here')
    })
  })

  test('stays HTTP when a handler answers a request for an upgrade otherwise', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => {
        message.setStatus(200)
        message.setResponse('text/plain', 'no thanks')
      })
      const upgrade = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n'
      const finished = once(server, 'request-finished')
      expect(await exchangeBytes(uri, upgrade)).toMatch(/^HTTP\/1\.1 200 OK[^]*Connection: close[^]*\r\n\r\nno thanks$/)
      await finished
      const connected = 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'
      server.addHandler('/', (_server, message) => message.setStatus(403))
      expect(await exchangeBytes(uri, connected)).toMatch(/^HTTP\/1\.1 403 [^]*\r\n\r\n$/)
    })
  })

  test('serves a client that would upgrade to h2c, or has a body', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => {
        message.setStatus(200)
        message.setResponse('text/plain', `${message.method} ${message.requestBody.data.toString()}`)
      })
      const h2c = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n'
      const post = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: a\r\nContent-Length: 2\r\n\r\nhi'
      expect(await exchangeBytes(uri, h2c)).toMatch(/^HTTP\/1\.1 200 [^]*Connection: close[^]*GET $/)
      expect(await exchangeBytes(uri, post)).toMatch(/^HTTP\/1\.1 200 [^]*Connection: close[^]*POST hi$/)
    })
  })

  test('stays HTTP while an earlier request is being answered', async () => {
    await withServer({}, async (server, uri) => {
      const served: string[] = []
      server.addHandler('/', async (_server, message) => {
        served.push(`${message.method} ${message.canStealConnection}`)
        await new Promise((resolve) => setImmediate(resolve))
        message.setResponse('text/plain', '.'.repeat(1_000_000))
        message.setStatus(200)
      })
      const first = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
      const upgrade = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n'
      const both = await exchangeBytes(uri, first + upgrade)
      expect(both.match(/HTTP\/1\.1 200 OK[^]*?\.{1000000}/g)).toHaveLength(2)
      // A CONNECT has no other meaning than leaving: it ends the connection instead.
      const connected = await exchangeBytes(uri, `${first}${first}CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nahead`)
      expect(connected.match(/HTTP\/1\.1 200 OK[^]*?\.{1000000}/g)).toHaveLength(2)
      expect(served).toEqual(['GET false', 'GET false', 'GET false', 'GET false'])
    })
  })

  test('is closed when the rest of a request that waits for its turn will not come', async () => {
    await withServer({}, async (server, uri) => {
      const { promise: ended, resolve: end } = Promise.withResolvers<void>()
      server.addHandler('/', async (_server, message) => {
        await ended
        message.setStatus(204)
      })
      const started = once(server, 'request-started')
      const { hostname, port } = new URL(uri)
      const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
      socket.end('GET / HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf')
      // The end has come when the server has read past all of it.
      const [message] = (await started) as [ServerMessage]
      await once(message.socket as Duplex, 'end')
      end()
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 204 [^]*\r\n\r\n$/)
      socket.destroy()
    })
  })

  test.each([
    ['with an unknown expectation', 'GET / HTTP/1.1\r\nHost: x\r\nExpect: magic\r\n\r\n', 417],
    ['without a Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ])('does not change hands behind a request %s', async (_what, refused, status) => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => message.setStatus(204))
      const upgrade = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n'
      for (const next of [upgrade, 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n']) {
        expect(await exchangeBytes(uri, refused + next)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
      }
    })
  })

  test('has no body for a CONNECT, whatever its fields say', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => {
        const stream = message.stealConnection()
        stream.write('taken ')
        echoTo(stream)
      })
      const request = 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 3\r\n\r\nabc'
      const { socket, received } = await open(uri, request, '<abc>')
      expect(received).toBe('taken <abc>')
      socket.destroy()
    })
  })

  test('is not upgraded with a reason phrase that would be a field', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', (_server, message) => message.setStatus(101, 'Switching\r\nX: y'))
      server.on('request-aborted', () => {})
      const upgrade = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n'
      expect(await exchangeBytes(uri, upgrade)).toMatch(/^HTTP\/1\.1 500 /)
    })
  })

  test('is not given away for any other request', async () => {
    await withServer({}, async (server, uri) => {
      let error: unknown
      server.addHandler('/', (_server, message) => {
        expect(message.canStealConnection).toBe(false)
        try {
          message.stealConnection()
        } catch (thrown) {
          error = thrown
        }
        message.setStatus(204)
      })
      expect((await fetchAnswer(uri)).status).toBe(204)
      expect(error).toMatchObject({ domain: 'g-io-error-quark', code: 'NOT_SUPPORTED' })
    })
  })
})

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

function handshake(path: string, fields = ''): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n${fields}\r\n`
  )
}

async function withEcho(use: (server: Server, uri: string) => Promise<void>): Promise<void> {
  await withServer({}, async (server, uri) => {
    server.addWebsocketHandler('/ws', null, ['echo', 'other'], (_server, message, path, connection) => {
      connection.on('message', (_type, data) => {
        connection.sendText(`${path} ${String(connection.protocol)} ${message.method} ${data.toString()}`)
      })
    })
    await use(server, uri)
  })
}

describe('a WebSocket handler', () => {
  test('gets the connection of a handshake', async () => {
    await withEcho(async (_server, uri) => {
      const request = handshake('/ws/deep', 'Sec-WebSocket-Protocol: other, echo\r\n')
      const { socket, received } = await open(uri, request, '\r\n\r\n')
      expect(received).toMatch(/^HTTP\/1\.1 101 /)
      expect(received).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
      expect(received).toContain('Sec-WebSocket-Protocol: echo')
      const client = new WebsocketConnection(socket, 'ws://x/ws', WebsocketConnectionType.CLIENT)
      const answer = once(client, 'message')
      client.sendText('hello')
      const [type, data] = (await answer) as [WebsocketDataType, Buffer]
      expect([type, data.toString()]).toEqual([WebsocketDataType.TEXT, '/ws/deep echo GET hello'])
      const closed = once(client, 'closed')
      client.close(1000, null)
      await closed
    })
  })

  test('refuses what is no handshake, the wrong origin, and runs after a normal handler', async () => {
    await withEcho(async (server, uri) => {
      server.addWebsocketHandler('/origin', 'https://good.example', null, () => {})
      server.addWebsocketHandler('/guarded', null, null, () => {})
      server.addHandler('/guarded', async (_server, message) => {
        await new Promise(setImmediate)
        if (message.query === 'no') message.setStatus(403)
      })
      expect((await fetchAnswer(new URL('/ws', uri))).status).toBe(400)
      expect(await exchangeBytes(uri, handshake('/origin', 'Origin: https://bad.example\r\n'))).toMatch(
        /^HTTP\/1\.1 403/,
      )
      expect(await exchangeBytes(uri, handshake('/guarded?no'))).toMatch(/^HTTP\/1\.1 403/)
      const { socket } = await open(uri, handshake('/guarded'), '101')
      socket.destroy()
    })
  })

  test('offers permessage-deflate until it is taken away', async () => {
    await withEcho(async (server, uri) => {
      const offer = 'Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: echo\r\n'
      const first = await open(uri, handshake('/ws', offer), '\r\n\r\n')
      expect(first.received).toContain('Sec-WebSocket-Extensions: permessage-deflate')
      first.socket.destroy()
      server.removeWebsocketExtension()
      const second = await open(uri, handshake('/ws', offer), '\r\n\r\n')
      expect(second.received).not.toContain('Sec-WebSocket-Extensions')
      second.socket.destroy()
    })
  })

  test('that throws ends in a process warning, and the server goes on', async () => {
    await withServer({}, async (server, uri) => {
      server.addWebsocketHandler('/', null, null, () => {
        throw new Error('broken on purpose')
      })
      const warned = once(process, 'warning')
      const { socket } = await open(uri, handshake('/'), '101')
      expect(((await warned)[0] as Error).message).toBe('broken on purpose')
      socket.destroy()
      server.addHandler('/ok', (_server: Server, message: ServerMessage) => message.setStatus(204))
      expect((await fetchAnswer(new URL('/ok', uri))).status).toBe(204)
    })
  })
})
