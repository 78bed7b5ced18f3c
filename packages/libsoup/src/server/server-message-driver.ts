// Steps one message from its head to its end: handlers, request body, response. Knows nothing of the HTTP version.
// Made by Server for each request. Upstream: got_headers, got_body and request_finished of libsoup/server/soup-server.c
// and the writing side of libsoup/server/http1/soup-server-message-io-http1.c

import type { Duplex, Readable } from 'node:stream'
import { RequestBodyReader, type RequestBodyLimits, type RequestBodyOutcome } from './request-body-reader.ts'
import { ResponseWriter } from './response-writer.ts'
import type { ServerConnection } from './server-connection.ts'
import { ServerMessage, type ServerMessageControl, type ServerMessageInit } from './server-message.ts'
import type { ServerMessageIO, ServerMessageIOListener } from './server-message-io.ts'

/**
 * How a message ended: `complete` when the whole response was sent, `interrupted` when the connection went first, `stolen`
 * when a handler took the connection over.
 */
export type ServerMessageOutcome = 'complete' | 'interrupted' | 'stolen'

/** What the driver asks of its server. */
export interface ServerMessageDriverHost extends RequestBodyLimits {
  requestStarted(message: ServerMessage): void
  /** The head is in: authentication and early handlers. */
  gotHeaders(message: ServerMessage): Promise<void> | null
  requestRead(message: ServerMessage): void
  /** The request is whole: normal and WebSocket handlers. Sets 404 where there is none. */
  gotBody(message: ServerMessage): Promise<void> | null
  /** Called once, last. `error` is what a handler threw or why the response was broken off. */
  requestEnded(driver: ServerMessageDriver, outcome: ServerMessageOutcome, error: Error | null): void
  /** An error that came up when the message had ended already. */
  lateError(error: Error): void
}

type DriverState = 'got-headers' | 'reading-body' | 'handling' | 'writing' | 'ended'

const NEXT: Record<DriverState, readonly DriverState[]> = {
  'got-headers': ['reading-body', 'handling', 'writing', 'ended'], // early handlers run; one that sets a status skips the rest
  'reading-body': ['handling', 'writing', 'ended'], // to writing only for a body over a limit
  handling: ['writing', 'ended'],
  writing: ['ended'],
  ended: [],
}

/** The machine behind one `ServerMessage`. */
export class ServerMessageDriver implements ServerMessageControl, ServerMessageIOListener {
  readonly message: ServerMessage
  readonly connection: ServerConnection
  readonly #host: ServerMessageDriverHost
  readonly #io: ServerMessageIO
  readonly #writer: ResponseWriter
  /** The client waits for `100 Continue`. */
  #expectsContinue: boolean
  #body: RequestBodyReader | null = null
  #state: DriverState = 'got-headers'
  #handled = false
  #finishedWriting = false
  #stolen = false
  #error: Error | null = null
  #wake: (() => void) | null = null

  constructor(
    host: ServerMessageDriverHost,
    connection: ServerConnection,
    io: ServerMessageIO,
    init: ServerMessageInit,
    expectsContinue: boolean,
  ) {
    this.#host = host
    this.connection = connection
    this.#io = io
    this.#expectsContinue = expectsContinue
    this.message = new ServerMessage(init, this)
    this.#writer = new ResponseWriter(io, this.message)
    io.listen(this)
  }

  /** True while the answer is up to a handler, so that silence on the connection is not the client's fault. */
  get isWaitingForHandler(): boolean {
    return this.#state === 'got-headers' || this.#state === 'handling' || this.#writer.isWaitingForBody
  }

  /** Whether the client has sent all of it. */
  get isRequestWhole(): boolean {
    return this.#io.isWhole
  }

  /** Steps the message to its end. Never throws: every error ends in `requestEnded` or `lateError`. */
  run(): void {
    const { message } = this
    try {
      this.#host.requestStarted(message)
      message.emit('connected')
      message.emit('got-headers')
      if (this.#io.refusal !== 0 && message.status === 0) {
        message.setStatus(this.#io.refusal)
        this.#io.closeAfterwards()
      }
      const pending = message.status === 0 ? this.#host.gotHeaders(message) : null
      if (pending === null && !message.isPaused) this.#headHandled()
      else void this.#after(pending, () => this.#headHandled())
    } catch (error) {
      this.#fail(error)
    }
  }

  // What the message asks for

  takeRequestStream(): Readable {
    const stream = this.#bodyReader.takeStream()
    this.#askForBody()
    return stream
  }

  get isStealable(): boolean {
    return this.#io.isStealable
  }

  steal(): Duplex {
    const stream = this.#io.steal()
    this.connection.release()
    this.#stolen = true
    this.#end()
    return stream
  }

  writeEarlyHints(links: readonly string[]): boolean {
    if (this.#writer.isHeadWritten || this.#state === 'ended') return false
    if (!this.#io.writeEarlyHints(links)) return false
    this.message.emit('wrote-informational')
    return true
  }

  // What the wire tells

  onDrain(): void {
    this.#guard(() => this.#writer.drained())
  }

  onFinish(): void {
    if (this.#state !== 'writing') return
    this.#finishedWriting = true
    this.#guard(() => {
      this.#writer.finished()
      this.message.emit('wrote-body')
    })
    // On HTTP/1 the close of a kept connection may be long in coming; the message itself is over here.
    this.#end()
  }

  onClose(): void {
    this.#end()
  }

  // The steps

  /** Goes on when a handler, and a pause, are over. */
  async #after(pending: Promise<void> | null, next: () => void): Promise<void> {
    try {
      await pending
      while (this.message.isPaused && this.#state !== 'ended') {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
      next()
    } catch (error) {
      this.#fail(error)
    }
  }

  #headHandled(): void {
    if (this.#state !== 'got-headers') {
      this.#handlersDone()
    } else if (this.message.status !== 0) {
      // The client may or may not send the body it announced; only a closed connection leaves no doubt.
      if (this.#expectsContinue) this.#io.closeAfterwards()
      this.#handlersDone()
    } else if (!this.#io.hasBody && this.#body === null) {
      this.#bodyRead()
    } else {
      this.#transition('reading-body')
      this.#readBody().catch((error: unknown) => this.#fail(error))
    }
  }

  async #readBody(): Promise<void> {
    const reader = this.#bodyReader
    let outcome: RequestBodyOutcome = 'too-long'
    if (!reader.isDeclaredTooLong(this.message)) {
      this.#askForBody()
      outcome = await reader.read(this.message)
    }
    // An interrupted request ends by the connection's close, which is reported there.
    if (!this.#isIn('reading-body') || outcome === 'interrupted') return
    if (outcome === 'complete') {
      this.#bodyRead()
      return
    }
    this.message.setStatus(outcome === 'too-long' ? 413 : 408)
    // Who sends too much is let finish for a while: a connection closed while bytes arrive takes the answer with it.
    if (outcome === 'too-slow') this.#io.closeAfterwards()
    this.#handlersDone()
  }

  #askForBody(): void {
    if (!this.#expectsContinue) return
    this.#expectsContinue = false
    this.#io.writeContinue()
    this.message.emit('wrote-informational')
  }

  #bodyRead(): void {
    this.message.emit('got-body')
    this.#host.requestRead(this.message)
    this.#transition('handling')
    const pending = this.message.status === 0 ? this.#host.gotBody(this.message) : null
    if (pending === null && !this.message.isPaused) this.#handlersDone()
    else void this.#after(pending, () => this.#handlersDone())
  }

  #handlersDone(): void {
    if (this.#state === 'ended') return
    this.#handled = true
    this.bodyChanged()
  }

  /** Lets the response go on as far as it can. Called whenever something changed. */
  bodyChanged(): void {
    if (this.#state === 'ended' || this.message.isPaused) return
    this.#wakeUp()
    if (this.#state === 'writing' || this.#handled) this.#guard(() => this.#write())
    else if (this.#hasStreamToStart) queueMicrotask(() => this.#startStream())
  }

  /** A body of unknown end may start while its handler still runs. */
  get #hasStreamToStart(): boolean {
    return this.message.status !== 0 && this.#writer.isStreamStarted
  }

  /** Run after the handler's own turn, so that what it sets beside the first chunk still counts. */
  #startStream(): void {
    if (this.#state === 'writing' || this.#state === 'ended' || this.message.isPaused) return
    if (this.#hasStreamToStart) this.#guard(() => this.#write())
  }

  #write(): void {
    if (this.#state !== 'writing') {
      // A handler that returned without an answer is at fault, not the client.
      if (this.message.status === 0) this.message.setStatus(500)
      this.#transition('writing')
      if (this.connection.isClosing) this.#io.closeAfterwards()
      this.#writer.begin()
    }
    // A listener of the head may have taken the connection over.
    if (!this.#stolen) this.#writer.pump()
  }

  #guard(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    if (this.#state === 'ended') {
      this.#host.lateError(error)
      return
    }
    const isFirst = this.#error === null
    this.#error ??= error
    if (this.#writer.isHeadWritten || !isFirst) {
      this.#io.abort()
      return
    }
    this.#writer.replaceWithError(500)
    this.#handled = true
    this.message.unpause()
    // A field that cannot be sent is found out only when the head is being written; the bare one can be.
    if (this.#state === 'writing') this.#guard(() => this.#writer.begin())
    this.bodyChanged()
  }

  #end(): void {
    if (this.#state === 'ended') return
    this.#transition('ended')
    this.#wakeUp()
    this.#body?.stop()
    const outcome = this.#stolen ? 'stolen' : this.#finishedWriting ? 'complete' : 'interrupted'
    if (outcome === 'complete' && !this.#io.isWhole) this.connection.linger()
    this.#guard(() => {
      this.#writer.stop()
      if (outcome === 'interrupted') this.message.emit('disconnected')
      this.message.emit('finished')
    })
    this.#host.requestEnded(this, outcome, this.#error ?? this.#writer.error)
  }

  get #bodyReader(): RequestBodyReader {
    return (this.#body ??= new RequestBodyReader(this.#io.requestStream, this.#host))
  }

  #wakeUp(): void {
    this.#wake?.()
    this.#wake = null
  }

  /** Asked after a wait, during which the state may have moved. */
  #isIn(state: DriverState): boolean {
    return this.#state === state
  }

  #transition(to: DriverState): void {
    if (!NEXT[this.#state].includes(to)) throw new Error(`A server message cannot go from ${this.#state} to ${to}`)
    this.#state = to
  }
}
