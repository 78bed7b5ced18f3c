// What a TLSSocket lacks as the stream of a connection: errors of the TLS error domain, and an error instead of an end
// when the peer vanished without close_notify. Both are mended in the socket itself, because a stream around it would cost
// a copy of every byte. RFC 8446 section 6.1.

import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { TlsError } from '@wpe-networking/glib-networking-base'
import { streamError } from './errors.ts'
import { hasEndedBelow } from './node-tls-internals.ts'

export interface EstablishedStreamOptions {
  readonly baseIoStream: Duplex
  /** Whether an end without close_notify is an error; default true. */
  readonly requireCloseNotify: boolean | undefined
}

/**
 * From now on listeners of `socket`'s 'error' get OpenSSL's errors as TlsError, others as they are; and 'end' is only
 * emitted for an end that the peer announced, once all that came before it was read. Another end is an error (`EOF`). An
 * error nobody listens for does not end the process, because `handshake.ts` left a listener: an idle connection may break
 * between two users, and `socket.errored` and 'close' tell the next one.
 */
export function establishStream(socket: TLSSocket, options: EstablishedStreamOptions): void {
  const state = { truncated: false }
  if (options.requireCloseNotify !== false) watchEnd(socket, options.baseIoStream, () => (state.truncated = true))
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: unknown[]) => boolean
  const emitMapped = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event === 'error' && args[0] instanceof Error) return emit(event, streamError(args[0]))
    if (event === 'end' && state.truncated) {
      socket.destroy(truncationError())
      return true
    }
    return emit(event, ...args)
  }
  socket.emit = emitMapped as typeof socket.emit
}

/**
 * Looks at the way the data ends in the moment in which it does, which `push` of nothing tells; later it cannot be told. A
 * native reader (Node's HTTP/2, or its HTTP parser on a server) takes the data past `push`, and starts and stops the
 * stream below as it likes; its protocol marks its own ends, so then nothing is looked at.
 */
function watchEnd(socket: TLSSocket, baseIoStream: Duplex, onTruncated: () => void): void {
  const push = socket.push.bind(socket)
  let bytesPushed = socket.bytesRead
  socket.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (chunk !== null) bytesPushed += chunk.length
    else if (bytesPushed === socket.bytesRead && hasEndedBelow(socket, baseIoStream)) onTruncated()
    return push(chunk, encoding)
  }
}

/** Made without a stack: it would show the event loop only, and cost as much as a good part of a handshake. */
function truncationError(): TlsError {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return new TlsError('EOF', 'The peer closed the connection without saying so (no close_notify).')
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
