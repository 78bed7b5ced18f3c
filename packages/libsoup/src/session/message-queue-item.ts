// One message on its way through a session: its state, its connection, where its body goes. Stepped by SessionQueue,
// told by ClientMessageIO what the wire does. Upstream: libsoup/soup-message-queue-item.c, states of its header.

import type { Duplex, Readable } from 'node:stream'
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
import { ResponseDelivery } from './response-delivery.ts'
import type { ResponseSink } from './response-delivery.ts'
import type { ResponseVerdict } from './session-feature.ts'
import type { SessionQueue } from './session-queue.ts'

/**
 *     starting ─┬─> answering ─┬─> connecting ─┬─> ready ─> running ─┬─> delivering ─┬─> finishing ─> finished
 *        ^      ├──────────────┴───────────────┤                     ├───────────────┘
 *        │      └─> delivering                 │                     │
 *        └─────────────────────────────────────┼──── restarting <────┘
 *
 * Every state but the last two may go to finishing; connecting and running may go back to answering, when the server
 * cannot be reached and a feature may have an answer all the same. Without a feature that answers there is no answering
 * and no delivering; with a connection at hand there is no connecting.
 */
export type MessageQueueItemState =
  | 'starting' // needs an answer or a connection
  | 'answering' // a feature looks for an answer
  | 'connecting' // waits in its host's queue
  | 'ready' // has a connection, nothing written; features may still prepare it
  | 'running' // on the wire
  | 'delivering' // what is read does not come from the wire
  | 'restarting' // will be sent again: a redirect, a restart or a retry
  | 'finishing' // done or failed, being taken out of the queue
  | 'finished'

export const NEXT_STATES: Readonly<Record<MessageQueueItemState, readonly MessageQueueItemState[]>> = {
  starting: ['answering', 'delivering', 'connecting', 'ready', 'finishing'],
  answering: ['delivering', 'connecting', 'ready', 'finishing'],
  connecting: ['answering', 'ready', 'finishing'],
  ready: ['running', 'finishing'],
  running: ['answering', 'delivering', 'restarting', 'finishing'],
  delivering: ['finishing'],
  restarting: ['starting', 'finishing'],
  finishing: ['finished'],
  finished: [],
}

/** What happens once the response is over. */
export type ResponseFate = ResponseVerdict | 'redirect'

export class MessageQueueItem implements MessageIOObserver, BodySource, EventListenerObject {
  readonly message: Message
  readonly messageState: MessageState
  readonly queue: SessionQueue
  readonly signal: AbortSignal | undefined
  readonly delivery: ResponseDelivery
  #state: MessageQueueItemState = 'starting'
  /** Where SessionQueue keeps it; -1 once it has left. */
  queueIndex = -1
  /** The session has emitted 'request-queued' for it. */
  isAnnounced = false
  waitingPlace: WaitingPlace<MessageQueueItem> | null = null
  wireState: object | null = null
  connection: Connection | null = null
  /** The connection it must be sent over again, and that nobody else gets meanwhile. */
  keptConnection: Connection | null = null
  error: Error | null = null
  /** Counts the times it went on the wire, so that an answer that comes late is known to be another attempt's. */
  attempt = 0
  /** Null while it is not decided. */
  fate: ResponseFate | null = null
  /** The response has come whole. */
  responseEnded = false
  /** The body of a response that does not come from the wire, while it is delivered. */
  storedBody: Readable | null = null
  redirectCount = 0
  /** Times the message was sent again because a feature wanted it. */
  resendCount = 0
  /** Times it was sent again because a connection was lost. */
  retryCount = 0
  #wrapped = false
  /** The body of the request, while it is a stream that is being sent. */
  #requestStream: Readable | null = null

  constructor(queue: SessionQueue, message: Message, sink: ResponseSink, signal: AbortSignal | undefined) {
    this.queue = queue
    this.message = message
    this.messageState = messageState(message)
    this.delivery = new ResponseDelivery(sink, this)
    this.signal = signal
  }

  get state(): MessageQueueItemState {
    return this.#state
  }

  /** Whether only a connection is wanted. */
  get isPreconnect(): boolean {
    return this.delivery.sink.kind === 'preconnect'
  }

  moveTo(next: MessageQueueItemState): void {
    if (!NEXT_STATES[this.#state].includes(next))
      throw new Error(`Illegal move of a message: ${this.#state} → ${next}.`)
    this.#state = next
  }

  /** Forgets the last attempt. */
  reset(): void {
    this.connection = null
    this.fate = null
    this.responseEnded = false
    this.#wrapped = false
    this.#closeRequestBody()
    this.delivery.reset()
  }

  /** The response is the caller's. */
  acceptBody(): void {
    const wraps = this.queue.features.wrapsInput(this.message, true)
    this.#wrapped = wraps
    this.delivery.accept(wraps ? (body) => this.queue.wrapInput(this.message, body, true) : null)
  }

  /** As `acceptBody`, with a body that is not on the wire. */
  acceptStoredBody(body: Readable): void {
    this.storedBody = body
    const wraps = this.queue.features.wrapsInput(this.message, false)
    this.delivery.acceptStored(body, wraps ? (inner) => this.queue.wrapInput(this.message, inner, false) : null)
  }

  /** Tells the caller how it ended; called once, when the item has left the queue. */
  settle(): void {
    this.#closeRequestBody()
    this.delivery.settle(this.error)
  }

  priorityChanged(): void {
    this.queue.priorityChanged(this)
  }

  /** The caller's signal fired. */
  handleEvent(): void {
    this.queue.cancelled(this)
  }

  // ConnectionManager's questions and answers.

  /** Whether it may go over a connection made for another, who may have accepted its certificate or be logged in over it. */
  mayUseConnection(connection: Connection): boolean {
    try {
      if (!connection.isTrustedBy(this.message)) return false
      for (const feature of this.queue.features.mayUseConnection) {
        if (!feature.mayUseConnection(this.message, connection.id)) return false
      }
      return true
    } catch (error) {
      queueMicrotask(() => this.queue.fail(this, error as Error)) // whoever asks looks through a list
      return false
    }
  }

  connectionReady(connection: Connection): void {
    this.queue.connectionReady(this, connection)
  }

  connectionFailed(error: Error): void {
    this.queue.connectionFailed(this, error)
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

  failBody(error: Error): void {
    this.queue.fail(this, error)
  }

  // MessageIOObserver: what the wire does.

  get upgradeProtocol(): string | null {
    const { sink } = this.delivery
    return sink.kind === 'upgrade' ? sink.protocol : null
  }

  openRequestBody(): Buffer | Readable | null {
    const body = this.message.requestBody?.open() ?? null
    if (body !== null && !Buffer.isBuffer(body)) this.#requestStream = body
    return body
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
    if (metrics !== null) metrics.requestBodySize += size
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
    this.messageState.setResponse(statusCode, reasonPhrase, headers)
    this.queue.responses.gotInformational(this)
  }

  gotHeaders(statusCode: number, reasonPhrase: string, httpVersion: HTTPVersion, headers: MessageHeaders): void {
    this.messageState.setResponse(statusCode, reasonPhrase, headers)
    this.messageState.httpVersion = httpVersion
    this.queue.responses.gotHeaders(this)
  }

  gotBodyData(chunk: Buffer): void {
    const { metrics } = this.messageState
    // Else the feature that decodes counts it.
    if (metrics !== null && !this.#wrapped) metrics.responseBodySize += chunk.length
    this.#tellSize('got-body-data', chunk.length)
    if (!this.delivery.receive(chunk)) this.queue.responses.discardedEnough(this)
  }

  gotTrailers(headers: MessageHeaders): void {
    this.messageState.responseTrailers = headers
  }

  gotBody(): void {
    const { metrics } = this.messageState
    if (metrics !== null) metrics.responseEnd = metricsNow()
    this.queue.responses.gotBody(this)
  }

  upgraded(statusCode: number, reasonPhrase: string, headers: MessageHeaders, stream: Duplex): void {
    this.messageState.setResponse(statusCode, reasonPhrase, headers)
    this.queue.responses.upgraded(this, stream)
  }

  ioFailed(failure: IOFailure): void {
    this.queue.ioFailed(this, failure)
  }

  /** What is left of the request's body, when an answer came before its end or none at all, is not sent any more. */
  #closeRequestBody(): void {
    this.#requestStream?.on('error', ignore).destroy()
    this.#requestStream = null
  }

  /** A listener that throws fails its message, not the connection's code that happens to be below it. */
  #tell(signal: 'wrote-headers' | 'wrote-body'): void {
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

function ignore(): void {
  // The message is over: what becomes of its body is nobody's business any more.
}
