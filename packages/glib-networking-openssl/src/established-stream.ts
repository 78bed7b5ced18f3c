// Makes the errors of a TLSSocket those of the TLS error domain, in the one place every error passes: its 'error' event.
// A wrapping stream would do the same and cost a copy of every byte.

import type { TLSSocket } from 'node:tls'
import { streamError } from './errors.ts'

/**
 * From now on listeners of `socket`'s 'error' get OpenSSL's errors as TlsError; others stay as they are. An error nobody
 * listens for does not end the process, because `handshake.ts` left a listener: an idle connection may break between two
 * users, and `socket.errored` and 'close' tell the next one.
 */
export function reportStreamErrors(socket: TLSSocket): void {
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: unknown[]) => boolean
  const emitMapped = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event === 'error' && args[0] instanceof Error) return emit(event, streamError(args[0]))
    return emit(event, ...args)
  }
  socket.emit = emitMapped as typeof socket.emit
}
