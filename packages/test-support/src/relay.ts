// A TCP relay in front of another server, to cut a connection in ways the two ends would not do by themselves.

import { connect, type Socket } from 'node:net'
import { closingAfter, type ListeningServer } from './listening-server.ts'
import { startRawServer } from './raw-server.ts'

export interface Relay extends ListeningServer {
  /** Ends the way to the client without what the server would still say: TLS goes without its close_notify. */
  truncate(): void
  /** Resets every connection to a client. */
  reset(): void
}

/** Relays connections to `targetPort` on 127.0.0.1; close it yourself. */
export async function startRelay(targetPort: number): Promise<Relay> {
  const clients = new Set<Socket>()
  const server = await startRawServer((client) => {
    const target = connect(targetPort, '127.0.0.1')
    clients.add(client)
    client.on('close', () => {
      clients.delete(client)
      target.destroy()
    })
    target.on('error', () => client.destroy())
    client.pipe(target)
    target.pipe(client)
  })
  return Object.assign(server, {
    truncate: (): void => clients.forEach((client) => client.end()),
    reset: (): void => clients.forEach((client) => client.resetAndDestroy()),
  })
}

/** Runs `use` with a relay to `targetPort`. */
export async function withRelay<T>(targetPort: number, use: (relay: Relay) => Promise<T>): Promise<T> {
  return await closingAfter(startRelay(targetPort), use)
}
