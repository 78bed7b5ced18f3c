// What happens on a connection once it stands: renegotiation, half-close, and streams that are slow or cut small.
import { once } from 'node:events'
import { connect as connectHttp2, createSecureServer, type ServerHttp2Session } from 'node:http2'
import { Duplex, duplexPair } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { connect as connectTls, TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import { withConnectedSockets } from '@wpe-networking/test-support'
import { TlsCertificate, TlsProtocolVersion } from '@wpe-networking/glib-networking-base'
import { createTrust, type Trust } from '../../glib-networking-base/test/conformance/peers.ts'
import { opensslBackend } from '../src/index.ts'

let trust: Trust
let own: TlsCertificate

beforeAll(async () => {
  trust = await createTrust()
  const issued = await trust.authority.issue()
  own = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
})

interface Agreement {
  readonly maximumVersion?: TlsProtocolVersion
  readonly advertisedProtocols?: readonly string[]
}

async function connected(clientBase: Duplex, serverBase: Duplex, agreement: Agreement = {}): Promise<[Duplex, Duplex]> {
  const server = opensslBackend.createServerConnection(serverBase, { certificate: own, ...agreement })
  const client = opensslBackend.createClientConnection(clientBase, {
    serverIdentity: 'localhost',
    database: trust.database,
    ...agreement,
  })
  await Promise.all([client.handshake(), server.handshake()])
  return [client.stream, server.stream]
}

/** What `stream` gives until its end; unlike an iterator this leaves the other way alone. */
async function textUntilEnd(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'end')
  return Buffer.concat(chunks).toString()
}

describe('renegotiation', () => {
  it('is refused to a client', async () => {
    await withConnectedSockets(async (sockets) => {
      const server = opensslBackend.createServerConnection(sockets.server, { certificate: own })
      const client = connectTls({
        socket: sockets.client,
        servername: 'localhost',
        ca: [...trust.database.anchorsPem],
        maxVersion: 'TLSv1.2',
      })
      await Promise.all([once(client, 'secureConnect'), server.handshake()])
      server.stream.resume()
      const failed = once(client, 'error') as Promise<[Error]>
      client.renegotiate({}, () => undefined)
      client.write('more')
      expect((await failed)[0].message).toContain('no renegotiation')
      client.destroy()
    })
  })

  it('is refused to a server, and the connection goes on', async () => {
    await withConnectedSockets(async (sockets) => {
      const server = new TLSSocket(sockets.server, {
        isServer: true,
        cert: own.chainPem,
        key: own.privateKeyPem ?? '',
        maxVersion: 'TLSv1.2',
      })
      const connection = opensslBackend.createClientConnection(sockets.client, {
        serverIdentity: 'localhost',
        database: trust.database,
      })
      await connection.handshake()
      server.on('error', () => undefined)
      server.renegotiate({}, () => undefined)
      server.write('hello')
      const [chunk] = (await once(connection.stream, 'data')) as [Buffer]
      expect(String(chunk)).toBe('hello')
      connection.stream.destroy()
    })
  })
})

describe.each([
  ['TLS 1.2', TlsProtocolVersion.TLS_1_2],
  ['TLS 1.3', TlsProtocolVersion.TLS_1_3],
])('half-close in %s', (_, version) => {
  it.each([
    ['the client', (ends: [Duplex, Duplex]): [Duplex, Duplex] => ends],
    ['the server', ([client, server]: [Duplex, Duplex]): [Duplex, Duplex] => [server, client]],
  ])('leaves the other way open when %s ends first', async (__, order) => {
    await withConnectedSockets(async (sockets) => {
      sockets.client.allowHalfOpen = true
      sockets.server.allowHalfOpen = true
      const [first, second] = order(await connected(sockets.client, sockets.server, { maximumVersion: version }))
      first.end('question')
      expect(await textUntilEnd(second)).toBe('question')
      second.write('long ')
      second.end('answer')
      expect(await textUntilEnd(first)).toBe('long answer')
    })
  })
})

it('carries HTTP/2, whose native reader decides for itself what an end means', async () => {
  await withConnectedSockets(async (sockets) => {
    const [client, server] = await connected(sockets.client, sockets.server, { advertisedProtocols: ['h2'] })
    const far = createSecureServer().on('stream', (stream) => stream.end('answer'))
    const sessions = once(far, 'session') as Promise<[ServerHttp2Session]>
    far.emit('secureConnection', server)
    const near = connectHttp2('https://localhost', { createConnection: () => client })
    expect(await text(near.request({ ':path': '/' }))).toBe('answer')
    const closed = once(near, 'close')
    const [session] = await sessions
    session.close()
    await closed // Rejects when there is an error.
    expect(client.errored).toBeNull()
  })
})

describe('a stream that is no socket', () => {
  /** Hands on at most `size` bytes at a time and takes one chunk at a time. */
  class Narrow extends Duplex {
    readonly #inner: Duplex
    readonly #size: number

    constructor(inner: Duplex, size: number) {
      super({ highWaterMark: size })
      this.#inner = inner
      this.#size = size
      inner.on('data', (chunk: Buffer) => {
        let room = true
        for (let start = 0; start < chunk.length; start += size) room = this.push(chunk.subarray(start, start + size))
        if (!room) inner.pause()
      })
      inner.on('end', () => this.push(null))
      inner.on('error', (error) => this.destroy(error))
    }

    override _read(): void {
      this.#inner.resume()
    }

    override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
      this.#writePieces(chunk, 0, callback)
    }

    override _final(callback: () => void): void {
      this.#inner.end(callback)
    }

    override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
      this.#inner.destroy()
      callback(error)
    }

    #writePieces(chunk: Buffer, start: number, callback: (error?: Error | null) => void): void {
      if (start >= chunk.length) {
        callback()
        return
      }
      const piece = chunk.subarray(start, start + this.#size)
      this.#inner.write(piece, () => setImmediate(() => this.#writePieces(chunk, start + this.#size, callback)))
    }
  }

  it.each([1, 7, 1000])('carries data in pieces of %i bytes', async (size) => {
    const [left, right] = duplexPair()
    const [client, server] = await connected(new Narrow(left, size), new Narrow(right, size))
    const sent = Buffer.alloc(size * 500, 'data')
    server.end(sent)
    expect((await buffer(client)).equals(sent)).toBe(true)
    client.destroy()
  })
})
