// One message on one HTTP/2 stream. Made by ClientMessageIOHTTP2 for each message.
// Upstream: libsoup/http2/soup-client-message-io-http2.c (SoupHTTP2MessageData). RFC 9113 section 8.

import { constants } from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import { finished, Readable } from 'node:stream'
import { IOError } from '@wpe-networking/glib-gio'
import { CONTINUE_WAIT_MS, expectsContinue, MAX_INFORMATIONAL_RESPONSES } from '../connection/client-message-io.ts'
import type { MessageIOObserver } from '../connection/client-message-io.ts'
import { SessionError } from '../errors.ts'
import { HTTPVersion } from '../message/http-version.ts'
import { messageState } from '../message/message.ts'
import type { RequestTarget } from '../uri/request-target.ts'
import { statusGetPhrase } from '../message/status.ts'
import { fromHttp2, isUnprocessed } from './http2-errors.ts'
import { fieldBytes, requestFields, responseHeaders } from './http2-fields.ts'
import type { SilentStream } from './stream-deadlines.ts'

const { NGHTTP2_CANCEL, NGHTTP2_HTTP_1_1_REQUIRED, NGHTTP2_NO_ERROR } = constants

type ReceivedHeaders = IncomingHttpHeaders & { ':status'?: number | undefined }

/** More at once, and a server that takes it slowly could not be told from a silent one. */
const MAX_WRITE_BYTES = 64 * 1024

/** Where a stream of node:http2 keeps whose it is: listeners that all streams share cost less than one each. */
const OWNER = Symbol('owner')
type OwnedStream = ClientHttp2Stream & { [OWNER]: ClientStreamHTTP2 }

/**
 *     open ──'end' of the body──> done
 *       └────'close' before that, failure, cancel──> done
 */
export class ClientStreamHTTP2 implements SilentStream {
  readonly observer: MessageIOObserver
  /** Where its owner keeps it. */
  index = -1
  readonly #session: ClientHttp2Session
  readonly #stream: ClientHttp2Stream
  readonly #whenDone: (stream: ClientStreamHTTP2) => void
  #open = true
  #paused = false
  #heardAt = performance.now()
  #headersReceived = false
  #responseStarted = false
  #informational = 0
  #error: Error | null = null
  /** Runs while the body waits for the server's consent. */
  #continueTimer: NodeJS.Timeout | null = null
  /** Why the session as a whole failed, told by its owner. */
  sessionError: Error | null = null
  /** The server said in GOAWAY that it has not seen this stream. */
  unprocessed = false

  constructor(
    session: ClientHttp2Session,
    observer: MessageIOObserver,
    target: RequestTarget,
    whenDone: (stream: ClientStreamHTTP2) => void,
  ) {
    this.observer = observer
    this.#session = session
    this.#whenDone = whenDone
    const { message } = observer
    const waits = expectsContinue(message)
    const body = waits ? null : observer.openRequestBody()
    const fields = requestFields(message, target)
    observer.requestStarted()
    this.#stream = session.request(fields, { endStream: body === null && !waits })
    const stream = this.#stream as OwnedStream
    stream[OWNER] = this
    stream.on('headers', ClientStreamHTTP2.#onHeaders)
    stream.on('response', ClientStreamHTTP2.#onResponse)
    stream.on('trailers', ClientStreamHTTP2.#onTrailers)
    stream.on('error', ClientStreamHTTP2.#onError)
    stream.on('close', ClientStreamHTTP2.#onClose)
    const { metrics } = messageState(message)
    if (metrics !== null) metrics.requestHeaderBytesSent += fieldBytes(Object.entries(fields))
    observer.wroteHeaders()
    if (waits) this.#continueTimer = setTimeout(() => this.#sendBody(), CONTINUE_WAIT_MS)
    else this.#writeBody(body)
  }

  get id(): number {
    return this.#stream.id ?? 0
  }

  get silentSince(): number | null {
    // A reader who pauses, and a source of the request's body that takes its time, are silent themselves.
    if (this.#paused || (!this.#stream.writableEnded && !this.#stream.writableNeedDrain)) return null
    return this.#heardAt
  }

  pause(): void {
    this.#paused = true
    this.#stream.pause()
  }

  resume(): void {
    this.#paused = false
    this.#heard()
    this.#stream.resume()
  }

  /** The observer hears no more. */
  cancel(): void {
    if (!this.#open) return
    this.#end()
    this.#stream.close(NGHTTP2_CANCEL)
    this.#whenDone(this)
  }

  static #onHeaders(this: unknown, headers: ReceivedHeaders, _flags: number, raw: unknown): void {
    ;(this as OwnedStream)[OWNER].#gotInformational(headers, raw)
  }

  static #onResponse(this: unknown, headers: ReceivedHeaders, _flags: number, raw: readonly string[]): void {
    ;(this as OwnedStream)[OWNER].#gotHeaders(headers, raw)
  }

  static #onTrailers(this: unknown, _headers: ReceivedHeaders, _flags: number, raw?: readonly string[]): void {
    ;(this as OwnedStream)[OWNER].#gotTrailers(raw)
  }

  static #onData(this: unknown, chunk: Buffer): void {
    ;(this as OwnedStream)[OWNER].#gotData(chunk)
  }

  static #onEnd(this: unknown): void {
    ;(this as OwnedStream)[OWNER].#ended()
  }

  static #onError(this: unknown, error: Error): void {
    ;(this as OwnedStream)[OWNER].#error ??= error
  }

  static #onClose(this: unknown): void {
    ;(this as OwnedStream)[OWNER].#closed()
  }

  #heard(): void {
    this.#heardAt = performance.now()
  }

  /** The server consents to the body, or has taken too long to say so. */
  #sendBody(): void {
    if (this.#continueTimer === null) return
    clearTimeout(this.#continueTimer)
    this.#continueTimer = null
    if (this.#open) this.#writeBody(this.observer.openRequestBody())
  }

  #writeBody(body: Buffer | Readable | null): void {
    if (body === null) {
      this.observer.wroteBody()
    } else if (!Buffer.isBuffer(body)) {
      this.#pipe(body)
    } else if (body.length > MAX_WRITE_BYTES) {
      this.#pipe(Readable.from(partsOf(body), { objectMode: false }))
    } else {
      this.#stream.end(body)
      this.#countSent(body.length)
      this.observer.wroteBodyData(body.length)
      this.observer.wroteBody()
    }
  }

  /** Not `pipeline`, which takes a response that comes before the end of the body for a failure. */
  #pipe(body: Readable): void {
    const stream = this.#stream
    const length = this.observer.message.requestBody?.length ?? null
    let written = 0
    body.on('data', (chunk: Buffer) => {
      if (!this.#open || stream.writableEnded || stream.destroyed) return
      written += chunk.length
      if (length !== null && written > length) return this.#fail(wrongLength())
      if (!stream.write(chunk)) body.pause()
      this.#countSent(chunk.length)
      this.observer.wroteBodyData(chunk.length)
    })
    stream.on('drain', () => {
      this.#heard()
      body.resume()
    })
    stream.once('close', () => body.destroy())
    finished(body, (error) => {
      if (!this.#open || stream.destroyed) return
      if (error !== null && error !== undefined) this.#fail(error)
      else if (length !== null && written < length) this.#fail(wrongLength())
      else {
        stream.end()
        this.#heard()
        this.observer.wroteBody()
      }
    })
  }

  #gotInformational(headers: ReceivedHeaders, raw: unknown): void {
    if (!this.#open || this.#headersReceived) return
    this.#started()
    this.#informational += 1
    if (this.#informational > MAX_INFORMATIONAL_RESPONSES) {
      const message = `The server sent more than ${MAX_INFORMATIONAL_RESPONSES} informational responses and no final one.`
      this.#fail(new SessionError('PARSING', message))
      return
    }
    const status = Number(headers[':status'] ?? 0)
    const received = responseHeaders((raw ?? []) as string[])
    this.#countHead(received)
    this.observer.gotInformational(status, statusGetPhrase(status), received)
    if (status === 100) this.#sendBody()
  }

  #gotHeaders(headers: ReceivedHeaders, raw: readonly string[]): void {
    if (!this.#open) return
    this.#started()
    this.#headersReceived = true
    if (this.#continueTimer !== null) {
      // The server has decided without the body.
      clearTimeout(this.#continueTimer)
      this.#continueTimer = null
    }
    const status = Number(headers[':status'] ?? 0)
    const received = responseHeaders(raw)
    this.#countHead(received)
    this.#stream.on('data', ClientStreamHTTP2.#onData)
    this.#stream.on('end', ClientStreamHTTP2.#onEnd)
    this.observer.gotHeaders(status, statusGetPhrase(status), HTTPVersion.HTTP_2_0, received)
  }

  #gotData(chunk: Buffer): void {
    if (!this.#open) return
    this.#heard()
    const { metrics } = messageState(this.observer.message)
    if (metrics !== null) metrics.responseBodyBytesReceived += chunk.length
    this.observer.gotBodyData(chunk)
  }

  #gotTrailers(raw: readonly string[] | undefined): void {
    if (this.#open && raw !== undefined && raw.length > 0) this.observer.gotTrailers(responseHeaders(raw))
  }

  #countSent(size: number): void {
    const { metrics } = messageState(this.observer.message)
    if (metrics !== null) metrics.requestBodyBytesSent += size
  }

  #countHead(received: Iterable<readonly [string, string]>): void {
    const { metrics } = messageState(this.observer.message)
    if (metrics !== null) metrics.responseHeaderBytesReceived += fieldBytes(received)
  }

  #started(): void {
    this.#heard()
    if (this.#responseStarted) return
    this.#responseStarted = true
    this.observer.responseStarted()
  }

  #ended(): void {
    // A reset after the last byte that was taken also ends the stream: only 'close' tells which it was.
    if (!this.#open || this.#stream.rstCode !== NGHTTP2_NO_ERROR || this.#stream.aborted) return
    this.#end()
    // What is left of the request is of no use to a server that has answered (RFC 9113 section 8.1).
    if (!this.#stream.writableEnded) this.#stream.close(NGHTTP2_NO_ERROR)
    this.#whenDone(this)
    this.observer.gotBody()
  }

  #closed(): void {
    if (!this.#open) return // an Error would be made for nothing
    const { rstCode } = this.#stream
    this.#fail(fromHttp2(rstCode ?? 0, this.sessionError ?? this.#error, this.#headersReceived))
  }

  silentTooLong(): void {
    const what = this.#headersReceived
      ? 'The server stopped sending the response body.'
      : 'The server did not answer in time.'
    this.#fail(new IOError('TIMED_OUT', what))
  }

  #fail(error: Error): void {
    if (!this.#open) return
    this.#end()
    const rstCode = this.#stream.rstCode ?? 0
    const unprocessed = this.unprocessed || isUnprocessed(rstCode)
    // The server speaks no HTTP/2 for this resource; RFC 9113 section 7. Upstream does the same.
    if (rstCode === NGHTTP2_HTTP_1_1_REQUIRED) this.observer.message.forceHttp1 = true
    const isGone = this.#session.closed || this.#session.destroyed
    if (!this.#stream.closed) this.#stream.close(NGHTTP2_CANCEL)
    this.#whenDone(this)
    this.observer.ioFailed({
      error,
      requestWritten: !unprocessed,
      responseStarted: this.#responseStarted,
      connectionLost: unprocessed || (isGone && error instanceof IOError && error.code === 'CONNECTION_CLOSED'),
    })
  }

  #end(): void {
    this.#open = false
    if (this.#continueTimer !== null) clearTimeout(this.#continueTimer)
    this.#continueTimer = null
  }
}

function* partsOf(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at += MAX_WRITE_BYTES) yield body.subarray(at, at + MAX_WRITE_BYTES)
}

function wrongLength(): IOError {
  return new IOError('INVALID_ARGUMENT', 'The request body is not as long as its Content-Length says.')
}
