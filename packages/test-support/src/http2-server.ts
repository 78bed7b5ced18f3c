// HTTP/2 origins on node:http2, over TLS with a certificate and in clear text without.

import { createSecureServer, createServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { IssuedCertificate } from './certificate-authority.ts'
import { closingAfter, listen, type ListeningServer } from './listening-server.ts'

/** Answers a request. What it throws resets the stream. */
export type Http2RequestHandler = (request: Http2ServerRequest, response: Http2ServerResponse) => void | Promise<void>

export interface Http2ServerOptions {
  /** Without one the server speaks clear text with prior knowledge. */
  readonly certificate?: IssuedCertificate
  /** Whether clients without ALPN `h2` get HTTP/1.1; default false. */
  readonly allowHttp1?: boolean
  /** The loopback address to listen on; default `127.0.0.1`. */
  readonly host?: string
}

/** An HTTP/2 origin; close it yourself. */
export async function startHttp2Server(
  handler: Http2RequestHandler,
  options: Http2ServerOptions = {},
): Promise<ListeningServer> {
  const guarded = (request: Http2ServerRequest, response: Http2ServerResponse): void => {
    Promise.resolve()
      .then(() => handler(request, response))
      .catch(() => response.stream.close())
  }
  if (options.certificate === undefined) return await listen(createServer(guarded), 'http', options.host)
  const { chainPem, privateKeyPem } = options.certificate
  const server = createSecureServer(
    { cert: chainPem, key: privateKeyPem, allowHTTP1: options.allowHttp1 ?? false },
    guarded,
  )
  server.on('tlsClientError', () => undefined)
  server.on('sessionError', () => undefined)
  return await listen(server, 'https', options.host)
}

/** Runs `use` with an HTTP/2 origin. */
export async function withHttp2Server<T>(
  handler: Http2RequestHandler,
  options: Http2ServerOptions,
  use: (server: ListeningServer) => Promise<T>,
): Promise<T> {
  return await closingAfter(startHttp2Server(handler, options), use)
}
