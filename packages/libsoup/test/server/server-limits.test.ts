import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect } from 'node:net'
import { InetAddress, InetSocketAddress } from '@wpe-networking/glib-gio'
import { Server, type ServerConnectionFailedDiagnostics, type ServerMessage } from '@wpe-networking/libsoup'
import { describe, expect, test } from 'vitest'
import { exchangeBytes, fetchAnswer, oneConnection, withServer } from './server-support.ts'

describe('a Server', () => {
  test('answers 431 to a header section over its limit', async () => {
    await withServer({ maxHeaderBytes: 2000 }, async (server, uri) => {
      server.addHandler('/', (_server, message) => message.setStatus(204))
      const head = (length: number): string =>
        `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: ${'a'.repeat(length)}\r\n\r\n`
      expect(await exchangeBytes(uri, head(1000))).toMatch(/^HTTP\/1\.1 204 /)
      expect(await exchangeBytes(uri, head(3000))).toMatch(/^HTTP\/1\.1 431 /)
    })
  })

  test.each([
    ['bytes that are not HTTP', '\x16\x03\x01 hello\r\n\r\n'],
    ['a target that is no URI', 'GET http://[::1/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['a target of another scheme', 'GET https://x/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ])('answers 400 to %s and calls no handler', async (_what, bytes) => {
    await withServer({}, async (server, uri) => {
      let isCalled = false
      server.addHandler('/', () => {
        isCalled = true
      })
      expect(await exchangeBytes(uri, bytes)).toMatch(/^HTTP\/1\.1 400 /)
      expect(isCalled).toBe(false)
    })
  })

  test('reports what it could not read on its diagnostics channel', async () => {
    await withServer({}, async (_server, uri) => {
      const failures: ServerConnectionFailedDiagnostics[] = []
      const listener = (message: unknown): unknown => failures.push(message as ServerConnectionFailedDiagnostics)
      subscribe('wpe:soup:server-connection-failed', listener)
      await exchangeBytes(uri, 'nonsense\r\n\r\n')
      unsubscribe('wpe:soup:server-connection-failed', listener)
      expect(failures.map(({ error }) => error.message)).toEqual([expect.stringContaining('Parse Error')])
      expect(failures[0]?.remoteAddress).toMatch(/^127\.0\.0\.1:/)
    })
  })

  test('closes a connection that is silent between requests', async () => {
    await withServer({ idleTimeout: 0.1 }, async (server, uri) => {
      server.addHandler('/', (_server, message) => message.setStatus(204))
      expect(await exchangeBytes(uri, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 204 /)
    })
  })

  test('closes a connection that never sends its request', async () => {
    await withServer({ idleTimeout: 0.1 }, async (_server, uri) => {
      expect(await exchangeBytes(uri, 'GET / HT')).toMatch(/^(HTTP\/1\.1 408 [^]*)?$/)
    })
  })

  test('closes a connection whose body does not come', async () => {
    await withServer({ idleTimeout: 0.1, minBodyRate: 0 }, async (server, uri) => {
      const aborted = once(server, 'request-aborted')
      expect(await exchangeBytes(uri, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab')).toBe('')
      expect(((await aborted)[0] as ServerMessage).status).toBe(0)
    })
  })

  test('does not hold silence against a client that waits for a handler', async () => {
    await withServer({ idleTimeout: 0.05 }, async (server, uri) => {
      server.addHandler('/', async (_server, message) => {
        await new Promise((resolve) => setTimeout(resolve, 200))
        message.setStatus(204)
      })
      expect((await fetchAnswer(uri)).status).toBe(204)
    })
  })

  test('answers 408 to a request that comes too slowly', async () => {
    await withServer({ idleTimeout: 0.4, requestTimeout: 0.1 }, async (_server, uri) => {
      const { hostname, port } = new URL(uri)
      const socket = connect(Number(port), hostname, () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n'))
      const drip = setInterval(() => socket.write('X: y\r\n'), 30)
      let received = ''
      socket.on('data', (data) => (received += data.toString()))
      socket.on('error', () => {})
      await once(socket, 'close')
      clearInterval(drip)
      expect(received).toMatch(/^HTTP\/1\.1 408 /)
    })
  })

  test('leaves nothing behind after disconnect, and can listen again', async () => {
    const server = new Server()
    server.addHandler('/', (_server, message) => message.setStatus(204))
    server.addHandler('/never', (_server, message) => message.pause())
    await server.listenLocal(0, { ipv4Only: true })
    const uri = String(server.uris[0])
    const agent = oneConnection()
    await fetchAnswer(uri, { agent })
    const started = once(server, 'request-started')
    const aborted = once(server, 'request-aborted')
    const unanswered = fetchAnswer(new URL('/never', uri))
    const reset = expect(unanswered).rejects.toThrow()
    await started
    await server.disconnect()
    await server.disconnect()
    await Promise.all([reset, aborted])
    agent.destroy()
    expect(server.uris).toEqual([])
    await expect(fetchAnswer(uri)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server.listenLocal(0, { ipv4Only: true })
    expect((await fetchAnswer(String(server.uris[0]))).status).toBe(204)
    await server.disconnect()
  })

  test('listens on the same port of IPv4 and, where there is one, IPv6', async () => {
    const server = new Server()
    server.addHandler('/', (_server, message) => message.setStatus(204))
    await server.listenLocal()
    const ports = new Set(server.listeningAddresses.map(({ port }) => port))
    expect(ports.size).toBe(1)
    for (const uri of server.uris) expect((await fetchAnswer(String(uri))).status).toBe(204)
    await server.disconnect()
  })

  test('does not listen where somebody does, nor for HTTPS without a certificate', async () => {
    await withServer({}, async (server) => {
      const port = server.listeningAddresses[0]?.port ?? 0
      const other = new Server()
      await expect(other.listenLocal(port)).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' })
      const loopback = InetAddress.fromString('127.0.0.1') as InetAddress
      await expect(other.listen(new InetSocketAddress(loopback, 0), { https: true })).rejects.toMatchObject({
        domain: 'g-io-error-quark',
        code: 'INVALID_ARGUMENT',
      })
      await other.disconnect()
    })
  })
})
