// One message on its way through a session: its state, its connection, where its body goes. Stepped by SessionQueue,
// told by ClientMessageIO what the wire does. Upstream: libsoup/soup-message-queue-item.c, states of its header.

import type { Duplex, Readable } from 'node:stream'
import { BodyInputStream } from './body-input-stream.ts'
import type { BodySource } from './body-input-stream.ts'
import type { IOFailure, MessageIOObserver } from '../connection/client-message-io.ts'
import type { Connection } from '../connection/connection.ts'
import type { HTTPVersion } from '../message/http-version.ts'
import type { MessageHeaders } from '../headers/message-headers.ts'
import { metricsNow } from '../message/message-metrics.ts'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import type { WaitingPlace } from './message-priority-queue.ts'
import type { MessageState } from '../message/message-state.ts'
import type { SessionQueue } from './session-queue.ts'

/**
 *     starting ─┬────────────> ready ─> running ─┬─> finishing ─> finished
 *        ^      └> connecting ──^                │
 *        └──────────────── restarting <──────────┘        (every state but the last two may go to finishing)
 */
export type MessageQueueItemState =
  | 'starting' // needs a connection
  | 'connecting' // waits in its host's queue
  | 'ready' // has a connection, nothing written
  | 'running' // on the wire
  | 'restarting' // will be sent again: a redirect or a retry
  | 'finishing' // done or failed, being taken out of the queue
  | 'finished'

export const NEXT_STATES: Readonly<Record<MessageQueueItemState, readonly MessageQueueItemState[]>> = {
  starting: ['connecting', 'ready', 'finishing'],
  connecting: ['ready', 'finishing'],
  ready: ['running', 'finishing'],
  running: ['restarting', 'finishing'],
  restarting: ['starting', 'finishing'],
  finishing: ['finished'],
  finished: [],
}

/** How the caller wants the body: whole, or as a stream as soon as the headers are in. */
export type ResponseSink =
  | { readonly kind: 'bytes'; resolve(body: Buffer): void; reject(error: Error): void }
  | { readonly kind: 'stream'; resolve(body: Readable): void; reject(error: Error): void }

/** What is done with body chunks as they come. */
type BodyMode = 'collect' | 'deliver' | 'discard'

/** Most bytes of a redirect's body read away to keep the connection. */
const MAX_DISCARDED_BYTES = 64 * 1024

const EMPTY = Buffer.alloc(0)

export class MessageQueueItem implements MessageIOObserver, BodySource, EventListenerObject {
  readonly message: Message
  readonly messageState: MessageState
  readonly queue: SessionQueue
  readonly signal: AbortSignal | undefined
  readonly #sink: ResponseSink
  #state: MessageQueueItemState = 'starting'
  /** Where SessionQueue keeps it; -1 once it has left. */
  queueIndex = -1
  waitingPlace: WaitingPlace<MessageQueueItem> | null = null
  wireState: object | null = null
  connection: Connection | null = null
  error: Error | null = null
  /** Times the message was sent again for a redirect or another answer of the server. */
  resendCount = 0
  /** Times it was sent again because a connection was lost. */
  retryCount = 0
  #mode: BodyMode = 'collect'
  #body: BodyInputStream | null = null
  #settled = false
  #wrapped = false
  #firstChunk: Buffer | null = null
  #chunks: Buffer[] | null = null
  #discarded = 0

  constructor(queue: SessionQueue, message: Message, sink: ResponseSink, signal: AbortSignal | undefined) {
    this.queue = queue
    this.message = message
    this.messageState = messageState(message)
    this.#sink = sink
    this.signal = signal
  }

  get state(): MessageQueueItemState {
    return this.#state
  }

  moveTo(next: MessageQueueItemState): void {
    if (!NEXT_STATES[this.#state].includes(next))
      throw new Error(`Illegal move of a message: ${this.#state} → ${next}.`)
    this.#state = next
  }

  /** Forgets what the last attempt collected. */
  reset(): void {
    this.connection = null
    this.#firstChunk = null
    this.#chunks = null
    this.#discarded = 0
    this.#mode = 'collect'
  }

  /** The response will not be delivered: the message is going to be restarted. */
  discardBody(): void {
    this.#mode = 'discard'
  }

  /** Decides where the body goes, now that the headers are in, and hands a stream to a caller who wants one. */
  acceptBody(): void {
    const wrapping = this.queue.wrapsInput(this.message)
    if (this.#sink.kind === 'bytes' && !wrapping) {
      this.#mode = 'collect'
      return
    }
    this.#mode = 'deliver'
    this.#wrapped = wrapping
    this.#body = new BodyInputStream(this)
    const stream = wrapping ? this.queue.wrapInput(this.message, this.#body) : this.#body
    this.#settled = true
    if (this.#sink.kind === 'stream') this.#sink.resolve(stream)
    else collect(stream, this.#sink)
  }

  /** Tells the caller how it ended; called once, when the item has left the queue. */
  settle(): void {
    if (this.error !== null) {
      if (this.#settled) this.#body?.fail(this.error)
      else this.#sink.reject(this.error)
    } else if (this.#settled) {
      this.#body?.finish()
    } else if (this.#sink.kind === 'bytes') {
      const chunks = this.#chunks
      this.#sink.resolve(chunks === null ? (this.#firstChunk ?? EMPTY) : Buffer.concat(chunks))
    }
  }

  priorityChanged(): void {
    this.queue.priorityChanged(this)
  }

  /** The caller's signal fired. */
  handleEvent(): void {
    this.queue.cancelled(this)
  }

  // ConnectionManager's answers.

  connectionReady(connection: Connection): void {
    this.queue.connectionReady(this, connection)
  }

  connectionFailed(error: Error): void {
    this.queue.fail(this, error)
  }

  // BodySource: what the reader of the body does.

  pauseBody(): void {
    this.connection?.io?.pause(this)
  }

  resumeBody(): void {
    this.connection?.io?.resume(this)
  }

  abandonBody(): void {
    this.queue.abandoned(this)
  }

  // MessageIOObserver: what the wire does.

  get upgradeProtocol(): string | null {
    return null
  }

  openRequestBody(): Buffer | Readable | null {
    return this.message.requestBody?.open() ?? null
  }

  requestStarted(): void {
    const { metrics } = this.messageState
    if (metrics !== null) metrics.requestStart = metricsNow()
  }

  wroteHeaders(): void {
    this.#tell('wrote-headers')
  }

  wroteBodyData(size: number): void {
    const { metrics } = this.messageState
    if (metrics !== null) metrics.requestBodyBytesSent += size
    this.#tellSize('wrote-body-data', size)
  }

  wroteBody(): void {
    this.#tell('wrote-body')
  }

  responseStarted(): void {
    const { metrics } = this.messageState
    if (metrics !== null) metrics.responseStart = metricsNow()
  }

  gotInformational(statusCode: number, reasonPhrase: string, headers: MessageHeaders): void {
    const state = this.messageState
    state.statusCode = statusCode
    state.reasonPhrase = reasonPhrase
    state.responseHeaders = headers
    this.#tell('got-informational')
  }

  gotHeaders(statusCode: number, reasonPhrase: string, httpVersion: HTTPVersion, headers: MessageHeaders): void {
    const state = this.messageState
    state.statusCode = statusCode
    state.reasonPhrase = reasonPhrase
    state.httpVersion = httpVersion
    state.responseHeaders = headers
    this.queue.gotHeaders(this)
  }

  gotBodyData(chunk: Buffer): void {
    const { metrics } = this.messageState
    if (metrics !== null) {
      metrics.responseBodyBytesReceived += chunk.length
      if (!this.#wrapped) metrics.responseBodySize += chunk.length // else the feature that decodes counts it
    }
    this.#tellSize('got-body-data', chunk.length)
    switch (this.#mode) {
      case 'collect':
        if (this.#firstChunk === null) this.#firstChunk = chunk
        else if (this.#chunks === null) this.#chunks = [this.#firstChunk, chunk]
        else this.#chunks.push(chunk)
        break
      case 'deliver':
        this.#body?.deliver(chunk)
        break
      case 'discard':
        this.#discarded += chunk.length
        if (this.#discarded > MAX_DISCARDED_BYTES) this.queue.discardedEnough(this)
    }
  }

  gotTrailers(headers: MessageHeaders): void {
    this.messageState.responseTrailers = headers
  }

  upgraded(_statusCode: number, _reasonPhrase: string, _headers: MessageHeaders, stream: Duplex): void {
    stream.destroy()
  }

  gotBody(): void {
    const { metrics } = this.messageState
    if (metrics !== null) metrics.responseEnd = metricsNow()
    this.queue.gotBody(this)
  }

  ioFailed(failure: IOFailure): void {
    this.queue.ioFailed(this, failure)
  }

  /** A listener that throws fails its message, not the connection's code that happens to be below it. */
  #tell(signal: 'wrote-headers' | 'wrote-body' | 'got-informational'): void {
    try {
      this.message.emit(signal)
    } catch (error) {
      this.queue.fail(this, error as Error)
    }
  }

  #tellSize(signal: 'wrote-body-data' | 'got-body-data', size: number): void {
    try {
      this.message.emit(signal, size)
    } catch (error) {
      this.queue.fail(this, error as Error)
    }
  }
}

function collect(stream: Readable, sink: ResponseSink & { kind: 'bytes' }): void {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.once('end', () => sink.resolve(Buffer.concat(chunks)))
  stream.once('error', (error: Error) => sink.reject(error))
}
