import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { text } from 'node:stream/consumers'
import { TlsCertificate } from '@wpe-networking/glib-gio'
import { Server } from '@wpe-networking/libsoup'
import { CertificateAuthority } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import { exchangeBytes, fetchAnswer, withServer } from './server-support.ts'

function socketTo(uri: string): Socket {
  const { hostname, port } = new URL(uri)
  return connect(Number(port), hostname).on('error', () => {})
}

describe('a Server with many clients', () => {
  test('closes connections over its limit at once, and has room again when one goes', async () => {
    await withServer({ maxConnections: 2 }, async (server, uri) => {
      server.addHandler('/', (_server, message) => message.setStatus(204))
      const kept = [socketTo(uri), socketTo(uri)]
      for (const socket of kept) {
        socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
        await once(socket, 'data')
      }
      await expect(exchangeBytes(uri, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n').catch(() => '')).resolves.toBe('')
      const finished = once(server, 'request-finished')
      kept[0]?.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      await finished
      if (kept[0] && !kept[0].closed) await once(kept[0].resume(), 'close')
      expect((await fetchAnswer(uri)).status).toBe(204)
      kept[1]?.destroy()
    })
  })

  test('counts connections by address too', async () => {
    await withServer({ maxConnectionsPerAddress: 1 }, async (server, uri) => {
      server.addHandler('/', (_server, message) => message.setStatus(204))
      const socket = socketTo(uri)
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      await once(socket, 'data')
      await expect(exchangeBytes(uri, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n').catch(() => '')).resolves.toBe('')
      const { port, hostname } = new URL(uri)
      const other = connect({ port: Number(port), host: hostname, localAddress: '127.0.0.2' })
      other.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      expect(await text(other)).toMatch(/^HTTP\/1\.1 204 /)
      socket.destroy()
    })
  })

  test('counts connections that were taken over until they close', async () => {
    await withServer({ maxConnectionsPerAddress: 1 }, async (server, uri) => {
      const { promise, resolve } = Promise.withResolvers<Duplex>()
      server.addHandler('/', (_server, message) => {
        if (message.canStealConnection) resolve(message.stealConnection())
        else message.setStatus(204)
      })
      const socket = socketTo(uri)
      socket.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')
      const stolen = await promise
      await expect(exchangeBytes(uri, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n').catch(() => '')).resolves.toBe('')
      const closed = once(stolen, 'close')
      stolen.destroy()
      await closed
      expect((await fetchAnswer(uri)).status).toBe(204)
      socket.destroy()
    })
  })

  test('answers 408 to a body that comes a byte at a time', async () => {
    // The period of the rate is that of silence, when that is short.
    await withServer({ idleTimeout: 1 }, async (server, uri) => {
      server.addHandler('/', (_server, message) => message.setStatus(204))
      const socket = socketTo(uri)
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n')
      const drip = setInterval(() => socket.write('x'), 20)
      const answer = await text(socket)
      clearInterval(drip)
      expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*Connection: close/)
    })
  })

  test('closes the connection of a client that does not read its answer', async () => {
    await withServer({ idleTimeout: 0.2 }, async (server, uri) => {
      server.addHandler('/', (_server, message) => {
        message.setStatus(200)
        message.setResponse('text/plain', Buffer.alloc(64 * 1024 * 1024))
      })
      const aborted = once(server, 'request-aborted')
      const socket = socketTo(uri)
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      socket.pause()
      await aborted
      socket.destroy()
    })
  })
})

describe('pipelined requests', () => {
  test('are handled one at a time, in their order', async () => {
    await withServer({}, async (server, uri) => {
      let running = 0
      let most = 0
      server.addHandler('/', async (_server, message, path) => {
        most = Math.max(most, ++running)
        await new Promise(setImmediate)
        running--
        message.setStatus(200)
        message.setResponse('text/plain', `<${path}${message.requestBody.data.toString()}>`)
      })
      const get = (path: number): string => `GET /${path} HTTP/1.1\r\nHost: x\r\n\r\n`
      const post = 'POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi'
      const requests = Array.from({ length: 500 }, (_, index) => get(index))
      const last = 'GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
      const answer = await exchangeBytes(uri, requests.join('') + post + last)
      const expected = [...requests.map((_, index) => `</${index}>`), '</posthi>', '</last>']
      expect(answer.match(/<[^>]*>/g)).toEqual(expected)
      expect(most).toBe(1)
    })
  })

  test('that were whole are answered although what follows is nonsense', async () => {
    await withServer({}, async (server, uri) => {
      server.addHandler('/', async (_server, message, path) => {
        await new Promise(setImmediate)
        message.setStatus(200)
        message.setResponse('text/plain', `<${path}>`)
      })
      const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
      const answer = await exchangeBytes(uri, `${get('/a')}${get('/b')}nonsense\r\n\r\n${get('/hidden')}`)
      expect(answer.match(/<[^>]*>/g)).toEqual(['</a>', '</b>'])
      expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(2)
    })
  })

  test('of a client that reads nothing are not read without end', async () => {
    await withServer({}, async (server, uri) => {
      let calls = 0
      server.addHandler('/', (_server, message) => {
        calls++
        message.pause()
      })
      const started = once(server, 'request-started')
      const socket = socketTo(uri)
      const batch = Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000))
      for (let i = 0; i < 1500; i++) {
        socket.write(batch)
        if (i % 50 === 0) await new Promise(setImmediate)
      }
      await started
      // 40 MB are more than all buffers on the way hold: who read on would have them all, who minds has hung up.
      for (let i = 0; i < 50; i++) await new Promise(setImmediate)
      expect([calls, socket.destroyed, socket.writableLength > 10_000_000]).toEqual([1, false, true])
      socket.destroy()
    })
  })
})

/** Frames of HTTP/2 by hand (RFC 9113 section 4.1): no client would send what follows. */
function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)])
/** GET https / from the static table, and an authority. */
const GET = Buffer.concat([Buffer.of(0x82, 0x87, 0x84, 0x41, 1), Buffer.from('x')])
const CANCEL = Buffer.of(0, 0, 0, 8)

const FLOODS: readonly (readonly [what: string, frames: (index: number) => Buffer])[] = [
  [
    'streams that are reset at once',
    (i) => Buffer.concat([frame(1, 5, 2 * i + 1, GET), frame(3, 0, 2 * i + 1, CANCEL)]),
  ],
  ['settings', () => frame(4, 0, 0)],
  ['pings', () => frame(6, 0, 0, Buffer.alloc(8))],
  ['continuations without an end', (i) => (i === 0 ? frame(1, 1, 1, GET) : frame(9, 0, 1))],
  ['streams beyond those allowed', (i) => frame(1, 4, 2 * i + 1, GET)],
]

describe('a connection of HTTP/2', () => {
  test.each(FLOODS)('ends when its client floods it with %s', async (_what, frames) => {
    const authority = await CertificateAuthority.create()
    const { chainPem, privateKeyPem } = await authority.issue()
    const server = new Server({ tlsCertificate: TlsCertificate.fromPem(chainPem, { privateKeyPem }) })
    let calls = 0
    server.addHandler('/', (_server, message) => {
      calls++
      message.pause()
    })
    await server.listenLocal(0, { ipv4Only: true })
    const { hostname, port } = new URL(String(server.uris[0]))
    const socket = connectTls({
      ...{ host: hostname, port: Number(port), ca: authority.certificatePem, servername: 'localhost' },
      ALPNProtocols: ['h2'],
    })
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    const closed = new Promise((resolve) => socket.once('close', resolve))
    // Answers are not read, so that they pile up.
    socket.write(PREFACE)
    for (let sent = 0; sent < 40_000 && !socket.destroyed; sent += 500) {
      socket.write(Buffer.concat(Array.from({ length: 500 }, (_, index) => frames(sent + index))))
      await new Promise(setImmediate)
    }
    socket.resume()
    await closed
    expect(calls).toBeLessThan(2000)
    await server.disconnect()
  })
})
