// Typed diagnostics channels of the server; nothing is made or sent when nobody listens.
// Published by Server. Payload times are milliseconds since the epoch, with a fraction.

import { channel } from 'node:diagnostics_channel'
import { metricsNow } from '../message/message-metrics.ts'
import type { ServerConnection } from './server-connection.ts'
import type { ServerMessageOutcome } from './server-message-driver.ts'
import type { ServerMessage } from './server-message.ts'

interface ServerDiagnosticsBase {
  /** When it happened. */
  readonly time: number
  /** Number of the connection in its server. */
  readonly connectionId: number
}

/** `wpe:soup:server-connection`: a connection was accepted, its TLS handshake done. */
export interface ServerConnectionDiagnostics extends ServerDiagnosticsBase {
  readonly remoteAddress: string | null
  readonly protocol: 'http/1.1' | 'h2'
  readonly isTls: boolean
}

/** `wpe:soup:server-connection-failed`: a handshake failed, or the client did not speak HTTP or broke a limit. */
export interface ServerConnectionFailedDiagnostics extends ServerDiagnosticsBase {
  readonly remoteAddress: string | null
  readonly error: Error
}

/** `wpe:soup:server-request`: a request is over. */
export interface ServerRequestDiagnostics extends ServerDiagnosticsBase {
  readonly messageId: number
  readonly method: string
  readonly uri: string
  /** 0 when the client went away before there was one. */
  readonly status: number
  readonly outcome: ServerMessageOutcome
  /** What a handler threw or why the response was broken off, or null. */
  readonly error: Error | null
}

const connectionChannel = channel('wpe:soup:server-connection')
const connectionFailedChannel = channel('wpe:soup:server-connection-failed')
const requestChannel = channel('wpe:soup:server-request')

/** Tells of an accepted connection. */
export function publishServerConnection(connection: ServerConnection): void {
  if (!connectionChannel.hasSubscribers) return
  connectionChannel.publish({
    time: metricsNow(),
    connectionId: connection.id,
    remoteAddress: connection.remoteAddress?.toString() ?? null,
    protocol: connection.negotiatedProtocol === 'h2' ? 'h2' : 'http/1.1',
    isTls: connection.isTls,
  } satisfies ServerConnectionDiagnostics)
}

/** Tells of a connection that failed before or between requests. */
export function publishServerConnectionFailed(connection: ServerConnection, error: Error): void {
  if (!connectionFailedChannel.hasSubscribers) return
  connectionFailedChannel.publish({
    time: metricsNow(),
    connectionId: connection.id,
    remoteAddress: connection.remoteAddress?.toString() ?? null,
    error,
  } satisfies ServerConnectionFailedDiagnostics)
}

/**
 * Tells of a request that is over.
 *
 * @returns Whether anybody listens.
 */
export function publishServerRequest(
  connection: ServerConnection,
  message: ServerMessage,
  outcome: ServerMessageOutcome,
  error: Error | null,
): boolean {
  if (!requestChannel.hasSubscribers) return false
  requestChannel.publish({
    time: metricsNow(),
    connectionId: connection.id,
    messageId: message.id,
    method: message.method,
    uri: message.uri.toString(),
    status: message.status,
    outcome,
    error,
  } satisfies ServerRequestDiagnostics)
  return true
}
