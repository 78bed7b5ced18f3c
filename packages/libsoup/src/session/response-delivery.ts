// Where the body of one message's response goes: to its caller, whole or as a stream, or away. Owned by
// MessageQueueItem. Upstream: the ends of soup_session_send_async, …_send_and_read_async and …_websocket_connect_async.

import type { Duplex, Readable } from 'node:stream'
import { IOError } from '@wpe-networking/glib-gio'
import { BodyInputStream } from './body-input-stream.ts'
import type { BodySource } from './body-input-stream.ts'

/** How the caller wants what comes, and how to tell. */
export type ResponseSink =
  | { readonly kind: 'bytes'; resolve(body: Buffer): void; reject(error: Error): void }
  | { readonly kind: 'stream'; resolve(body: Readable): void; reject(error: Error): void }
  /** The connection itself; null when the server answers otherwise. A protocol of null is for CONNECT. */
  | {
      readonly kind: 'upgrade'
      readonly protocol: string | null
      resolve(stream: Duplex | null): void
      reject(error: Error): void
    }
  /** Nothing is sent. */
  | { readonly kind: 'preconnect'; resolve(): void; reject(error: Error): void }

/** Wraps a body in the session's features; a promise when one of them has to see some of it first. */
export type WrapInput = (body: Readable) => Readable | Promise<Readable>

/** What is done with body chunks as they come. */
type BodyMode =
  | 'hold' // nobody has decided yet
  | 'collect'
  | 'deliver'
  | 'discard'

/** Most bytes of an unwanted body read away to keep the connection. */
const MAX_DISCARDED_BYTES = 64 * 1024

const EMPTY = Buffer.alloc(0)

export class ResponseDelivery {
  readonly sink: ResponseSink
  readonly #source: BodySource
  #mode: BodyMode = 'hold'
  #body: BodyInputStream | null = null
  /** Whether the caller's promise is settled. */
  #told = false
  #firstChunk: Buffer | null = null
  #chunks: Buffer[] | null = null
  #discardedBytes = 0

  constructor(sink: ResponseSink, source: BodySource) {
    this.sink = sink
    this.#source = source
  }

  /** Forgets what the last attempt collected. */
  reset(): void {
    this.#firstChunk = null
    this.#chunks = null
    this.#discardedBytes = 0
    this.#mode = 'hold'
  }

  /** The response will not be delivered. */
  discard(): void {
    this.#mode = 'discard'
  }

  /** The response is the caller's: hands a stream to who wants one. `wrap` is null when no feature has to see it. */
  accept(wrap: WrapInput | null): void {
    const { kind } = this.sink
    if (kind === 'bytes' && wrap === null) {
      this.#mode = 'collect'
    } else if (kind === 'upgrade' || kind === 'preconnect') {
      this.#mode = 'discard'
    } else {
      this.#mode = 'deliver'
      const body = new BodyInputStream(this.#source)
      const stream = wrap === null ? body : wrap(body)
      this.#body = body
      for (const chunk of this.#takeHeld()) body.deliver(chunk)
      this.#handOver(stream)
    }
  }

  /** As `accept`, with a body that does not come from the wire. */
  acceptStored(body: Readable, wrap: WrapInput | null): void {
    this.#handOver(wrap === null ? body : wrap(body))
  }

  /** The connection is the caller's own from now on. */
  acceptUpgrade(stream: Duplex): void {
    this.#told = true
    if (this.sink.kind === 'upgrade') this.sink.resolve(stream)
  }

  /** Takes a chunk; false when so much of an unwanted body has come that the connection is not worth it. */
  receive(chunk: Buffer): boolean {
    switch (this.#mode) {
      case 'hold':
      case 'collect':
        if (this.#firstChunk === null) this.#firstChunk = chunk
        else if (this.#chunks === null) this.#chunks = [this.#firstChunk, chunk]
        else this.#chunks.push(chunk)
        return true
      case 'deliver':
        this.#body?.deliver(chunk)
        return true
      case 'discard':
        this.#discardedBytes += chunk.length
        return this.#discardedBytes <= MAX_DISCARDED_BYTES
    }
  }

  /** Tells the caller how it ended; called once, when the message has left the queue. */
  settle(error: Error | null): void {
    if (error === null) this.#complete()
    else this.#fail(error)
  }

  #complete(): void {
    this.#body?.finish()
    const { sink } = this
    if (this.#told) return
    if (sink.kind === 'bytes') {
      if (this.#mode !== 'collect') return // a feature still looks at the body
      const chunks = this.#chunks
      sink.resolve(chunks === null ? (this.#firstChunk ?? EMPTY) : Buffer.concat(chunks))
    } else if (sink.kind === 'upgrade') sink.resolve(null)
    else if (sink.kind === 'preconnect') sink.resolve()
    else return
    this.#told = true
  }

  #fail(error: Error): void {
    this.#body?.fail(error)
    if (this.#told) return
    this.#told = true
    this.sink.reject(error)
  }

  #handOver(stream: Readable | Promise<Readable>): void {
    if (!(stream instanceof Promise)) return this.#give(stream)
    stream.then(
      (ready) => this.#give(ready),
      (error: unknown) => {
        this.#source.failBody(error as Error)
        this.#fail(error as Error)
      },
    )
  }

  #give(stream: Readable): void {
    if (this.#told) {
      stream.on('error', ignore).destroy() // the message failed in the meantime
      return
    }
    this.#told = true
    if (this.sink.kind === 'bytes') return collect(stream, this.sink)
    // A failure before the caller has begun to read must not end the process; reading an errored stream tells of it.
    stream.on('error', ignore)
    if (this.sink.kind === 'stream') this.sink.resolve(stream)
  }

  #takeHeld(): readonly Buffer[] {
    const held = this.#chunks ?? (this.#firstChunk === null ? [] : [this.#firstChunk])
    this.#firstChunk = null
    this.#chunks = null
    return held
  }
}

function collect(stream: Readable, sink: ResponseSink & { kind: 'bytes' }): void {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.once('end', () => sink.resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
  const onClose = (): void =>
    sink.reject(stream.errored ?? new IOError('CLOSED', 'A feature closed the response body.'))
  // Before its end; or even before it came here.
  if (stream.closed) onClose()
  else stream.once('error', (error: Error) => sink.reject(error)).once('close', onClose)
}

function ignore(): void {
  // Told elsewhere.
}
