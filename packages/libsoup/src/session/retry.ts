// Whether a failed message is sent again on another connection; pure, so that a table tests it. Called by SessionQueue.
// RFC 9110 section 9.2.2, RFC 9112 section 9.3.1. Upstream: libsoup/http1/soup-client-message-io-http1.c.

export interface RetryFacts {
  readonly method: string
  /** Flagged IDEMPOTENT by the caller. */
  readonly declaredIdempotent: boolean
  readonly requestWritten: boolean
  readonly responseStarted: boolean
  /** The connection had carried another message before. */
  readonly connectionReused: boolean
  readonly bodyRestartable: boolean
  /** The connection broke, rather than a timeout, a cancellation or a protocol error. */
  readonly connectionLost: boolean
  readonly retriesSoFar: number
}

/** A server that refuses each stream, or closes each connection, before it looks at the request will go on doing so. */
const MAX_UNWRITTEN_RETRIES = 5

const IDEMPOTENT_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

export function isIdempotentMethod(method: string): boolean {
  return IDEMPOTENT_METHODS.has(method)
}

export function shouldRetry(facts: RetryFacts): boolean {
  // Only a lost connection says nothing about the request itself.
  if (!facts.connectionLost) return false
  // The body has been read away by the first attempt.
  if (!facts.bodyRestartable) return false
  // The connection turned out closed before a byte was written: sending again repeats nothing.
  if (!facts.requestWritten) return facts.retriesSoFar < MAX_UNWRITTEN_RETRIES
  // The server has begun to answer, so it has seen the request.
  if (facts.responseStarted) return false
  // A fresh connection that closes without an answer is the server's answer.
  if (!facts.connectionReused) return false
  // Once is enough: a second stale connection means the server is closing on this request.
  if (facts.retriesSoFar > 0) return false
  // The server may have acted on the request before it closed.
  return facts.declaredIdempotent || isIdempotentMethod(facts.method)
}
