// Shows how the servers of this package are used, and that they leave nothing behind.
import { request } from 'node:https'
import { connect as connectHttp2 } from 'node:http2'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import {
  CertificateAuthority,
  startUnacceptingServer,
  withConnectedSockets,
  withHttp2Server,
  withRawServer,
  withRelay,
  withServer,
  withTlsServer,
} from '../src/index.ts'
import { connect, type Socket } from 'node:net'

it('serves HTTP while the callback runs and closes keep-alive connections after it', async () => {
  let origin = ''
  const body = await withServer(
    (_, response) => void response.end('hello'),
    async (server) => {
      origin = server.origin
      const answer = await fetch(origin)
      expect(server.connectionCount).toBe(1)
      return await answer.text()
    },
  )
  expect(body).toBe('hello')
  await expect(fetch(origin)).rejects.toThrow()
})

it('leaves a connection unanswered when its server takes none, until it closes', async () => {
  const server = await startUnacceptingServer()
  const socket = connect(server.port, '127.0.0.1')
  let isConnected = false
  socket.on('connect', () => (isConnected = true))
  // Two connections to another server come and go meanwhile.
  await withServer(
    (_, response) => void response.end(),
    async ({ origin }) => {
      for (const path of ['/a', '/b']) await (await fetch(origin + path)).text()
    },
  )
  expect(isConnected).toBe(false)
  socket.destroy()
  await server.close()
})

it('ends the connection when the handler throws', async () => {
  await withServer(
    () => {
      throw new Error('no')
    },
    async ({ origin }) => {
      await expect(fetch(origin)).rejects.toThrow()
    },
  )
})

it('serves HTTPS with a certificate of the authority', async () => {
  const authority = await CertificateAuthority.create()
  const certificate = await authority.issue()
  await withTlsServer(
    (_, response) => void response.end('secret'),
    { certificate },
    async ({ origin }) => {
      const sent = request(origin, { ca: authority.certificatePem, agent: false }).end()
      const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream]
      expect(await text(response)).toBe('secret')
    },
  )
})

it('serves HTTP/2 over TLS', async () => {
  const authority = await CertificateAuthority.create()
  const certificate = await authority.issue()
  await withHttp2Server(
    (_, response) => void response.end('two'),
    { certificate },
    async ({ origin }) => {
      const session = connectHttp2(origin, { ca: authority.certificatePem })
      expect(await text(session.request({ ':path': '/' }))).toBe('two')
      session.close()
    },
  )
})

it('hands over bare sockets', async () => {
  await withRawServer(
    (socket) => void socket.end('220 not http\r\n'),
    async ({ port }) => {
      expect(await text(connect(port, '127.0.0.1'))).toBe('220 not http\r\n')
    },
  )
})

it('connects two sockets', async () => {
  await withConnectedSockets(async ({ client, server }) => {
    client.end('ping')
    expect(await text(server)).toBe('ping')
  })
})

it('relays until it truncates or resets', async () => {
  const greet = (socket: Socket): void => void socket.write('hello')
  await withRawServer(greet, async ({ port }) => {
    await withRelay(port, async (relay) => {
      const truncated = connect(relay.port, '127.0.0.1')
      expect(String((await once(truncated, 'data'))[0])).toBe('hello')
      relay.truncate()
      await once(truncated, 'end')
      const reset = connect(relay.port, '127.0.0.1')
      await once(reset, 'data')
      relay.reset()
      await expect(once(reset, 'close')).rejects.toThrow('ECONNRESET')
    })
  })
})
