// Reads the body of one request: collected and bounded by default, or handed out as a stream.
// Called by ServerMessageDriver. Upstream: io_read of libsoup/server/http1/soup-server-message-io-http1.c

import type { Readable } from 'node:stream'
import type { ServerMessage } from './server-message.ts'

/** `interrupted` when the connection went away before the body was whole. */
export type RequestBodyOutcome = 'complete' | 'too-long' | 'too-slow' | 'interrupted'

/** What a body that is collected may cost. */
export interface RequestBodyLimits {
  readonly maxRequestBodyBytes: number
  /** Least bytes a second, on average over each period; 0 asks for nothing. */
  readonly minBodyRate: number
  /** How long a client has to keep to it, in milliseconds. */
  readonly bodyRatePeriodMs: number
}

/** Takes the body off the wire, once. */
export class RequestBodyReader {
  readonly #stream: Readable
  readonly #limits: RequestBodyLimits
  #owner: 'nobody' | 'server' | 'handler' = 'nobody'
  #stop: (() => void) | null = null

  constructor(stream: Readable, limits: RequestBodyLimits) {
    this.#stream = stream
    this.#limits = limits
  }

  /** Leaves the body to a handler. Throws when it was taken before. */
  takeStream(): Readable {
    if (this.#owner !== 'nobody') throw new Error('The request body is being read already.')
    this.#owner = 'handler'
    return this.#stream
  }

  /** Whether a `Content-Length` tells beforehand that the body is over the limit. */
  isDeclaredTooLong(message: ServerMessage): boolean {
    return this.#owner !== 'handler' && (message.requestHeaders.contentLength ?? 0) > this.#limits.maxRequestBodyBytes
  }

  /** Collects the body in `message.requestBody`, or waits for the end of the stream a handler has. */
  async read(message: ServerMessage): Promise<RequestBodyOutcome> {
    const stream = this.#stream
    if (stream.readableEnded) return 'complete'
    if (stream.destroyed) return 'interrupted'
    const { promise, resolve } = Promise.withResolvers<RequestBodyOutcome>()
    const collect = (chunk: Buffer): void => {
      if (message.requestBody.length + chunk.length > this.#limits.maxRequestBodyBytes) {
        resolve('too-long')
        return
      }
      message.requestBody.gotChunk(chunk)
      message.emit('got-chunk', chunk)
    }
    const ended = (): void => resolve('complete')
    const closed = (): void => resolve('interrupted')
    stream.on('end', ended)
    stream.on('close', closed)
    // Node reports a reset connection here too; the message's own end tells it to the handler.
    stream.on('error', closed)
    this.#stop = closed
    if (this.#owner === 'nobody') {
      this.#owner = 'server'
      stream.on('data', collect)
    }
    const outcome = await this.#atLeastAtRate(promise, resolve)
    stream.off('data', collect)
    stream.off('end', ended)
    stream.off('close', closed)
    if (outcome === 'complete') message.requestBody.complete()
    return outcome
  }

  /** Ends a `read` that is under way: the message is over. */
  stop(): void {
    this.#stop?.()
  }

  /** Who sends a byte now and then keeps a connection for as good as nothing. A handler that reads has its own pace. */
  async #atLeastAtRate(
    promise: Promise<RequestBodyOutcome>,
    resolve: (outcome: RequestBodyOutcome) => void,
  ): Promise<RequestBodyOutcome> {
    const { minBodyRate, bodyRatePeriodMs } = this.#limits
    if (minBodyRate === 0 || this.#owner === 'handler') return promise
    const leastBytes = (minBodyRate * bodyRatePeriodMs) / 1000
    let bytes = 0
    const count = (chunk: Buffer): void => void (bytes += chunk.length)
    this.#stream.on('data', count)
    const timer = setInterval(() => {
      if (bytes < leastBytes) resolve('too-slow')
      bytes = 0
    }, bodyRatePeriodMs)
    try {
      return await promise
    } finally {
      clearInterval(timer)
      this.#stream.off('data', count)
    }
  }
}
