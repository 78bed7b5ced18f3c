// The undici Client of one connection. Made by ClientMessageIOHTTP1.

import type { Duplex } from 'node:stream'
import { Client } from 'undici'
import { MAX_RESPONSE_HEAD_BYTES } from '../connection/client-message-io.ts'
import { ConnectionGoneError } from './http1-errors.ts'
import type { RequestTarget } from '../uri/request-target.ts'

/** A server's `Keep-Alive: timeout` is cut by this much, so that it does not close while a request is on its way. */
const KEEP_ALIVE_MARGIN_MS = 1000

/**
 * One that is handed its connections.
 *
 * @param takeStream What to talk over from now on, or null: there is no further connection.
 */
export function createClient(target: RequestTarget, idleMs: number, takeStream: () => Duplex | null): Client {
  // The scheme is http also over TLS: the stream is past its handshake, and undici's own TLS checks are not wanted.
  return new Client(`http://${target.authority}`, {
    connect: (_options: unknown, callback: (...result: [Error, null] | [null, never]) => void) => {
      const stream = takeStream()
      // Not at once: undici does not go on with its queue when it is answered from within the call.
      queueMicrotask(() => {
        if (stream === null) callback(new ConnectionGoneError(), null)
        else callback(null, stream as never)
      })
    },
    allowH2: false,
    pipelining: 1,
    maxHeaderSize: MAX_RESPONSE_HEAD_BYTES,
    headersTimeout: 0, // see SilenceTimer
    bodyTimeout: 0,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
  })
}
