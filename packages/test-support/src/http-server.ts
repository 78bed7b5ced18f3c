// HTTP/1.1 origins on node:http and node:https.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { SecureContextOptions } from 'node:tls'
import type { IssuedCertificate } from './certificate-authority.ts'
import { closingAfter, listen, type ListeningServer } from './listening-server.ts'

/** Answers a request. What it throws ends the connection. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

export interface ServerOptions {
  /** The loopback address to listen on; default `127.0.0.1`. */
  readonly host?: string
  /** How long an idle connection is kept, in ms; default: until the server closes. */
  readonly keepAliveTimeoutMs?: number
}

export interface TlsServerOptions extends ServerOptions {
  readonly certificate: IssuedCertificate
  /** Default `['http/1.1']`. */
  readonly alpnProtocols?: readonly string[]
  /** Anything else node:tls takes. */
  readonly tls?: SecureContextOptions
}

/** An HTTP origin; close it yourself. */
export async function startServer(handler: RequestHandler, options: ServerOptions = {}): Promise<ListeningServer> {
  const server = createServer({ keepAliveTimeout: options.keepAliveTimeoutMs ?? 0 }, guarded(handler))
  return await listen(server, 'http', options.host)
}

/** An HTTPS origin; close it yourself. */
export async function startTlsServer(handler: RequestHandler, options: TlsServerOptions): Promise<ListeningServer> {
  const server = createTlsServer(
    {
      ...options.tls,
      cert: options.certificate.chainPem,
      key: options.certificate.privateKeyPem,
      ALPNProtocols: [...(options.alpnProtocols ?? ['http/1.1'])],
      keepAliveTimeout: options.keepAliveTimeoutMs ?? 0,
    },
    guarded(handler),
  )
  server.on('tlsClientError', () => undefined) // Clients that refuse the certificate are what many tests are about.
  return await listen(server, 'https', options.host)
}

/** Runs `use` with an HTTP origin. */
export async function withServer<T>(
  handler: RequestHandler,
  use: (server: ListeningServer) => Promise<T>,
  options: ServerOptions = {},
): Promise<T> {
  return await closingAfter(startServer(handler, options), use)
}

/** Runs `use` with an HTTPS origin. */
export async function withTlsServer<T>(
  handler: RequestHandler,
  options: TlsServerOptions,
  use: (server: ListeningServer) => Promise<T>,
): Promise<T> {
  return await closingAfter(startTlsServer(handler, options), use)
}

function guarded(handler: RequestHandler): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    Promise.resolve()
      .then(() => handler(request, response))
      .catch(() => request.socket.destroy())
  }
}
