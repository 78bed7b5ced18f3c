// Two connected TCP sockets, for tests that own both ends of a connection.

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface ConnectedSockets {
  readonly client: Socket
  readonly server: Socket
}

export interface ConnectedSocketsOptions {
  /** Whether the server's end stays open after the client ended its own; default false. */
  readonly allowHalfOpen?: boolean
}

/** Two ends of one loopback connection; the listener is gone when this resolves. Destroying them is the caller's. */
export async function connectedSockets(options: ConnectedSocketsOptions = {}): Promise<ConnectedSockets> {
  const listener = createServer({ allowHalfOpen: options.allowHalfOpen ?? false })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const client = connect(port, '127.0.0.1')
  const [[server]] = await Promise.all([once(listener, 'connection') as Promise<[Socket]>, once(client, 'connect')])
  listener.close()
  return { client, server }
}

/** Runs `use` with two connected sockets and destroys both afterwards. */
export async function withConnectedSockets<T>(
  use: (sockets: ConnectedSockets) => Promise<T>,
  options: ConnectedSocketsOptions = {},
): Promise<T> {
  const sockets = await connectedSockets(options)
  try {
    return await use(sockets)
  } finally {
    sockets.client.destroy()
    sockets.server.destroy()
  }
}
