// Two connected TCP sockets, for tests that own both ends of a connection.

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface ConnectedSockets {
  readonly client: Socket
  readonly server: Socket
}

export interface ConnectedSocketsOptions {
  /** Whether each side stays open after the other ended; default false. */
  readonly allowHalfOpen?: boolean
}

/** Two ends of one loopback connection; the listener is gone when this resolves. Destroying them is the caller's. */
export async function connectedSockets(options: ConnectedSocketsOptions = {}): Promise<ConnectedSockets> {
  const allowHalfOpen = options.allowHalfOpen ?? false
  const listener = createServer({ allowHalfOpen })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen })
  const [[server]] = await Promise.all([once(listener, 'connection') as Promise<[Socket]>, once(client, 'connect')])
  listener.close()
  return { client, server }
}

/** Runs `use` with two connected sockets and destroys both afterwards. */
export async function withConnectedSockets<T>(use: (sockets: ConnectedSockets) => Promise<T>): Promise<T> {
  const sockets = await connectedSockets()
  try {
    return await use(sockets)
  } finally {
    sockets.client.destroy()
    sockets.server.destroy()
  }
}
