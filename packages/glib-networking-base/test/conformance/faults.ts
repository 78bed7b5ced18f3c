// Peers that misbehave, and callers that change their mind: each ends in one error, and nothing is left open.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import { finished } from 'node:stream/promises'
import { beforeAll, expect, it } from 'vitest'
import {
  withConnectedSockets,
  withRawServer,
  withRawTlsServer,
  withRelay,
  type IssuedCertificate,
} from '@wpe-networking/test-support'
import {
  TlsCertificate,
  type LoadTlsBackend,
  type TlsClientConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import type { KnownLimits } from './describe-tls-backend.ts'
import { connectClient, createTrust, firstText, rejection, type Trust } from './peers.ts'

export function describeFaults(load: LoadTlsBackend, limits: KnownLimits): void {
  let trust: Trust
  let certificate: IssuedCertificate
  let options: TlsClientConnectionOptions
  let own: TlsCertificate

  beforeAll(async () => {
    trust = await createTrust()
    certificate = await trust.authority.issue()
    options = { serverIdentity: 'localhost', database: trust.database }
    own = TlsCertificate.fromPem(certificate.chainPem, { privateKeyPem: certificate.privateKeyPem })
  })

  it.each([
    ['an HTTP answer', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
    ['a banner', '220 mail.test ESMTP ready\r\n'],
    ['zeros', Buffer.alloc(64)],
  ])('tells that a server speaking %s does not speak TLS', async (_, bytes) => {
    const answer = (socket: Socket): void => void socket.once('data', () => socket.end(bytes))
    await withRawServer(answer, async (server) => {
      const error = await rejection(connectClient(load, server, options))
      expect(error).toMatchObject({ domain: 'g-tls-error-quark', code: 'NOT_TLS' })
      expect(error.message).toMatch(/^The .*\.$/)
    })
  })

  it('tells that a client speaking HTTP does not speak TLS', async () => {
    await withConnectedSockets(async (sockets) => {
      const connection = load().createServerConnection(sockets.server, { certificate: own })
      sockets.client.on('error', () => undefined)
      sockets.client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
      expect(await rejection(connection.handshake())).toMatchObject({ code: 'NOT_TLS' })
      expect(sockets.server.destroyed).toBe(true)
    })
  })

  it.each([
    ['closes', (socket: Socket) => void socket.once('data', () => socket.end())],
    ['closes at once', (socket: Socket) => void socket.end()],
    ['resets', (socket: Socket) => void socket.once('data', () => socket.resetAndDestroy())],
    ['closes within a record', (socket: Socket) => void socket.once('data', () => socket.end('\x16\x03\x03\x01'))],
  ])('says EOF when the server %s in the handshake', async (_, misbehave) => {
    await withRawServer(misbehave, async (server) => {
      const error = await rejection(connectClient(load, server, options))
      expect(error).toMatchObject({ domain: 'g-tls-error-quark', code: 'EOF' })
    })
  })

  it('says EOF when the client closes in the handshake', async () => {
    await withConnectedSockets(async (sockets) => {
      const connection = load().createServerConnection(sockets.server, { certificate: own })
      sockets.client.end()
      expect(await rejection(connection.handshake())).toMatchObject({ code: 'EOF' })
    })
  })

  it('aborts a handshake that goes nowhere and closes the connection', async () => {
    const controller = new AbortController()
    const gone = Promise.withResolvers<void>()
    const stall = (socket: Socket): void => {
      socket.once('data', () => controller.abort(new Error('enough')))
      socket.on('close', () => gone.resolve())
    }
    await withRawServer(stall, async (server) => {
      const error = await rejection(connectClient(load, server, options, controller.signal))
      expect(error.message).toBe('enough')
      await gone.promise
    })
  })

  it('does not begin when the signal was aborted before', async () => {
    await withRawServer(
      () => undefined,
      async (server) => {
        const socket = connect(server.port, '127.0.0.1')
        await once(socket, 'connect')
        const connection = load().createClientConnection(socket, options)
        const reason = new Error('too late')
        expect(await rejection(connection.handshake({ signal: AbortSignal.abort(reason) }))).toBe(reason)
        expect(socket.destroyed).toBe(true)
      },
    )
  })

  it('closes the connection below when the certificate is refused', async () => {
    const expired = await trust.authority.issueRole('expired')
    await withRawTlsServer(
      () => undefined,
      { certificate: expired },
      async (server) => {
        const socket = connect(server.port, '127.0.0.1')
        await once(socket, 'connect')
        const connection = load().createClientConnection(socket, options)
        await rejection(connection.handshake())
        expect(socket.destroyed).toBe(true)
      },
    )
  })

  it('fails at once on a stream that is closed already', async () => {
    await withConnectedSockets(async (sockets) => {
      sockets.client.destroy()
      const connection = load().createClientConnection(sockets.client, options)
      expect(await rejection(connection.handshake())).toMatchObject({ code: 'EOF' })
    })
  })

  it('fails with the error of the stream below when that breaks in the handshake', async () => {
    const [base, far] = duplexPair()
    const connection = load().createClientConnection(base, options)
    const failed = rejection(connection.handshake())
    await once(far, 'readable')
    const broken = new Error('the cable broke')
    base.destroy(broken)
    expect(await failed).toBe(broken)
  })

  it('ends the stream quietly after close_notify', async () => {
    await withRawTlsServer(
      (socket) => void socket.end('bye'),
      { certificate },
      async (server) => {
        const { stream } = await connectClient(load, server, options)
        expect(await firstText(stream)).toBe('bye')
        stream.resume()
        stream.end()
        await finished(stream)
        stream.destroy()
      },
    )
  })

  it('sends close_notify when the stream is ended', async () => {
    const ended = Promise.withResolvers<void>()
    await withRawTlsServer(
      (socket) => void socket.resume().on('end', () => ended.resolve()),
      { certificate },
      async (server) => {
        const { stream } = await connectClient(load, server, options)
        stream.end('bye')
        await ended.promise
        stream.destroy()
      },
    )
  })

  const vanish = 'when the server vanishes without close_notify'
  it(
    limits.truncation === undefined ? `fails with EOF ${vanish}` : `only ends ${vanish}: ${limits.truncation}`,
    async () => {
      await withRawTlsServer(
        (socket) => void socket.write('half of the'),
        { certificate },
        async (origin) => {
          await withRelay(origin.port, async (relay) => {
            const { stream } = await connectClient(load, relay, options)
            expect(await firstText(stream)).toBe('half of the')
            const failed = limits.truncation === undefined ? rejection(finished(stream)) : once(stream, 'end')
            stream.resume()
            relay.truncate()
            const outcome = await failed
            if (limits.truncation === undefined) {
              expect(outcome).toMatchObject({ domain: 'g-tls-error-quark', code: 'EOF' })
            }
            stream.destroy()
          })
        },
      )
    },
  )
}
