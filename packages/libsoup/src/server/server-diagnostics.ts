// Typed diagnostics channels of the server; nothing is made or sent when nobody listens.
// Published by Server. Payload times are milliseconds since the epoch, with a fraction.

import { channel } from 'node:diagnostics_channel'

interface ServerDiagnosticsBase {
  /** When it happened. */
  readonly time: number
  /** Number of the connection in its server. */
  readonly connectionId: number
}

/** `wpe:libsoup:server-connection`: a connection was accepted, its TLS handshake done. */
export interface ServerConnectionDiagnostics extends ServerDiagnosticsBase {
  readonly remoteAddress: string | null
  readonly protocol: 'http/1.1' | 'h2'
  readonly isTls: boolean
}

/** `wpe:libsoup:server-connection-failed`: a handshake failed, or the client did not speak HTTP or broke a limit. */
export interface ServerConnectionFailedDiagnostics extends ServerDiagnosticsBase {
  readonly remoteAddress: string | null
  readonly error: Error
}

/** `wpe:libsoup:server-request`: a request is over. */
export interface ServerRequestDiagnostics extends ServerDiagnosticsBase {
  readonly messageId: number
  readonly method: string
  readonly uri: string
  /** 0 when the client went away before there was one. */
  readonly status: number
  readonly outcome: 'complete' | 'interrupted'
  /** What a handler threw or why the response was broken off, or null. */
  readonly error: Error | null
}

/** The channels by stage. */
export const serverDiagnostics = {
  connection: channel('wpe:libsoup:server-connection'),
  connectionFailed: channel('wpe:libsoup:server-connection-failed'),
  request: channel('wpe:libsoup:server-request'),
} as const

/** Milliseconds since the epoch, with a fraction. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}
