// What one run of SocketClient.connect needs from its client. Read by ConnectOperation, given by SocketClient.
// Upstream: glib/gio/gsocketclient.c.

import type { Socket } from 'node:net'
import type { SocketAddress } from '../addresses/socket-address.ts'
import type { SocketAddressEnumerator } from '../addresses/socket-connectable.ts'
import type { SocketClientEvent } from './socket-client-event.ts'
import type { SocketClientEventConnection } from './socket-client.ts'
import type { SocketConnection } from './socket-connection.ts'

/** What the operation needs from its client. */
export interface ConnectSteps {
  readonly enumerator: SocketAddressEnumerator
  /** How long an attempt may stay unanswered before the next one joins it, in milliseconds. */
  readonly attemptDelayMs: number
  /** How long one attempt may take, in milliseconds; 0 for as long as the kernel tries. */
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** What is being done, for messages: 'Could not connect to example.org:443'. */
  readonly failure: string
  /** Makes an unconnected socket; may throw. */
  createConnection(address: SocketAddress): { socket: Socket; connection: SocketConnection }
  /** Starts connecting `socket`, which then emits 'connect' or 'error'; may throw. */
  startConnecting(socket: Socket, address: SocketAddress): void
  /** Does what comes after TCP, emitting the events of its stages; rejects with the error. */
  establish(connection: SocketConnection, stages: EstablishStages): Promise<SocketConnection>
  emit(event: SocketClientEvent, connection: SocketClientEventConnection | null, error?: unknown): void
  /** An attempt failed; others may follow. */
  attemptFailed(connection: SocketConnection, error: unknown): void
}

export interface EstablishStages {
  /** Aborted when the operation ends. */
  readonly signal: AbortSignal
  readonly emit: (event: SocketClientEvent, connection: SocketClientEventConnection) => void
}
