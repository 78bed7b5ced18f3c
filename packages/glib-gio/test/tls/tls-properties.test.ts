import { buffer } from 'node:stream/consumers'
import { beforeAll, describe, expect, it } from 'vitest'
import { CertificateAuthority, connectedSockets, withRelay, withRawServer } from '@wpe-networking/test-support'
import {
  loadTlsBackend,
  SocketClient,
  TlsAuthenticationMode,
  TlsBackend,
  TlsCertificate,
  TlsChannelBindingError,
  TlsChannelBindingType,
  TlsClientConnection,
  TlsDatabase,
  TlsInteraction,
  TlsProtocolVersion,
  TlsServerConnection,
} from '@wpe-networking/glib-gio'
import type {
  TlsBackendName,
  TlsCertificateRequest,
  TlsClientConnectionProperties,
  TlsServerConnectionProperties,
} from '@wpe-networking/glib-gio'

let database: TlsDatabase
let certificate: TlsCertificate
let clientCertificate: TlsCertificate

beforeAll(async () => {
  const authority = await CertificateAuthority.create()
  const issue = async (dnsName: string, usage: 'server' | 'client'): Promise<TlsCertificate> => {
    const issued = await authority.issue({ dnsNames: [dnsName], usages: [usage] })
    return TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
  }
  database = new TlsDatabase([authority.certificatePem])
  certificate = await issue('localhost', 'server')
  clientCertificate = await issue('client.example', 'client')
})

interface Pair {
  client: TlsClientConnection
  server: TlsServerConnection
}

async function pair(
  backend: TlsBackendName,
  client: Partial<TlsClientConnectionProperties> = {},
  server: Partial<TlsServerConnectionProperties> = {},
): Promise<Pair> {
  const sockets = await connectedSockets()
  return {
    client: TlsClientConnection.create(sockets.client, { serverIdentity: 'localhost', database, backend, ...client }),
    server: TlsServerConnection.create(sockets.server, { certificate, database, backend, ...server }),
  }
}

const handshake = ({ client, server }: Pair): Promise<unknown> => Promise.all([client.handshake(), server.handshake()])
const close = ({ client, server }: Pair): Promise<unknown> => Promise.all([client.close(), server.close()])

class CertificateGiver extends TlsInteraction {
  readonly asked: TlsCertificateRequest[] = []

  override requestCertificate(request: TlsCertificateRequest): Promise<TlsCertificate> {
    this.asked.push(request)
    return Promise.resolve(clientCertificate)
  }
}

const names: TlsBackendName[] = ['openssl', 'gnutls']
const isLoadable = new Map<TlsBackendName, boolean>()
for (const name of names) {
  const loading = loadTlsBackend(name).then(
    () => true,
    () => false, // the library is not on this machine: the backend's own tests say so
  )
  isLoadable.set(name, await loading)
}

describe.each(names.filter((name) => isLoadable.get(name)))('the properties of a TLS connection over %s', (backend) => {
  it('channel bindings are the same on both ends, and not there before the handshake', async () => {
    const ends = await pair(backend)
    expect(() => ends.client.getChannelBindingData(TlsChannelBindingType.TLS_EXPORTER)).toThrow(
      expect.objectContaining({ domain: 'g-tls-channel-binding-error-quark', code: 'INVALID_STATE' }),
    )
    await handshake(ends)
    for (const type of [TlsChannelBindingType.TLS_EXPORTER, TlsChannelBindingType.TLS_SERVER_END_POINT]) {
      const data = ends.client.getChannelBindingData(type)
      expect(data.length).toBeGreaterThanOrEqual(32)
      expect(ends.server.getChannelBindingData(type).equals(data)).toBe(true)
    }
    expect(() => ends.client.getChannelBindingData(TlsChannelBindingType.TLS_UNIQUE)).toThrow(TlsChannelBindingError)
    await close(ends)
  })

  it('keeps to the highest version it is given', async () => {
    const ends = await pair(backend, { maximumVersion: TlsProtocolVersion.TLS_1_2 })
    await handshake(ends)
    expect(ends.client.protocolVersion).toBe(TlsProtocolVersion.TLS_1_2)
    const { TLS_UNIQUE } = TlsChannelBindingType
    expect(ends.client.getChannelBindingData(TLS_UNIQUE)).toEqual(ends.server.getChannelBindingData(TLS_UNIQUE))
    await close(ends)

    const older = { maximumVersion: TlsProtocolVersion.TLS_1_2 }
    const newer = { minimumVersion: TlsProtocolVersion.TLS_1_3 }
    const apart = await pair(backend, older, newer)
    const results = await Promise.allSettled([apart.client.handshake(), apart.server.handshake()])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  it('asks the interaction for a certificate when the server wants one', async () => {
    const interaction = new CertificateGiver()
    const authenticationMode = TlsAuthenticationMode.REQUIRED
    const ends = await pair(backend, { interaction }, { authenticationMode })
    await handshake(ends)
    expect(interaction.asked).toHaveLength(1)
    expect(interaction.asked[0]?.serverIdentity).toBe('localhost')
    expect(ends.server.peerCertificate?.isSame(clientCertificate)).toBe(true)
    expect(ends.client.acceptedCas).toEqual(interaction.asked[0]?.acceptedCas)
    await close(ends)
  })

  it('tells a peer that was cut off from one that ended, unless nobody wants to know', async () => {
    const serve = (use: (port: number) => Promise<void>): Promise<void> =>
      withRawServer(
        (socket) => {
          const server = TlsServerConnection.create(socket, { certificate, backend })
          server.handshake().then(
            () => void server.ioStream.on('error', () => undefined).write('half'),
            () => undefined,
          )
        },
        ({ port }) => use(port),
      )
    const read = (requireCloseNotify: boolean, port: number): Promise<string> =>
      withRelay(port, async (relay) => {
        const connection = await new SocketClient().connectToHost('127.0.0.1', relay.port)
        const properties = { serverIdentity: 'localhost', database, backend, requireCloseNotify }
        const client = TlsClientConnection.create(connection.ioStream, properties)
        await client.handshake()
        client.ioStream.once('readable', () => relay.truncate())
        return String(await buffer(client.ioStream))
      })
    await serve(async (port) => {
      await expect(read(true, port)).rejects.toMatchObject({ domain: 'g-tls-error-quark', code: 'EOF' })
      expect(await read(false, port)).toBe('half')
    })
  })
})

it('every property reaches the backend', async () => {
  const inner = await loadTlsBackend('openssl')
  const seen: object[] = []
  const backend: TlsBackend = {
    name: inner.name,
    version: inner.version,
    dtls: inner.dtls,
    verifyChain: (chain, options) => inner.verifyChain(chain, options),
    createClientConnection: (stream, options) => {
      seen.push(options)
      return inner.createClientConnection(stream, options)
    },
    createServerConnection: (stream, options) => {
      seen.push(options)
      return inner.createServerConnection(stream, options)
    },
  }
  const both = {
    advertisedProtocols: ['h2'],
    database,
    minimumVersion: TlsProtocolVersion.TLS_1_2,
    maximumVersion: TlsProtocolVersion.TLS_1_3,
    requireCloseNotify: false,
  }
  const own = { serverIdentity: 'localhost', certificate: clientCertificate, interaction: new TlsInteraction() }
  const others = { certificate, authenticationMode: TlsAuthenticationMode.REQUESTED, ocspResponse: Buffer.of(0x30, 0) }
  const sockets = await connectedSockets()
  const client = TlsClientConnection.create(sockets.client, { ...both, ...own, backend })
  const server = TlsServerConnection.create(sockets.server, { ...both, ...others, backend })
  await Promise.allSettled([client.handshake(), server.handshake()])
  expect(seen).toEqual([
    { ...both, ...own, acceptCertificate: expect.any(Function) as unknown },
    { ...both, ...others, acceptCertificate: expect.any(Function) as unknown },
  ])
  await Promise.all([client.close(), server.close()])
})

it('supportsDtls says what the default backend can do', async () => {
  TlsBackend.setDefault('openssl')
  expect(await TlsBackend.supportsDtls()).toBe((await loadTlsBackend('openssl')).dtls !== null)
  TlsBackend.setDefault('nonesuch' as TlsBackendName)
  expect(await TlsBackend.supportsDtls()).toBe(false)
  TlsBackend.setDefault(null)
})
