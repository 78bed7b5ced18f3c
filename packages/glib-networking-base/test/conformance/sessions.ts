// Resumption: who may use a session again, and who must not. RFC 8446 section 2.2, RFC 5077.
import type { TLSSocket } from 'node:tls'
import { beforeAll, expect, it } from 'vitest'
import { withRawTlsServer, type ListeningServer } from '@wpe-networking/test-support'
import {
  TlsCertificateFlags,
  TlsDatabase,
  type LoadTlsBackend,
  type TlsClientConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import { connectClient, createTrust, firstText, rejection, type Trust } from './peers.ts'

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

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('resumes the session of an earlier %s connection', async (version) => {
    const certificate = await trust.authority.issue()
    const tls = { minVersion: version, maxVersion: version }
    await withRawTlsServer(greet, { certificate, tls }, async (server) => {
      const options = { serverIdentity: 'localhost', database: new TlsDatabase(trust.database.anchorsPem) }
      expect(await connectOnce(server, options)).toBe(false)
      const { result, stream } = await connectClient(load, server, options)
      expect(result).toMatchObject({ resumed: true, peerCertificateErrors: 0 })
      expect(result.peerCertificate?.subjectName).toBe('CN=localhost')
      stream.destroy()
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
