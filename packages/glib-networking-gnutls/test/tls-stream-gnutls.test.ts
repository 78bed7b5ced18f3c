// The data stream: backpressure both ways, batching, order of data and errors, and passing for a socket.
import { once } from 'node:events'
import { connect } from 'node:net'
import { finished } from 'node:stream/promises'
import { connect as connectTls } from 'node:tls'
import { duplexPair } from 'node:stream'
import { Client } from 'undici'
import { beforeAll, expect, it } from 'vitest'
import {
  connectedSockets,
  withRawTlsServer,
  withRelay,
  withTlsServer,
  type IssuedCertificate,
} from '@wpe-networking/test-support'
import { TlsCertificate, TlsProtocolVersion, type TlsBackendConnection } from '@wpe-networking/glib-networking-base'
import { connectClient, createTrust, rejection, type Trust } from '../../glib-networking-base/test/conformance/peers.ts'
import { load } from '../src/index.ts'
import type { TlsStreamGnutls } from '../src/tls-stream-gnutls.ts'

let trust: Trust
let issued: IssuedCertificate
let own: TlsCertificate

beforeAll(async () => {
  trust = await createTrust()
  issued = await trust.authority.issue()
  own = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
})

/** Both ends of a connection over a pair of streams that are no sockets. */
async function connectedPair(): Promise<readonly [TlsBackendConnection, TlsBackendConnection]> {
  const [near, far] = duplexPair()
  const client = load().createClientConnection(near, { serverIdentity: 'localhost', database: trust.database })
  const server = load().createServerConnection(far, { certificate: own })
  await Promise.all([client.handshake(), server.handshake()])
  return [client, server]
}

it('carries the requests of an undici Client', async () => {
  await withTlsServer(
    (request, response) => void request.pipe(response),
    { certificate: issued },
    async (server) => {
      const client = new Client(`https://localhost:${server.port}`, {
        connect: (_, callback) => {
          const socket = connect(server.port, '127.0.0.1')
          const options = { serverIdentity: 'localhost', database: trust.database, advertisedProtocols: ['http/1.1'] }
          const connection = load().createClientConnection(socket, options)
          connection.handshake().then(
            () => callback(null, connection.stream as never),
            (error: Error) => callback(error, null),
          )
        },
      })
      const body = 'x'.repeat(300_000)
      for (let count = 0; count < 3; count++) {
        const response = await client.request({ path: '/', method: 'POST', body })
        expect(await response.body.text()).toBe(body)
      }
      await client.close()
    },
  )
})

it('stops reading the stream below while nobody reads it', async () => {
  const [client, server] = await connectedPair()
  let accepted = 0
  const chunk = Buffer.alloc(16_384)
  while (server.stream.write(chunk, () => accepted++)) await new Promise(setImmediate)
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
  expect(server.stream.writableNeedDrain).toBe(true)
  expect(accepted * chunk.length).toBeLessThan(1024 * 1024)
  client.stream.resume()
  await once(server.stream, 'drain')
  client.stream.destroy()
  server.stream.destroy()
})

it('sends what is written in one turn in few records', async () => {
  const { client: socket, server: peer } = await connectedSockets()
  const client = load().createClientConnection(socket, { serverIdentity: 'localhost', database: trust.database })
  const server = load().createServerConnection(peer, { certificate: own })
  await Promise.all([client.handshake(), server.handshake()])
  const before = socket.bytesWritten
  for (let count = 0; count < 1000; count++) client.stream.write('0123456789')
  let received = 0
  for await (const data of server.stream) if ((received += (data as Buffer).length) === 10_000) break
  // The first write goes out at once, the others together: two records, each some 22 bytes more than its content.
  expect(socket.bytesWritten - before).toBeLessThan(10_000 + 3 * 50)
  client.stream.destroy()
})

it('gives everything that came before a truncation, also to a slow reader', async () => {
  const body = Buffer.alloc(40_000, 'a')
  await withRawTlsServer(
    (socket) => void socket.on('error', () => undefined).write(body),
    { certificate: issued },
    async (origin) => {
      await withRelay(origin.port, async (relay) => {
        const options = { serverIdentity: 'localhost', database: trust.database }
        const { stream, socket } = await connectClient(load, relay, options)
        const failed = rejection(finished(stream))
        stream.read(0)
        while (stream.readableLength < body.length) await new Promise(setImmediate)
        relay.truncate()
        await once(socket, 'close')
        expect(stream.destroyed).toBe(false)
        let received = 0
        while (received < body.length) received += (stream.read(10_000) as Buffer).length
        expect(await failed).toMatchObject({ code: 'EOF' })
      })
    },
  )
})

it('refuses a renegotiation in TLS 1.2', async () => {
  const { client: socket, server: peer } = await connectedSockets()
  const server = load().createServerConnection(peer, { certificate: own, maximumVersion: TlsProtocolVersion.TLS_1_2 })
  const client = connectTls({ socket, servername: 'localhost', ca: trust.authority.certificatePem })
  client.on('error', () => undefined)
  await Promise.all([server.handshake(), once(client, 'secureConnect')])
  const failed = rejection(finished(server.stream.resume()))
  client.renegotiate({}, () => undefined)
  const error = await failed
  expect(error.code).toBe('MISC')
  expect(error.message).toContain('renegotiation')
  client.destroy()
})

it('hands socket settings on and reports what the socket below reports', async () => {
  await withRawTlsServer(
    (socket) => void socket.on('error', () => undefined),
    { certificate: issued },
    async (server) => {
      const options = { serverIdentity: 'localhost', database: trust.database }
      const { stream, socket } = await connectClient(load, server, options)
      const tls = stream as TlsStreamGnutls
      expect(tls.setNoDelay(true).setKeepAlive(true, 1000).unref().ref()).toBe(tls)
      expect(tls).toMatchObject({
        encrypted: true,
        alpnProtocol: false,
        connecting: false,
        remoteAddress: '127.0.0.1',
        remotePort: server.port,
        localPort: socket.localPort,
      })
      await new Promise<void>((resolve) => tls.setTimeout(10, resolve))
      tls.destroy()
    },
  )
})
