// How a connection ends: announced or not, by one side or both, and never by starting over. RFC 8446 section 6.1, RFC 5246
// sections 7.2.1 and 7.4.1.1.
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import type { TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import { withConnectedSockets, withRawTlsServer, type IssuedCertificate } from '@wpe-networking/test-support'
import {
  TlsProtocolVersion,
  type LoadTlsBackend,
  type TlsBackendConnection,
  type TlsCertificate,
} from '@wpe-networking/glib-networking-base'
import { ownCertificate, readAll, withPair, type Pair } from './pair.ts'
import { connectClient, connectNodeClient, createTrust, firstText, rejection, type Trust } from './peers.ts'

const VERSIONS = [
  ['TLS 1.2', TlsProtocolVersion.TLS_1_2],
  ['TLS 1.3', TlsProtocolVersion.TLS_1_3],
] as const

export function describeClosing(load: LoadTlsBackend): void {
  let trust: Trust
  let issued: IssuedCertificate
  let certificate: TlsCertificate

  beforeAll(async () => {
    trust = await createTrust()
    issued = await trust.authority.issue()
    certificate = ownCertificate(issued)
  })

  /** The end that is looked at and the other one, with the wire from where the first is cut off. */
  const roles = [
    [
      'client',
      (pair: Pair) => ({ near: pair.client, far: pair.server, wire: pair.clientWire, farWire: pair.serverWire }),
    ],
    [
      'server',
      (pair: Pair) => ({ near: pair.server, far: pair.client, wire: pair.serverWire, farWire: pair.clientWire }),
    ],
  ] as const

  describe.each(roles)('as %s', (_, rolesOf) => {
    describe.each(VERSIONS)('in %s', (__, maximumVersion) => {
      it('a peer that vanishes without close_notify is an error (EOF), after all it sent', async () => {
        await withPair(load, { trust, certificate, client: { maximumVersion } }, async (pair) => {
          await pair.handshake()
          const { near, far, wire, farWire } = rolesOf(pair)
          far.stream.write('half of the')
          expect(await firstText(near.stream)).toBe('half of the')
          const failed = rejection(finished(near.stream))
          near.stream.resume()
          farWire.unpipe(wire)
          wire.end()
          expect(await failed).toMatchObject({ domain: 'g-tls-error-quark', code: 'EOF' })
        })
      })

      it('a peer that vanishes without close_notify is an end when that is not required', async () => {
        const lenient = { requireCloseNotify: false }
        const options = { trust, certificate, client: { maximumVersion, ...lenient }, server: lenient }
        await withPair(load, options, async (pair) => {
          await pair.handshake()
          const { near, far, wire, farWire } = rolesOf(pair)
          far.stream.write('half of the')
          expect(await firstText(near.stream)).toBe('half of the')
          const ended = once(near.stream, 'end')
          near.stream.resume()
          farWire.unpipe(wire)
          wire.end()
          await ended
        })
      })

      it('close_notify is sent when the stream is ended, and is the end of the other', async () => {
        await withPair(load, { trust, certificate, client: { maximumVersion } }, async (pair) => {
          await pair.handshake()
          const { near, far } = rolesOf(pair)
          near.stream.end('bye')
          near.stream.resume()
          expect(String(await readAll(far.stream))).toBe('bye')
        })
      })

      it('what the peer says after this side has ended can still be read', async () => {
        await withPair(load, { trust, certificate, client: { maximumVersion } }, async (pair) => {
          await pair.handshake()
          const { near, far } = rolesOf(pair)
          const answer = Buffer.alloc(100_000, 'answer')
          far.stream.resume().once('end', () => far.stream.end(answer))
          near.stream.end('question')
          expect((await readAll(near.stream)).equals(answer)).toBe(true)
        })
      })
    })
  })

  it('a connection ended by both sides leaves no socket open', async () => {
    await withPair(load, { trust, certificate }, async (pair) => {
      await pair.handshake()
      const closed = [pair.clientSocket, pair.serverSocket].map((socket) => socketClosed(socket))
      for (const { stream } of [pair.client, pair.server]) stream.resume().end()
      await Promise.all([...closed, ...[pair.client, pair.server].map(({ stream }) => finished(stream))])
    })
  })

  it('destroying the stream destroys the connection below', async () => {
    await withPair(load, { trust, certificate }, async (pair) => {
      await pair.handshake()
      const closed = socketClosed(pair.clientSocket)
      pair.server.stream.on('error', () => undefined)
      pair.client.stream.destroy()
      await closed
      expect(pair.clientSocket.destroyed).toBe(true)
    })
  })

  it('refuses a server that wants to negotiate again', async () => {
    const tls = { maxVersion: 'TLSv1.2' } as const
    const outcome = Promise.withResolvers<string>()
    const ask = (socket: TLSSocket): void =>
      void socket.once('data', () => renegotiate(socket, outcome.resolve)).resume()
    await withRawTlsServer(ask, { certificate: issued, tls }, async (server) => {
      const { stream } = await connectClient(load, server, { serverIdentity: 'localhost', database: trust.database })
      stream.on('error', () => undefined)
      stream.resume()
      stream.write('go on')
      expect(await outcome.promise).toBe('refused')
      stream.destroy()
    })
  })

  it('refuses a client that wants to negotiate again', async () => {
    await withConnectedSockets(async (sockets) => {
      const server: TlsBackendConnection = load().createServerConnection(sockets.server, {
        certificate,
        maximumVersion: TlsProtocolVersion.TLS_1_2,
      })
      const [peer] = await Promise.all([
        connectNodeClient(sockets.client, { ca: trust.authority.certificatePem }),
        server.handshake(),
      ])
      server.stream.on('error', () => undefined).resume()
      const outcome = Promise.withResolvers<string>()
      renegotiate(peer.resume(), outcome.resolve)
      expect(await outcome.promise).toBe('refused')
      peer.destroy()
      server.stream.destroy()
    })
  })
}

async function socketClosed(socket: {
  readonly destroyed: boolean
  once(event: 'close', listener: () => void): unknown
}): Promise<void> {
  if (!socket.destroyed) await new Promise<void>((resolve) => void socket.once('close', resolve))
}

function renegotiate(socket: TLSSocket, tell: (outcome: string) => void): void {
  socket.on('error', () => tell('refused')).on('close', () => tell('refused'))
  socket.renegotiate({ rejectUnauthorized: false }, (error) => tell(error === null ? 'renegotiated' : 'refused'))
}
