// Servers that ask for a certificate, and clients that have one or not. RFC 8446 section 4.3.2.
import { beforeAll, expect, it } from 'vitest'
import { withConnectedSockets, withRawTlsServer, type IssuedCertificate } from '@wpe-networking/test-support'
import {
  TlsAuthenticationMode,
  TlsCertificate,
  TlsCertificateFlags,
  type LoadTlsBackend,
  type TlsServerConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import { connectClient, connectNodeClient, createTrust, firstText, rejection, type Trust } from './peers.ts'

export function describeClientCertificates(load: LoadTlsBackend): void {
  let trust: Trust
  let issued: IssuedCertificate
  let own: TlsCertificate

  beforeAll(async () => {
    trust = await createTrust()
    issued = await trust.authority.issue()
    own = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
  })

  const asking = (options: Partial<TlsServerConnectionOptions> = {}): TlsServerConnectionOptions => ({
    certificate: own,
    authenticationMode: TlsAuthenticationMode.REQUIRED,
    database: trust.database,
    ...options,
  })

  it('presents the certificate to a server that asks', async () => {
    const tls = { requestCert: true, rejectUnauthorized: true, ca: trust.authority.certificatePem }
    await withRawTlsServer(
      (socket) => void socket.write(String(socket.getPeerX509Certificate()?.subject)),
      { certificate: issued, tls },
      async (server) => {
        const mine = await trust.authority.issue({ commonName: 'someone' })
        const certificate = TlsCertificate.fromPem(mine.chainPem, { privateKeyPem: mine.privateKeyPem })
        const options = { serverIdentity: 'localhost', database: trust.database, certificate }
        const { stream } = await connectClient(load, server, options)
        expect(await firstText(stream)).toBe('CN=someone')
        stream.destroy()
      },
    )
  })

  it('verifies the certificate of a client', async () => {
    const mine = await trust.authority.issue({ commonName: 'someone' })
    await withConnectedSockets(async (sockets) => {
      const connection = load().createServerConnection(sockets.server, asking())
      const [peer, result] = await Promise.all([
        connectNodeClient(sockets.client, {
          ca: trust.authority.certificatePem,
          cert: mine.chainPem,
          key: mine.privateKeyPem,
        }),
        connection.handshake(),
      ])
      expect(result.peerCertificate?.subjectName).toBe('CN=someone')
      expect(result.peerCertificateErrors).toBe(0)
      peer.destroy()
      connection.stream.destroy()
    })
  })

  it('refuses a client whose certificate nobody knows', async () => {
    const stranger = await (await createTrust()).authority.issue()
    await withConnectedSockets(async (sockets) => {
      const connection = load().createServerConnection(sockets.server, asking())
      sockets.client.on('error', () => undefined)
      const connecting = connectNodeClient(sockets.client, {
        ca: trust.authority.certificatePem,
        cert: stranger.chainPem,
        key: stranger.privateKeyPem,
      })
      const error = await rejection(connection.handshake())
      expect(error).toMatchObject({ code: 'BAD_CERTIFICATE', flags: TlsCertificateFlags.UNKNOWN_CA })
      await connecting.then(
        (peer) => peer.on('error', () => undefined).destroy(),
        () => undefined,
      )
    })
  })

  it('refuses a client without a certificate when one is required', async () => {
    await withConnectedSockets(async (sockets) => {
      const connection = load().createServerConnection(sockets.server, asking())
      const connecting = connectNodeClient(sockets.client, {
        ca: trust.authority.certificatePem,
        maxVersion: 'TLSv1.2',
      })
      const [error] = await Promise.all([rejection(connection.handshake()), rejection(connecting)])
      expect(error).toMatchObject({ code: 'CERTIFICATE_REQUIRED' })
    })
  })

  it('carries on without a certificate when one was only requested', async () => {
    await withConnectedSockets(async (sockets) => {
      const mode = { authenticationMode: TlsAuthenticationMode.REQUESTED }
      const connection = load().createServerConnection(sockets.server, asking(mode))
      const [peer, result] = await Promise.all([
        connectNodeClient(sockets.client, { ca: trust.authority.certificatePem }),
        connection.handshake(),
      ])
      expect(result.peerCertificate).toBeNull()
      peer.destroy()
      connection.stream.destroy()
    })
  })
}
