// One message on one HTTP/2 stream. Made by ClientMessageIOHTTP2 for each message.
// Upstream: libsoup/http2/soup-client-message-io-http2.c (SoupHTTP2MessageData). RFC 9113 section 8.

import { constants } from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import { pipeline } from 'node:stream'
import { IOError } from '@wpe-networking/glib-gio'
import { MAX_INFORMATIONAL_RESPONSES } from '../connection/client-message-io.ts'
import type { MessageIOObserver } from '../connection/client-message-io.ts'
import { SessionError } from '../errors.ts'
import { HTTPVersion } from '../message/http-version.ts'
import { messageState } from '../message/message.ts'
import type { RequestTarget } from '../uri/request-target.ts'
import { statusGetPhrase } from '../message/status.ts'
import { fromHttp2, isRefused } from './http2-errors.ts'
import { fieldBytes, requestFields, responseHeaders } from './http2-fields.ts'

/**
 *     open ──'end' of the body──> done
 *       └────'close' before that, failure, cancel──> done
 */
export class ClientStreamHTTP2 {
  readonly observer: MessageIOObserver
  /** Where its owner keeps it. */
  index = -1
  readonly #stream: ClientHttp2Stream
  readonly #whenDone: (stream: ClientStreamHTTP2) => void
  #open = true
  #headersReceived = false
  #responseStarted = false
  #informational = 0
  #error: Error | null = null
  /** Why the session as a whole failed, told by its owner. */
  sessionError: Error | null = null
  /** The server said in GOAWAY that it has not seen this stream. */
  unprocessed = false

  constructor(
    session: ClientHttp2Session,
    observer: MessageIOObserver,
    target: RequestTarget,
    timeoutMs: number,
    whenDone: (stream: ClientStreamHTTP2) => void,
  ) {
    this.observer = observer
    this.#whenDone = whenDone
    const body = observer.openRequestBody()
    const fields = requestFields(observer.message, target)
    observer.requestStarted()
    this.#stream = session.request(fields, { endStream: body === null })
    const stream = this.#stream
    stream.on('headers', (headers, _flags, raw) => this.#gotInformational(headers, raw))
    stream.on('response', (headers, _flags, raw) => this.#gotHeaders(headers, raw))
    stream.on('trailers', (_headers, _flags, raw) => this.#gotTrailers(raw))
    stream.on('error', (error) => (this.#error ??= error))
    stream.on('close', () => this.#closed())
    if (timeoutMs > 0) {
      stream.setTimeout(timeoutMs, () => {
        const what = this.#headersReceived
          ? 'The server stopped sending the response body.'
          : 'The server did not answer in time.'
        this.#fail(new IOError('TIMED_OUT', what))
      })
    }
    const { metrics } = messageState(observer.message)
    if (metrics !== null) metrics.requestHeaderBytesSent += fieldBytes(Object.entries(fields))
    observer.wroteHeaders()
    if (body === null) {
      observer.wroteBody()
    } else if (Buffer.isBuffer(body)) {
      stream.end(body)
      observer.wroteBodyData(body.length)
      observer.wroteBody()
    } else {
      body.on('data', (chunk: Buffer) => observer.wroteBodyData(chunk.length))
      pipeline(body, stream, (error) => {
        if (error === null || error === undefined) {
          if (this.#open) observer.wroteBody()
        } else if (!stream.readableEnded) this.#error ??= error
      })
    }
  }

  get id(): number {
    return this.#stream.id ?? 0
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  /** The observer hears no more. */
  cancel(): void {
    if (!this.#open) return
    this.#open = false
    this.#stream.close(constants.NGHTTP2_CANCEL)
    this.#whenDone(this)
  }

  #gotInformational(headers: IncomingHttpHeaders & { ':status'?: number | undefined }, raw: unknown): void {
    if (!this.#open || this.#headersReceived) return
    this.#started()
    this.#informational += 1
    if (this.#informational > MAX_INFORMATIONAL_RESPONSES) {
      const message = `The server sent more than ${MAX_INFORMATIONAL_RESPONSES} informational responses and no final one.`
      this.#fail(new SessionError('PARSING', message))
      return
    }
    const status = Number(headers[':status'] ?? 0)
    this.observer.gotInformational(status, statusGetPhrase(status), responseHeaders((raw ?? []) as string[]))
  }

  #gotHeaders(headers: IncomingHttpHeaders & { ':status'?: number | undefined }, raw: readonly string[]): void {
    if (!this.#open) return
    this.#started()
    this.#headersReceived = true
    const status = Number(headers[':status'] ?? 0)
    const received = responseHeaders(raw)
    const { metrics } = messageState(this.observer.message)
    if (metrics !== null) metrics.responseHeaderBytesReceived += fieldBytes(received)
    this.#stream.on('data', (chunk: Buffer) => {
      if (this.#open) this.observer.gotBodyData(chunk)
    })
    this.#stream.on('end', () => this.#ended())
    this.observer.gotHeaders(status, statusGetPhrase(status), HTTPVersion.HTTP_2_0, received)
  }

  #gotTrailers(raw: readonly string[] | undefined): void {
    if (this.#open && raw !== undefined && raw.length > 0) this.observer.gotTrailers(responseHeaders(raw))
  }

  #started(): void {
    if (this.#responseStarted) return
    this.#responseStarted = true
    this.observer.responseStarted()
  }

  #ended(): void {
    // A reset after the last byte that was taken also ends the stream: only 'close' tells which it was.
    if (!this.#open || this.#stream.rstCode !== 0 || this.#stream.aborted) return
    this.#open = false
    this.#whenDone(this)
    this.observer.gotBody()
  }

  #closed(): void {
    if (!this.#open) return // an Error would be made for nothing
    const { rstCode } = this.#stream
    this.#fail(fromHttp2(rstCode ?? 0, this.sessionError ?? this.#error, this.#headersReceived))
  }

  #fail(error: Error): void {
    if (!this.#open) return
    this.#open = false
    const { rstCode } = this.#stream
    const refused = this.unprocessed || isRefused(rstCode ?? 0)
    if (!this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL)
    this.#whenDone(this)
    this.observer.ioFailed({
      error,
      requestWritten: !refused,
      responseStarted: this.#responseStarted,
      connectionLost: refused || (error instanceof IOError && error.code === 'CONNECTION_CLOSED'),
    })
  }
}
