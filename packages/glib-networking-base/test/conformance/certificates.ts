// What is found wrong with a server's certificate, and who decides on it. RFC 5280 section 6, RFC 9525 section 6.
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { beforeAll, expect, it, vi } from 'vitest'
import {
  createOcspResponse,
  withConnectedSockets,
  withRawTlsServer,
  type CertificateRole,
  type IssuedCertificate,
} from '@wpe-networking/test-support'
import {
  TlsCertificate,
  TlsCertificateFlags,
  type AcceptCertificate,
  type LoadTlsBackend,
} from '@wpe-networking/glib-networking-base'
import { ownCertificate, release, withPair } from './pair.ts'
import { connectClient, createTrust, firstText, rejection, type Trust } from './peers.ts'

const { BAD_IDENTITY, EXPIRED, NOT_ACTIVATED, UNKNOWN_CA } = TlsCertificateFlags

export function describeCertificates(load: LoadTlsBackend): void {
  let trust: Trust
  const greet = (socket: TLSSocket): void => void socket.write('hello')

  beforeAll(async () => {
    trust = await createTrust()
  })

  it.each<[CertificateRole, string, number]>([
    ['expired', 'localhost', EXPIRED],
    ['not-yet-valid', 'localhost', NOT_ACTIVATED],
    ['wrong-host', 'localhost', BAD_IDENTITY],
    ['unknown-ca', 'localhost', UNKNOWN_CA],
    ['self-signed', 'localhost', UNKNOWN_CA],
    ['missing-intermediate', 'localhost', UNKNOWN_CA],
    ['expired', 'elsewhere.test', EXPIRED | BAD_IDENTITY],
    ['not-yet-valid', 'elsewhere.test', NOT_ACTIVATED | BAD_IDENTITY],
    ['unknown-ca', 'elsewhere.test', UNKNOWN_CA | BAD_IDENTITY],
    ['good', '127.0.0.2', BAD_IDENTITY],
  ])('refuses the certificate %s for %s with the flags %i', async (role, serverIdentity, flags) => {
    const certificate = await trust.authority.issueRole(role)
    await withRawTlsServer(greet, { certificate }, async (server) => {
      const options = { serverIdentity, database: trust.database }
      const error = await rejection(connectClient(load, server, options))
      expect(error).toMatchObject({ domain: 'g-tls-error-quark', code: 'BAD_CERTIFICATE', flags })
      expect(error.message).toMatch(/^The certificate of .*\.$/)
    })
  })

  it('finds an unknown authority behind an expired certificate', async () => {
    const stranger = await createTrust()
    const certificate = await stranger.authority.issueRole('expired')
    await withRawTlsServer(greet, { certificate }, async (server) => {
      const options = { serverIdentity: 'localhost', database: trust.database }
      expect((await rejection(connectClient(load, server, options))).flags).toBe(EXPIRED | UNKNOWN_CA)
    })
  })

  it('checks no identity when none is given', async () => {
    const certificate = await trust.authority.issueRole('wrong-host')
    await withRawTlsServer(greet, { certificate }, async (server) => {
      const { result, stream } = await connectClient(load, server, { serverIdentity: null, database: trust.database })
      expect(result.peerCertificateErrors).toBe(0)
      stream.destroy()
    })
  })

  it('follows an intermediate to the root and gives the chain', async () => {
    const intermediate = await trust.authority.createIntermediate()
    const certificate = await intermediate.issue()
    await withRawTlsServer(greet, { certificate }, async (server) => {
      const options = { serverIdentity: 'localhost', database: trust.database }
      const { result, stream } = await connectClient(load, server, options)
      const issuer = TlsCertificate.fromPem(intermediate.certificatePem)
      expect(result.peerCertificate?.issuer?.isSame(issuer)).toBe(true)
      stream.destroy()
    })
  })

  it('staples a response as a server, for clients that ask for one', async () => {
    const issued = await trust.authority.issue({ mustStaple: true })
    const ocspResponse = createOcspResponse({
      certificatePem: issued.certificatePem,
      issuerPem: trust.authority.certificatePem,
      signer: trust.authority,
    })
    const certificate = ownCertificate(issued)
    await withPair(load, { trust, certificate, server: { ocspResponse } }, async (pair) => {
      const [result] = await pair.handshake()
      expect(result.peerCertificateErrors).toBe(0)
    })
    await withConnectedSockets(async (sockets) => {
      const server = load().createServerConnection(sockets.server, { certificate, ocspResponse })
      const peer = connect({
        socket: sockets.client,
        servername: 'localhost',
        ca: trust.authority.certificatePem,
        requestOCSP: true,
      })
      const [[stapled]] = await Promise.all([once(peer, 'OCSPResponse') as Promise<[Buffer]>, server.handshake()])
      expect(stapled).toEqual(ocspResponse)
      peer.destroy()
      release(server)
    })
  })

  it('asks acceptCertificate once, with the certificate and every flag, and carries on when it says yes', async () => {
    const certificate: IssuedCertificate = await trust.authority.issueRole('expired')
    await withRawTlsServer(greet, { certificate }, async (server) => {
      const acceptCertificate = vi.fn<AcceptCertificate>(() => true)
      const options = { serverIdentity: 'elsewhere.test', database: trust.database, acceptCertificate }
      const { result, stream } = await connectClient(load, server, options)
      expect(acceptCertificate).toHaveBeenCalledOnce()
      expect(acceptCertificate.mock.calls[0]?.[0].subjectName).toBe('CN=localhost')
      expect(acceptCertificate.mock.calls[0]?.[1]).toBe(EXPIRED | BAD_IDENTITY)
      expect(result.peerCertificateErrors).toBe(EXPIRED | BAD_IDENTITY)
      expect(await firstText(stream)).toBe('hello')
      stream.destroy()
    })
  })

  it('does not ask about a certificate that is in order', async () => {
    const certificate = await trust.authority.issue()
    await withRawTlsServer(greet, { certificate }, async (server) => {
      const acceptCertificate = vi.fn<AcceptCertificate>(() => false)
      const options = { serverIdentity: 'localhost', database: trust.database, acceptCertificate }
      const { stream } = await connectClient(load, server, options)
      expect(acceptCertificate).not.toHaveBeenCalled()
      stream.destroy()
    })
  })

  it('fails with what acceptCertificate throws', async () => {
    const certificate = await trust.authority.issueRole('expired')
    await withRawTlsServer(greet, { certificate }, async (server) => {
      const thrown = new Error('no opinion')
      const acceptCertificate = (): boolean => {
        throw thrown
      }
      const options = { serverIdentity: 'localhost', database: trust.database, acceptCertificate }
      expect(await rejection(connectClient(load, server, options))).toBe(thrown)
    })
  })
}
