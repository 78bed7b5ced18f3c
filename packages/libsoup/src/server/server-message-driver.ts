// Steps one message from its head to its end: handlers, request body, response. Knows nothing of the HTTP version.
// Made by Server for each request. Upstream: got_headers, got_body and request_finished of libsoup/server/soup-server.c
// and the writing side of libsoup/server/http1/soup-server-message-io-http1.c

import type { Readable } from 'node:stream'
import { RequestBodyReader, type RequestBodyOutcome } from './request-body-reader.ts'
import { ResponseWriter } from './response-writer.ts'
import { ServerMessage, type ServerMessageInit } from './server-message.ts'
import type { ServerMessageIO } from './server-message-io.ts'

/** How a message ended: `complete` when the whole response was sent, `interrupted` when the connection went first. */
export type ServerMessageOutcome = 'complete' | 'interrupted'

/** What the driver asks of its server. */
export interface ServerMessageDriverHost {
  readonly maxRequestBodyBytes: number
  requestStarted(message: ServerMessage): void
  requestRead(message: ServerMessage): void
  /** Called once, last. `error` is what a handler threw or why the response was broken off. */
  requestEnded(message: ServerMessage, outcome: ServerMessageOutcome, error: Error | null): void
  /** An error that came up when the message had ended already. */
  lateError(message: ServerMessage, error: Error): void
  /** Runs the handler of the message's path, if it has one of that kind. False when the path has no handler at all. */
  callHandler(message: ServerMessage, kind: 'early' | 'normal'): Promise<boolean>
}

type DriverState = 'got-headers' | 'reading-body' | 'handling' | 'writing' | 'ended'

const NEXT: Record<DriverState, readonly DriverState[]> = {
  'got-headers': ['reading-body', 'writing', 'ended'], // early handlers run; one that sets a status skips the rest
  'reading-body': ['handling', 'writing', 'ended'], // to writing only for a body over the limit
  handling: ['writing', 'ended'],
  writing: ['ended'],
  ended: [],
}

/** The machine behind one `ServerMessage`. */
export class ServerMessageDriver {
  readonly message: ServerMessage
  readonly #host: ServerMessageDriverHost
  readonly #io: ServerMessageIO
  readonly #body: RequestBodyReader
  readonly #writer: ResponseWriter
  #state: DriverState = 'got-headers'
  #handled = false
  #finishedWriting = false
  #error: Error | null = null
  #wake: (() => void) | null = null

  constructor(host: ServerMessageDriverHost, io: ServerMessageIO, init: ServerMessageInit) {
    this.#host = host
    this.#io = io
    this.#body = new RequestBodyReader(io.requestStream, host.maxRequestBodyBytes)
    this.message = new ServerMessage(init, {
      advance: () => this.#advance(),
      takeRequestStream: (): Readable => this.#body.takeStream(),
    })
    this.#writer = new ResponseWriter(io, this.message)
    io.listen({
      onDrain: () => this.#guard(() => this.#writer.drained()),
      onFinish: () => this.#guard(() => this.#finish()),
      onClose: () => this.#guard(() => this.#end()),
    })
  }

  /** True while the answer is up to a handler, so that silence on the connection is not the client's fault. */
  get isWaitingForHandler(): boolean {
    return this.#state === 'got-headers' || this.#state === 'handling' || this.#writer.isWaitingForBody
  }

  /** Steps the message to its end. Never rejects: every error ends in `requestEnded` or `lateError`. */
  async run(expectsContinue: boolean): Promise<void> {
    try {
      this.#host.requestStarted(this.message)
      this.message.emit('got-headers')
      if (this.message.status === 0) await this.#callHandler('early')
      // An interrupted request ends by the connection's close, which is reported there.
      if (this.message.status === 0 && (await this.#readBody(expectsContinue)) === 'interrupted') return
      if (this.message.status === 0 && this.#state === 'handling') {
        const found = await this.#callHandler('normal')
        if (!found && this.message.status === 0) this.message.setStatus(404)
      }
      if (this.#state === 'ended') return
      this.#handled = true
      this.#advance()
    } catch (error) {
      this.#fail(error)
    }
  }

  async #callHandler(kind: 'early' | 'normal'): Promise<boolean> {
    const found = await this.#host.callHandler(this.message, kind)
    while (this.message.isPaused && this.#state !== 'ended') {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return found
  }

  async #readBody(expectsContinue: boolean): Promise<RequestBodyOutcome> {
    if (this.#state !== 'got-headers') return 'interrupted'
    this.#transition('reading-body')
    if (this.#body.isDeclaredTooLong(this.message)) {
      this.message.setStatus(413)
      return 'too-long'
    }
    if (expectsContinue) {
      this.#io.writeContinue()
      this.message.emit('wrote-informational')
    }
    const outcome = await this.#body.read(this.message)
    if (!this.#isIn('reading-body')) return 'interrupted'
    if (outcome === 'too-long') this.message.setStatus(413)
    if (outcome !== 'complete') return outcome
    this.message.emit('got-body')
    this.#host.requestRead(this.message)
    this.#transition('handling')
    return outcome
  }

  /** Lets the response go on as far as it can. Called whenever something changed. */
  #advance(): void {
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
      this.#writer.begin()
    }
    this.#writer.pump()
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
      this.#host.lateError(this.message, error)
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
    this.#advance()
  }

  #finish(): void {
    if (this.#state !== 'writing') return
    this.#finishedWriting = true
    this.message.emit('wrote-body')
    // On HTTP/1 the close of a kept connection may be long in coming; the message itself is over here.
    this.#end()
  }

  #end(): void {
    if (this.#state === 'ended') return
    this.#transition('ended')
    this.#wakeUp()
    this.#body.stop()
    const outcome = this.#finishedWriting ? 'complete' : 'interrupted'
    this.#guard(() => {
      this.#writer.stop()
      if (outcome === 'interrupted') this.message.emit('disconnected')
      this.message.emit('finished')
    })
    this.#host.requestEnded(this.message, outcome, this.#error ?? this.#writer.error)
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
