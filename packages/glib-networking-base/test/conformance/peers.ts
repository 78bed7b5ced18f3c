// The other end of each conformance test, on node:tls, and the authority both ends know.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { CertificateAuthority, type ListeningServer } from '@wpe-networking/test-support'
import {
  TlsDatabase,
  type LoadTlsBackend,
  type TlsClientConnectionOptions,
  type TlsError,
  type TlsHandshakeResult,
} from '@wpe-networking/glib-networking-base'

export interface Trust {
  readonly authority: CertificateAuthority
  readonly database: TlsDatabase
}

/** A new authority and the database that trusts it. */
export async function createTrust(): Promise<Trust> {
  const authority = await CertificateAuthority.create()
  return { authority, database: new TlsDatabase([authority.certificatePem]) }
}

export interface ConnectedClient {
  readonly result: TlsHandshakeResult
  readonly stream: Duplex
  readonly socket: Socket
}

/** Connects to `server` and does the handshake with the backend under test. */
export async function connectClient(
  load: LoadTlsBackend,
  server: Pick<ListeningServer, 'port'>,
  options: TlsClientConnectionOptions,
  signal?: AbortSignal,
): Promise<ConnectedClient> {
  const socket = connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  const connection = load().createClientConnection(socket, options)
  const result = await connection.handshake({ signal })
  return { result, stream: connection.stream, socket }
}

/** A node:tls client over `socket`, after its handshake. */
export async function connectNodeClient(socket: Duplex, options: ConnectionOptions): Promise<TLSSocket> {
  const client = connectTls({ socket, servername: 'localhost', ...options })
  await once(client, 'secureConnect')
  return client
}

/** What `promise` rejects with; fails when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<TlsError & NodeJS.ErrnoException> {
  try {
    await promise
  } catch (error) {
    return error as TlsError & NodeJS.ErrnoException
  }
  throw new Error('It was expected to fail.')
}

/** The first chunk read from `stream`, as text. */
export async function firstText(stream: Duplex): Promise<string> {
  const [chunk] = (await once(stream, 'data')) as [Buffer]
  return chunk.toString()
}
