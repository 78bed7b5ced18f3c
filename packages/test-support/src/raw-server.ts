// Servers that hold the bare socket: for peers that misbehave, stall, truncate or speak something else.

import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'
import type { IssuedCertificate } from './certificate-authority.ts'
import { closingAfter, listen, type ListeningServer } from './listening-server.ts'

export interface RawServerOptions {
  /** The loopback address to listen on; default `127.0.0.1`. */
  readonly host?: string
  /** Whether the server's side stays open after the client ended its own; default false. */
  readonly allowHalfOpen?: boolean
}

export interface RawTlsServerOptions {
  readonly certificate: IssuedCertificate
  readonly host?: string
  /** Anything else node:tls takes: versions, ALPN, client certificates. */
  readonly tls?: TlsOptions
}

/** A TCP server; close it yourself. */
export async function startRawServer(
  onSocket: (socket: Socket) => void,
  options: RawServerOptions = {},
): Promise<ListeningServer> {
  return await listen(createServer({ allowHalfOpen: options.allowHalfOpen ?? false }, onSocket), 'tcp', options.host)
}

/** Runs `use` with a TCP server. */
export async function withRawServer<T>(
  onSocket: (socket: Socket) => void,
  use: (server: ListeningServer) => Promise<T>,
  options: RawServerOptions = {},
): Promise<T> {
  return await closingAfter(startRawServer(onSocket, options), use)
}

/** A TLS server on node:tls that hands over each socket after its handshake; close it yourself. */
export async function startRawTlsServer(
  onSocket: (socket: TLSSocket) => void,
  options: RawTlsServerOptions,
): Promise<ListeningServer> {
  const { chainPem, privateKeyPem } = options.certificate
  const server = createTlsServer({ cert: chainPem, key: privateKeyPem, ...options.tls }, (socket) => {
    socket.on('error', () => undefined)
    onSocket(socket)
  })
  server.on('tlsClientError', () => undefined)
  return await listen(server, 'tls', options.host)
}

/** Runs `use` with a TLS server. */
export async function withRawTlsServer<T>(
  onSocket: (socket: TLSSocket) => void,
  options: RawTlsServerOptions,
  use: (server: ListeningServer) => Promise<T>,
): Promise<T> {
  return await closingAfter(startRawTlsServer(onSocket, options), use)
}
