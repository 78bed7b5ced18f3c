// What the library itself finds wrong with a chain: weak keys and signatures, wrong purposes, anchors of every kind.
import { beforeAll, expect, it } from 'vitest'
import { withRawTlsServer, type IssueOptions } from '@wpe-networking/test-support'
import { TlsCertificateFlags, TlsDatabase, type LoadTlsBackend } from '@wpe-networking/glib-networking-base'
import { connectClient, createTrust, rejection, type Trust } from './peers.ts'

const { GENERIC_ERROR, INSECURE, UNKNOWN_CA, EXPIRED } = TlsCertificateFlags

export function describeChains(load: LoadTlsBackend): void {
  let trust: Trust

  beforeAll(async () => {
    trust = await createTrust()
  })

  it.each<[string, IssueOptions, number]>([
    ['a key that is too short', { keyType: 'rsa-1024' }, INSECURE],
    ['a signature that is too weak', { signatureHash: 'SHA-1' }, INSECURE],
    ['a purpose that is not a server’s', { usages: ['client'] }, GENERIC_ERROR],
  ])('refuses %s', async (_, options, flags) => {
    const certificate = await trust.authority.issue(options)
    const tls = { ciphers: 'DEFAULT@SECLEVEL=0' }
    await withRawTlsServer(
      () => undefined,
      { certificate, tls },
      async (server) => {
        const client = { serverIdentity: 'localhost', database: trust.database }
        expect(await rejection(connectClient(load, server, client))).toMatchObject({ code: 'BAD_CERTIFICATE', flags })
      },
    )
  })

  it('trusts an anchor that is not self-signed', async () => {
    const intermediate = await trust.authority.createIntermediate()
    const certificate = await intermediate.issue()
    await withRawTlsServer(
      () => undefined,
      { certificate },
      async (server) => {
        const database = new TlsDatabase([intermediate.certificatePem])
        const { result, stream } = await connectClient(load, server, { serverIdentity: 'localhost', database })
        expect(result.peerCertificateErrors).toBe(0)
        stream.destroy()
      },
    )
  })

  it('trusts a self-signed certificate that is an anchor itself, but not past its time', async () => {
    for (const [role, flags] of [
      ['good', 0],
      ['expired', EXPIRED],
    ] as const) {
      const stranger = await createTrust()
      const certificate = await stranger.authority.issueRole(role)
      await withRawTlsServer(
        () => undefined,
        { certificate },
        async (server) => {
          const database = new TlsDatabase([certificate.certificatePem])
          const acceptCertificate = (): boolean => true
          const client = { serverIdentity: 'localhost', database, acceptCertificate }
          const { result, stream } = await connectClient(load, server, client)
          expect(result.peerCertificateErrors).toBe(flags)
          stream.destroy()
        },
      )
    }
  })

  it('trusts nobody with an empty database', async () => {
    const certificate = await trust.authority.issue()
    await withRawTlsServer(
      () => undefined,
      { certificate },
      async (server) => {
        const client = { serverIdentity: 'localhost', database: new TlsDatabase([]) }
        expect((await rejection(connectClient(load, server, client))).flags).toBe(UNKNOWN_CA)
      },
    )
  })
}
