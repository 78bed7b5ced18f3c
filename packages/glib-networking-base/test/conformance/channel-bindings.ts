// What ties a connection to what is said over it: the same on both ends, and no other's. RFC 5929, RFC 9266.
import { createHash } from 'node:crypto'
import { beforeAll, expect, it } from 'vitest'
import { withConnectedSockets } from '@wpe-networking/test-support'
import {
  TlsChannelBindingError,
  TlsChannelBindingType,
  TlsDatabase,
  TlsProtocolVersion,
  type LoadTlsBackend,
  type TlsBackendConnection,
  type TlsCertificate,
} from '@wpe-networking/glib-networking-base'
import { withOrigin } from './origin.ts'
import { ownCertificate, withPair } from './pair.ts'
import { connectNodeClient, createTrust, type Trust } from './peers.ts'

const { TLS_UNIQUE, TLS_SERVER_END_POINT, TLS_EXPORTER } = TlsChannelBindingType
const { TLS_1_2, TLS_1_3 } = TlsProtocolVersion

const VERSIONS = [
  ['TLS 1.2', TLS_1_2],
  ['TLS 1.3', TLS_1_3],
] as const
const TYPES = [
  ['tls-unique', TLS_UNIQUE],
  ['tls-server-end-point', TLS_SERVER_END_POINT],
  ['tls-exporter', TLS_EXPORTER],
] as const
const DEFINED = VERSIONS.flatMap(([versionName, version]) =>
  TYPES.map(([name, type]) => [name, versionName, type, version] as const),
).filter(([, , type, version]) => type !== TLS_UNIQUE || version === TLS_1_2)

export function describeChannelBindings(load: LoadTlsBackend): void {
  let trust: Trust
  let certificate: TlsCertificate

  beforeAll(async () => {
    trust = await createTrust()
    certificate = ownCertificate(await trust.authority.issue())
  })

  it.each(DEFINED)('%s in %s is the same on both ends', async (_, __, type, maximumVersion) => {
    await withPair(load, { trust, certificate, client: { maximumVersion } }, async (pair) => {
      await pair.handshake()
      const data = pair.client.getChannelBindingData(type)
      expect(data.length).toBeGreaterThanOrEqual(12)
      expect(pair.server.getChannelBindingData(type)).toEqual(data)
    })
  })

  it.each(DEFINED)('%s in %s is the same on both ends of a resumed connection', async (_, __, type, maximumVersion) => {
    const database = new TlsDatabase(trust.database.anchorsPem)
    const seen: Buffer[] = []
    await withOrigin(load, { certificate }, async (origin) => {
      for (const resumed of [false, true]) {
        await origin.visit({ serverIdentity: 'localhost', database, maximumVersion }, ({ client, server, result }) => {
          expect(result.resumed).toBe(resumed)
          seen.push(client.getChannelBindingData(type))
          expect(server.getChannelBindingData(type)).toEqual(seen.at(-1))
        })
      }
    })
    expect(seen[0]?.equals(seen[1] ?? Buffer.alloc(0))).toBe(type === TLS_SERVER_END_POINT)
  })

  it('tls-server-end-point is the hash of the certificate', async () => {
    await withPair(load, { trust, certificate }, async (pair) => {
      await pair.handshake()
      const hash = createHash('sha256').update(certificate.certificate).digest()
      expect(pair.client.getChannelBindingData(TLS_SERVER_END_POINT)).toEqual(hash)
    })
  })

  it.each(VERSIONS)('tls-exporter in %s is what node:tls exports', async (_, maximumVersion) => {
    await withConnectedSockets(async (sockets) => {
      const server = load().createServerConnection(sockets.server, { certificate, maximumVersion })
      const [peer] = await Promise.all([
        connectNodeClient(sockets.client, { ca: trust.authority.certificatePem }),
        server.handshake(),
      ])
      const exported = peer.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
      expect(server.getChannelBindingData(TLS_EXPORTER)).toEqual(exported)
      peer.destroy()
      server.stream.destroy()
    })
  })

  it('tls-unique is not defined in TLS 1.3 (NOT_SUPPORTED)', async () => {
    await withPair(load, { trust, certificate }, async (pair) => {
      await pair.handshake()
      for (const end of [pair.client, pair.server]) expect(codeOf(end, TLS_UNIQUE)).toBe('NOT_SUPPORTED')
    })
  })

  it.each(TYPES)('%s is not there before the handshake (INVALID_STATE)', async (_, type) => {
    await withPair(load, { trust, certificate }, async (pair) => {
      for (const end of [pair.client, pair.server]) expect(codeOf(end, type)).toBe('INVALID_STATE')
      await pair.handshake()
    })
  })
}

function codeOf(connection: TlsBackendConnection, type: TlsChannelBindingType): string | null {
  try {
    connection.getChannelBindingData(type)
    return null
  } catch (error) {
    expect(error).toBeInstanceOf(TlsChannelBindingError)
    return (error as TlsChannelBindingError).code
  }
}
