// The two things node:tls tells only its own tls.Server. A tls.Server cannot be used here: it does not say which of the
// streams given to it became which TLSSocket. Both are as old as TLSSocket itself.

import type { TLSSocket } from 'node:tls'

interface ServerSideSocket {
  readonly ssl?: { verifyError(): (Error & { readonly code?: string }) | null | undefined } | null
  on(event: '_tlsError', listener: (error: Error) => void): unknown
}

/** OpenSSL's verdict on the client's certificate, or null; what tls.Server makes `authorizationError` of. */
export function verifyErrorOf(socket: TLSSocket): string | null {
  const error = (socket as unknown as ServerSideSocket).ssl?.verifyError()
  return error ? (error.code ?? error.message) : null
}

/** Makes a server's TLSSocket fail with its TLS errors, which Node otherwise leaves to tls.Server's own listener. */
export function forwardHandshakeErrors(socket: TLSSocket): void {
  ;(socket as unknown as ServerSideSocket).on('_tlsError', (error) => socket.destroy(error))
}
