// Channel bindings: the same bytes on both ends, as node:tls computes them at the other, and why there are none.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls, type TlsOptions, type TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import { withConnectedSockets, withRawTlsServer } from '@wpe-networking/test-support'
import {
  TlsCertificate,
  TlsChannelBindingError,
  TlsChannelBindingType,
  TlsDatabase,
  TlsProtocolVersion,
  type TlsBackendConnection,
} from '@wpe-networking/glib-networking-base'
import { createTrust, type Trust } from '../../glib-networking-base/test/conformance/peers.ts'
import { opensslBackend } from '../src/index.ts'

const { TLS_UNIQUE, TLS_SERVER_END_POINT, TLS_EXPORTER } = TlsChannelBindingType
const TYPES = [TLS_UNIQUE, TLS_SERVER_END_POINT, TLS_EXPORTER]
const { TLS_1_2, TLS_1_3 } = TlsProtocolVersion
/** Node has no name for SSL_OP_NO_EXTENDED_MASTER_SECRET. */
const NO_EXTENDED_MASTER_SECRET = 1

let trust: Trust
let own: TlsCertificate

beforeAll(async () => {
  trust = await createTrust()
  const issued = await trust.authority.issue()
  own = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
})

function bindingOf(connection: TlsBackendConnection, type: TlsChannelBindingType): string {
  try {
    return connection.getChannelBindingData(type).toString('hex')
  } catch (error) {
    if (error instanceof TlsChannelBindingError) return error.code
    throw error
  }
}

interface BothEnds {
  readonly client: readonly string[]
  readonly server: readonly string[]
  readonly resumed: boolean
}

/** Both ends of this backend, with the bindings of all types. */
async function meet(database: TlsDatabase, maximumVersion: TlsProtocolVersion): Promise<BothEnds> {
  return await withConnectedSockets(async (sockets) => {
    const server = opensslBackend.createServerConnection(sockets.server, { certificate: own })
    const client = opensslBackend.createClientConnection(sockets.client, {
      serverIdentity: 'localhost',
      database,
      maximumVersion,
    })
    const [result] = await Promise.all([client.handshake(), server.handshake()])
    server.stream.end('tickets come with the first data')
    await once(client.stream.resume(), 'end')
    return {
      client: TYPES.map((type) => bindingOf(client, type)),
      server: TYPES.map((type) => bindingOf(server, type)),
      resumed: result.resumed,
    }
  })
}

it.each([
  ['TLS 1.2', TLS_1_2],
  ['TLS 1.3', TLS_1_3],
])('are the same on both ends in %s, resumed or not, and other ones in each connection', async (_, version) => {
  const database = new TlsDatabase(trust.database.anchorsPem)
  const first = await meet(database, version)
  const second = await meet(database, version)
  expect([first.resumed, second.resumed]).toEqual([false, true])
  expect(first.server).toEqual(first.client)
  expect(second.server).toEqual(second.client)
  const endPoint = createHash('sha256').update(own.certificate).digest('hex')
  for (const [unique, atServer, exporter] of [first.client, second.client]) {
    expect(unique).toMatch(version === TLS_1_2 ? /^[\da-f]{24}$/ : /^NOT_SUPPORTED$/)
    expect(atServer).toBe(endPoint)
    expect(exporter).toMatch(/^[\da-f]{64}$/)
  }
  expect(first.client[2]).not.toBe(second.client[2])
})

describe('against node:tls', () => {
  async function withNodeServer(
    tls: TlsOptions,
    use: (near: TlsBackendConnection, far: TLSSocket) => void,
  ): Promise<void> {
    const certificate = { ...(await trust.authority.issue()) }
    const accepted = Promise.withResolvers<TLSSocket>()
    await withRawTlsServer(accepted.resolve, { certificate, tls }, async ({ port }) => {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      const near = opensslBackend.createClientConnection(socket, {
        serverIdentity: 'localhost',
        database: new TlsDatabase(trust.database.anchorsPem),
      })
      await near.handshake()
      use(near, await accepted.promise)
      near.stream.destroy()
    })
  }

  it('gives the client’s Finished message of a full handshake', async () => {
    await withNodeServer({ maxVersion: 'TLSv1.2' }, (near, far) => {
      expect(near.getChannelBindingData(TLS_UNIQUE)).toEqual(far.getPeerFinished())
    })
  })

  it('exports with an empty context', async () => {
    await withNodeServer({ maxVersion: 'TLSv1.2' }, (near, far) => {
      const expected = far.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
      expect(near.getChannelBindingData(TLS_EXPORTER)).toEqual(expected)
    })
  })

  it('exports nothing without the extended master secret', async () => {
    await withNodeServer({ maxVersion: 'TLSv1.2', secureOptions: NO_EXTENDED_MASTER_SECRET }, (near) => {
      expect(bindingOf(near, TLS_EXPORTER)).toBe('NOT_AVAILABLE')
    })
  })
})

it('are not there before the handshake, after the connection, or for a type nobody knows', async () => {
  await withConnectedSockets(async (sockets) => {
    const server = opensslBackend.createServerConnection(sockets.server, { certificate: own })
    for (const type of TYPES) expect(bindingOf(server, type)).toBe('INVALID_STATE')
    const client = connectTls({ socket: sockets.client, servername: 'localhost', ca: [...trust.database.anchorsPem] })
    client.on('error', () => undefined)
    await server.handshake()
    expect(bindingOf(server, 2 as TlsChannelBindingType)).toBe('NOT_IMPLEMENTED')
    server.stream.destroy()
    await once(server.stream, 'close')
    expect(bindingOf(server, TLS_EXPORTER)).toBe('NOT_AVAILABLE')
    expect(bindingOf(server, TLS_SERVER_END_POINT)).toMatch(/^[\da-f]{64}$/)
    client.destroy()
  })
})
