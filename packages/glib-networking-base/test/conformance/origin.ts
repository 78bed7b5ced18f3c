// A server of the backend under test on one port, for clients that come back.
import { once } from 'node:events'
import { connect } from 'node:net'
import { withRawServer } from '@wpe-networking/test-support'
import type {
  LoadTlsBackend,
  TlsBackendConnection,
  TlsClientConnectionOptions,
  TlsHandshakeResult,
  TlsServerConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import { release } from './pair.ts'
import { firstText } from './peers.ts'

/** Both ends of one visit, and what they say of it. */
export interface Visit {
  readonly client: TlsBackendConnection
  readonly server: TlsBackendConnection
  readonly result: TlsHandshakeResult
  readonly serverResult: TlsHandshakeResult
}

export interface Origin {
  readonly port: number
  /** The next connection that a client opens to {@link Origin.port}, before its handshake. */
  accept(): Promise<TlsBackendConnection>
  /** One whole connection: both handshakes, a word from the server (a ticket of TLS 1.3 comes before it), `look`, the end. */
  visit(options: TlsClientConnectionOptions, look?: (visit: Visit) => void): Promise<void>
}

/** Runs `use` with a server of the backend `load` gives; `loadClient` is that of its visitors, by default the same. */
export async function withOrigin<T>(
  load: LoadTlsBackend,
  options: TlsServerConnectionOptions,
  use: (origin: Origin) => Promise<T>,
  loadClient: LoadTlsBackend = load,
): Promise<T> {
  const accepted: TlsBackendConnection[] = []
  const waiting: ((connection: TlsBackendConnection) => void)[] = []
  return await withRawServer(
    (socket) => {
      const connection = load().createServerConnection(socket, options)
      const waiter = waiting.shift()
      if (waiter === undefined) accepted.push(connection)
      else waiter(connection)
    },
    async ({ port }) => {
      const accept = async (): Promise<TlsBackendConnection> =>
        accepted.shift() ?? (await new Promise((resolve) => void waiting.push(resolve)))
      return await use({
        port,
        accept,
        visit: async (clientOptions, look) => await visit(loadClient, port, accept, clientOptions, look),
      })
    },
  )
}

async function visit(
  loadClient: LoadTlsBackend,
  port: number,
  accept: () => Promise<TlsBackendConnection>,
  options: TlsClientConnectionOptions,
  look?: (visit: Visit) => void,
): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const [server] = await Promise.all([accept(), once(socket, 'connect')])
  const client = loadClient().createClientConnection(socket, options)
  try {
    const [result, serverResult] = await Promise.all([client.handshake(), server.handshake()])
    server.stream.write('hello')
    await firstText(client.stream)
    look?.({ client, server, result, serverResult })
  } finally {
    for (const end of [client, server]) release(end)
    socket.destroy()
  }
}
