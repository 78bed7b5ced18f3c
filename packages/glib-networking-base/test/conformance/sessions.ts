// Resumption: who may use a session again, and who must not. RFC 8446 section 2.2, RFC 5077.
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import { createOcspResponse, withRawTlsServer, type ListeningServer } from '@wpe-networking/test-support'
import {
  TlsCertificateFlags,
  TlsDatabase,
  TlsProtocolVersion,
  type LoadTlsBackend,
  type TlsClientConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import { withOrigin } from './origin.ts'
import { ownCertificate, release } from './pair.ts'
import { connectClient, createTrust, firstText, rejection, type Trust } from './peers.ts'

const VERSIONS = [
  ['TLSv1.2', TlsProtocolVersion.TLS_1_2],
  ['TLSv1.3', TlsProtocolVersion.TLS_1_3],
] as const

export function describeSessions(load: LoadTlsBackend): void {
  let trust: Trust
  const greet = (socket: TLSSocket): void => void socket.write('hello')

  beforeAll(async () => {
    trust = await createTrust()
  })

  /** One whole connection; tickets of TLS 1.3 come with the first data. Gives whether it was resumed. */
  async function connectOnce(server: ListeningServer, options: TlsClientConnectionOptions): Promise<boolean> {
    const { result, stream } = await connectClient(load, server, options)
    await firstText(stream)
    stream.destroy()
    return result.resumed
  }

  describe.each(VERSIONS)('in %s', (version, maximumVersion) => {
    it('a client resumes connections to node:tls, with the certificate of the first', async () => {
      const certificate = await trust.authority.issue()
      const tls = { minVersion: version, maxVersion: version }
      await withRawTlsServer(greet, { certificate, tls }, async (server) => {
        const options = { serverIdentity: 'localhost', database: new TlsDatabase(trust.database.anchorsPem) }
        // TLS 1.3 uses a ticket once, and OpenSSL's servers give two in a full handshake and none in a resumed one.
        const fourth = version === 'TLSv1.2'
        for (const resumed of [false, true, true, fourth, true]) {
          const { result, stream } = await connectClient(load, server, options)
          expect(result).toMatchObject({ resumed, peerCertificateErrors: 0 })
          expect(result.peerCertificate?.subjectName).toBe('CN=localhost')
          await firstText(stream)
          stream.destroy()
        }
      })
    })

    it('a client and a server resume two of three connections, and both say so', async () => {
      const certificate = ownCertificate(await trust.authority.issue())
      const database = new TlsDatabase(trust.database.anchorsPem)
      const counted: boolean[][] = []
      await withOrigin(load, { certificate, maximumVersion }, async (origin) => {
        for (let count = 0; count < 3; count++) {
          await origin.visit({ serverIdentity: 'localhost', database }, ({ result, serverResult }) =>
            counted.push([result.resumed, serverResult.resumed]),
          )
        }
      })
      expect(counted).toEqual([false, true, true].map((resumed) => [resumed, resumed]))
    })

    it('a server resumes the session of a node:tls client', async () => {
      const certificate = ownCertificate(await trust.authority.issue())
      const ca = trust.authority.certificatePem
      await withOrigin(load, { certificate, maximumVersion }, async (origin) => {
        let session: Buffer | undefined
        for (const resumed of [false, true]) {
          const peer = connect({ port: origin.port, host: '127.0.0.1', servername: 'localhost', ca, session })
          const server = await origin.accept()
          const sessionGiven = once(peer, 'session') as Promise<[Buffer]>
          const [result] = await Promise.all([server.handshake(), once(peer, 'secureConnect')])
          expect([result.resumed, peer.isSessionReused()]).toEqual([resumed, resumed])
          server.stream.write('hello')
          await firstText(peer)
          if (!resumed) session = (await sessionGiven)[0]
          peer.destroy()
          release(server)
        }
      })
    })
  })

  it.each(VERSIONS)('does not forget in %s what a stapled response said', async (_, maximumVersion) => {
    const issued = await trust.authority.issue()
    const issuerPem = trust.authority.certificatePem
    const database = new TlsDatabase(trust.database.anchorsPem)
    const ocspResponse = createOcspResponse({
      certificatePem: issued.certificatePem,
      issuerPem,
      signer: trust.authority,
      status: 'revoked',
    })
    await withOrigin(load, { certificate: ownCertificate(issued), ocspResponse, maximumVersion }, async (origin) => {
      const options = { serverIdentity: 'localhost', database }
      const seen: TlsCertificateFlags[] = []
      const acceptCertificate = (_certificate: unknown, errors: TlsCertificateFlags): boolean => seen.push(errors) > 0
      for (let count = 0; count < 2; count++) await origin.visit({ ...options, acceptCertificate }, () => undefined)
      expect(seen).toEqual([TlsCertificateFlags.REVOKED, TlsCertificateFlags.REVOKED])
    })
  })

  it('does not resume for a database that trusts somebody else', async () => {
    const certificate = await trust.authority.issue()
    await withRawTlsServer(greet, { certificate }, async (server) => {
      await connectOnce(server, { serverIdentity: 'localhost', database: trust.database })
      const other = (await createTrust()).database
      const error = await rejection(connectOnce(server, { serverIdentity: 'localhost', database: other }))
      expect(error.flags).toBe(TlsCertificateFlags.UNKNOWN_CA)
    })
  })

  it('does not resume for another identity', async () => {
    const certificate = await trust.authority.issue()
    await withRawTlsServer(greet, { certificate }, async (server) => {
      await connectOnce(server, { serverIdentity: 'localhost', database: trust.database })
      const error = await rejection(connectOnce(server, { serverIdentity: 'other.test', database: trust.database }))
      expect(error.flags).toBe(TlsCertificateFlags.BAD_IDENTITY)
    })
  })

  it('does not let an accepted bad certificate pass unasked the next time', async () => {
    const certificate = await trust.authority.issueRole('expired')
    await withRawTlsServer(greet, { certificate }, async (server) => {
      const options = { serverIdentity: 'localhost', database: trust.database }
      await connectOnce(server, { ...options, acceptCertificate: () => true })
      const error = await rejection(connectOnce(server, options))
      expect(error.flags).toBe(TlsCertificateFlags.EXPIRED)
    })
  })
}
