// Both ends of one connection on the backend under test, with the bytes between them in the test's hands.
import type { Socket } from 'node:net'
import { withConnectedSockets } from '@wpe-networking/test-support'
import {
  TlsCertificate,
  TlsError,
  type LoadTlsBackend,
  type TlsBackendConnection,
  type TlsClientConnectionOptions,
  type TlsHandshakeResult,
  type TlsServerConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import type { IssuedCertificate } from '@wpe-networking/test-support'
import type { Trust } from './peers.ts'

/** The certificate of `issued` with its private key. */
export function ownCertificate(issued: IssuedCertificate): TlsCertificate {
  return TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
}

export interface PairOptions {
  readonly trust: Trust
  readonly certificate: TlsCertificate
  readonly client?: Partial<TlsClientConnectionOptions>
  readonly server?: Partial<TlsServerConnectionOptions>
  /** The server's backend; default: the client's. */
  readonly loadServer?: LoadTlsBackend
}

/** A connection between two ends, not yet begun. */
export interface Pair {
  readonly client: TlsBackendConnection
  readonly server: TlsBackendConnection
  /** What each end was given to work on. */
  readonly clientSocket: Socket
  readonly serverSocket: Socket
  /** What comes from the client, and goes to it. */
  readonly clientWire: Socket
  readonly serverWire: Socket
  /** Does both handshakes. */
  handshake(): Promise<readonly [TlsHandshakeResult, TlsHandshakeResult]>
}

/** Runs `use` with both ends; the wires between them are not joined. */
export async function withParted<T>(
  load: LoadTlsBackend,
  options: PairOptions,
  use: (pair: Pair) => Promise<T>,
): Promise<T> {
  const wires = { allowHalfOpen: true }
  return await withConnectedSockets(
    async (near) =>
      await withConnectedSockets(async (far) => {
        const pair = createPair(load, options, near, far)
        try {
          return await use(pair)
        } finally {
          for (const end of [pair.client, pair.server]) release(end)
        }
      }, wires),
    wires,
  )
}

/** Runs `use` with both ends joined. */
export async function withPair<T>(
  load: LoadTlsBackend,
  options: PairOptions,
  use: (pair: Pair) => Promise<T>,
): Promise<T> {
  return await withParted(load, options, async (pair) => {
    pair.clientWire.pipe(pair.serverWire)
    pair.serverWire.pipe(pair.clientWire)
    return await use(pair)
  })
}

type Sockets = Readonly<Record<'client' | 'server', Socket>>

function createPair(load: LoadTlsBackend, options: PairOptions, near: Sockets, far: Sockets): Pair {
  const { trust, certificate, loadServer = load } = options
  const client = load().createClientConnection(near.client, {
    serverIdentity: 'localhost',
    database: trust.database,
    ...options.client,
  })
  const server = loadServer().createServerConnection(far.client, {
    certificate,
    database: trust.database,
    ...options.server,
  })
  // An end that breaks the connection may reset it, which is nothing to a wire.
  for (const wire of [near.server, far.server]) wire.on('error', () => undefined)
  return {
    client,
    server,
    clientSocket: near.client,
    serverSocket: far.client,
    clientWire: near.server,
    serverWire: far.server,
    handshake: () => Promise.all([client.handshake(), server.handshake()]),
  }
}

/** Destroys the stream of `connection`, if the handshake came so far that there is one. */
export function release(connection: TlsBackendConnection): void {
  try {
    connection.stream.on('error', () => undefined).destroy()
  } catch (error) {
    if (!(error instanceof TlsError)) throw error
  }
}

/** Everything `stream` gives until its end, as one buffer. */
export async function readAll(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
