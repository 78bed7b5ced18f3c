// What the stream is, and what its errors look like once the handshake is over.
import { once } from 'node:events'
import { connect } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'
import { finished } from 'node:stream/promises'
import { TLSSocket } from 'node:tls'
import { expect, it } from 'vitest'
import { withConnectedSockets, withRawTlsServer, withRelay } from '@wpe-networking/test-support'
import { TlsError } from '@wpe-networking/glib-networking-base'
import { connectClient, createTrust, firstText, rejection } from '../../glib-networking-base/test/conformance/peers.ts'
import { opensslBackend } from '../src/index.ts'

const load = (): typeof opensslBackend => opensslBackend

it('is a TLSSocket that owns the raw socket', async () => {
  const { authority, database } = await createTrust()
  const certificate = await authority.issue()
  await withRawTlsServer(
    () => undefined,
    { certificate },
    async (server) => {
      const { stream, socket } = await connectClient(load, server, { serverIdentity: 'localhost', database })
      expect(stream).toBeInstanceOf(TLSSocket)
      expect((stream as TLSSocket).remotePort).toBe(server.port)
      stream.destroy()
      await once(socket, 'close')
    },
  )
})

it('is not there before the handshake', async () => {
  await withConnectedSockets(({ client }) => {
    const connection = opensslBackend.createClientConnection(client, { serverIdentity: 'localhost' })
    expect(() => connection.stream).toThrow(TlsError)
    return Promise.resolve()
  })
})

it('fails with CERTIFICATE_REQUIRED when a TLS 1.3 server asks for a certificate after the handshake', async () => {
  const { authority, database } = await createTrust()
  const certificate = await authority.issue()
  const tls = {
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
    ca: authority.certificatePem,
  } as const
  await withRawTlsServer(
    () => undefined,
    { certificate, tls },
    async (server) => {
      const { stream } = await connectClient(load, server, { serverIdentity: 'localhost', database })
      const error = await rejection(finished(stream.resume()))
      expect(error).toMatchObject({ domain: 'g-tls-error-quark', code: 'CERTIFICATE_REQUIRED' })
    },
  )
})

it('runs inside another TLS connection, as through an HTTPS proxy', async () => {
  const { authority, database } = await createTrust()
  const certificate = await authority.issue()
  await withRawTlsServer(
    (socket) => void socket.pipe(socket),
    { certificate },
    async (origin) => {
      const tunnel = (outer: TLSSocket): void => {
        const target = connect(origin.port, '127.0.0.1')
        pipeline(outer, target, outer, () => undefined)
      }
      await withRawTlsServer(tunnel, { certificate }, async (proxy) => {
        const options = { serverIdentity: 'localhost', database }
        const outer = await connectClient(load, proxy, options)
        const inner = opensslBackend.createClientConnection(outer.stream, options)
        expect(await inner.handshake()).toMatchObject({ peerCertificateErrors: 0 })
        inner.stream.write('ping')
        expect(await firstText(inner.stream)).toBe('ping')
        inner.stream.destroy()
        await once(outer.socket, 'close')
      })
    },
  )
})

it('leaves the errors of the connection below as they are', async () => {
  await withResetStream(async (stream, reset) => {
    const failed = rejection(finished(stream.resume()))
    reset()
    expect(await failed).toMatchObject({ code: 'ECONNRESET', syscall: 'read' })
  })
})

it('does not end the process when it breaks while nobody listens', async () => {
  await withResetStream(async (stream, reset) => {
    const closed = new Promise((resolve) => stream.resume().once('close', resolve))
    reset()
    await closed
    expect(stream.errored).toMatchObject({ code: 'ECONNRESET' })
  })
})

async function withResetStream(use: (stream: Duplex, reset: () => void) => Promise<void>): Promise<void> {
  const { authority, database } = await createTrust()
  await withRawTlsServer(
    (socket) => void socket.write('hello'),
    { certificate: await authority.issue() },
    async (server) => {
      await withRelay(server.port, async (relay) => {
        const { stream } = await connectClient(load, relay, { serverIdentity: 'localhost', database })
        expect(await firstText(stream)).toBe('hello')
        await use(stream, () => relay.reset())
      })
    },
  )
}
