// Peers that misbehave and connections that break: each ends in one error, and nothing is left open.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import { beforeAll, expect, it } from 'vitest'
import {
  withConnectedSockets,
  withRawServer,
  withRawTlsServer,
  type IssuedCertificate,
} from '@wpe-networking/test-support'
import {
  TlsCertificate,
  type LoadTlsBackend,
  type TlsClientConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import { connectClient, createTrust, rejection, type Trust } from './peers.ts'

export function describeFaults(load: LoadTlsBackend): void {
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
}
