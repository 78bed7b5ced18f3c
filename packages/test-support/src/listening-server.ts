// What every server of this package is: listening on a loopback port, able to close with all its connections.

import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'

export interface ListeningServer {
  /** The port the system chose. */
  readonly port: number
  /** Such as `http://127.0.0.1:40123`, without a slash at the end. */
  readonly origin: string
  /** Sockets accepted since the start. */
  readonly connectionCount: number
  /** Sockets open now. */
  readonly openConnections: number
  /** Resolves when the next socket closes. */
  connectionClosed(): Promise<void>
  /** Stops listening, destroys every open socket, and resolves when the last one is gone. */
  close(): Promise<void>
}

/** Listens with `server` on `host`, port 0. */
export async function listen(server: Server, scheme: string, host = '127.0.0.1'): Promise<ListeningServer> {
  const sockets = new Set<Socket>()
  let connectionCount = 0
  server.on('connection', (socket: Socket) => {
    connectionCount++
    sockets.add(socket)
    socket.on('error', () => undefined) // A client may go as it likes; what a test expects of it, it asserts itself.
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return {
    port,
    origin: `${scheme}://${authority}`,
    get connectionCount() {
      return connectionCount
    },
    get openConnections() {
      return sockets.size
    },
    async connectionClosed() {
      await Promise.race([...sockets].map((socket) => once(socket, 'close')))
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Runs `use` with `server` and closes it afterwards, whatever happens. */
export async function closingAfter<S extends { close(): Promise<void> }, T>(
  started: Promise<S>,
  use: (server: S) => Promise<T>,
): Promise<T> {
  const server = await started
  try {
    return await use(server)
  } finally {
    await server.close()
  }
}
