// Writes the response of one message: framing of the body, back-pressure, and what to do when a handler got it wrong.
// Called by ServerMessageDriver. Upstream: io_write of libsoup/server/http1/soup-server-message-io-http1.c.
// RFC 9110 section 8.6 (Content-Length), RFC 9112 section 6 (message body).

import type { Readable } from 'node:stream'
import { IOError } from '@wpe-networking/glib-gio'
import { Encoding } from '../headers/message-headers.ts'
import { makePartial } from './partial-response.ts'
import type { ServerMessage } from './server-message.ts'
import type { ServerMessageIO } from './server-message-io.ts'

/** The writing side of one message. */
export class ResponseWriter {
  readonly #io: ServerMessageIO
  readonly #message: ServerMessage
  #headWritten = false
  #bodyless = false
  #declaredBytes: number | null = null
  #bytes = 0
  #lastBytes = 0
  #writable = true
  #pumping = false
  #ended = false
  #source: Readable | null = null
  #drain: (() => void) | null = null
  #error: Error | null = null

  constructor(io: ServerMessageIO, message: ServerMessage) {
    this.#io = io
    this.#message = message
  }

  get isHeadWritten(): boolean {
    return this.#headWritten
  }

  /** Why the response was broken off from here, or null. */
  get error(): Error | null {
    return this.#error
  }

  /** True when a body of unknown end has begun: its first chunk, or its stream, is there. */
  get isStreamStarted(): boolean {
    if (this.#message.responseStream) return true
    return this.#message.responseBody.length > 0 && this.#isStreaming
  }

  /** True when the client waits for a handler to append more. */
  get isWaitingForBody(): boolean {
    return this.#headWritten && !this.#ended && this.#writable
  }

  get #isStreaming(): boolean {
    const { responseHeaders, responseBody, responseStream } = this.#message
    if (responseStream) return true
    const { encoding } = responseHeaders
    if (encoding === Encoding.CHUNKED || encoding === Encoding.EOF) return true
    return !responseBody.isComplete && (responseHeaders.contentLength ?? 0) > responseBody.length
  }

  /** Settles the framing and writes the head. Throws when a field cannot be sent; nothing is written then. */
  begin(): void {
    const message = this.#message
    const { responseHeaders: headers, responseBody: body, responseStream, method, status } = message
    this.#bodyless = isBodyless(method, status)
    const isStreaming = !this.#bodyless && this.#isStreaming
    if (!isStreaming && !body.isComplete) {
      this.#pumping = true
      body.complete()
      this.#pumping = false
    }
    if (status === 200 && this.#io.hasRange && method === 'GET' && !responseStream) makePartial(message)
    if (message.closesConnection) this.#io.delimitByClose()
    this.#declaredBytes = this.#settleFraming(isStreaming)
    this.#io.writeHead(message.status, message.reasonPhrase, headers)
    this.#headWritten = true
    message.emit(status < 200 ? 'wrote-informational' : 'wrote-headers')
  }

  /**
   * RFC 9110 section 8.6 says where there must be no `Content-Length`; everywhere else a known length is told.
   *
   * @returns The bytes that must follow, null where that is open.
   */
  #settleFraming(isStreaming: boolean): number | null {
    const { responseHeaders: headers, responseBody: body, responseStream, status, method } = this.#message
    if (status < 200 || status === 204 || (method === 'CONNECT' && status < 300)) {
      headers.encoding = Encoding.NONE
      return null
    }
    const { encoding } = headers
    // Such as the fields of another server's response, copied: on a kept connection the client would read on and on.
    if (encoding === Encoding.UNRECOGNIZED) {
      throw new IOError('INVALID_DATA', 'The handler declared the end of the body in a way that is not known.')
    }
    // Two ways to find the end are one too many (RFC 9112 section 6.2).
    if (encoding === Encoding.CHUNKED && headers.has('Content-Length')) headers.remove('Content-Length')
    if (isStreaming && encoding === Encoding.EOF) this.#io.delimitByClose()
    if (encoding !== Encoding.CONTENT_LENGTH) return null
    const declared = headers.contentLength
    if (declared === null) {
      if (isStreaming || status === 304) return null
      headers.contentLength = body.length
      return this.#bodyless ? null : body.length
    }
    if (this.#bodyless) return null
    const given = body.length
    if (!responseStream && (given > declared || (body.isComplete && given < declared))) {
      // Found out in time: the answer can still be another one.
      throw new IOError('PARTIAL_INPUT', `The handler gave ${given} bytes and declared ${declared}.`)
    }
    return declared
  }

  /** Writes what there is and ends the response if the body is complete. */
  pump(): void {
    if (!this.#headWritten || this.#ended || this.#pumping) return
    const { responseStream, status } = this.#message
    if (status < 200) {
      this.#end()
      return
    }
    if (responseStream) {
      if (!this.#source) void this.#pipe(responseStream)
      return
    }
    this.#pumping = true
    try {
      this.#writeChunks()
    } finally {
      this.#pumping = false
    }
    if (!this.#ended && this.#bytes === 0) this.#io.flushHead()
  }

  /** The client caught up. */
  drained(): void {
    this.#writable = true
    this.#drain?.()
    this.pump()
  }

  /** The response has left this process: tells of the bytes that went with its end. */
  finished(): void {
    if (this.#lastBytes > 0) this.#wrote(this.#lastBytes)
  }

  /** Throws away what a handler prepared, for a bare answer with `status`. Only before the head was written. */
  replaceWithError(status: number): void {
    const { responseHeaders } = this.#message
    const server = responseHeaders.getOne('Server')
    responseHeaders.clear()
    if (server !== null) responseHeaders.replace('Server', server)
    this.#message.setResponse(null, '')
    this.#message.setStatus(status)
  }

  /** The message is over: lets go of the body's stream. */
  stop(): void {
    this.#ended = true
    this.#drain?.()
    this.#message.responseStream?.destroy()
  }

  #writeChunks(): void {
    const { responseBody: body } = this.#message
    while (this.#writable && !this.#message.isPaused && !this.#ended) {
      const chunk = body.takeChunk()
      if (chunk === null) {
        if (body.isComplete) this.#end()
        return
      }
      if (body.isComplete && body.isTaken && !this.#bodyless) {
        this.#endWith(chunk)
        return
      }
      this.#write(chunk)
    }
  }

  /** The whole rest in one go, which saves a write of its own. */
  #endWith(chunk: Uint8Array): void {
    const bytes = this.#bytes + chunk.length
    if (this.#declaredBytes !== null && this.#declaredBytes !== bytes) {
      this.#write(chunk)
      this.#end()
      return
    }
    this.#bytes = bytes
    this.#ended = true
    this.#lastBytes = chunk.length
    this.#io.end(chunk)
  }

  #write(chunk: Uint8Array): void {
    this.#bytes += chunk.length
    if (this.#bodyless) return
    if (this.#declaredBytes !== null && this.#bytes > this.#declaredBytes) {
      this.#breakOff(`The handler gave more than the ${this.#declaredBytes} bytes it declared.`)
      return
    }
    this.#writable = this.#io.write(chunk, () => this.#wrote(chunk.length))
  }

  #wrote(bytes: number): void {
    this.#message.emit('wrote-chunk')
    this.#message.emit('wrote-body-data', bytes)
  }

  #end(): void {
    if (this.#ended) return
    if (this.#declaredBytes !== null && this.#bytes < this.#declaredBytes) {
      this.#breakOff(`The handler gave ${this.#bytes} of the ${this.#declaredBytes} bytes it declared.`)
      return
    }
    this.#ended = true
    this.#io.end(null)
  }

  /** The head is out and promised something else: only breaking off tells the client (RFC 9112 section 8). */
  #breakOff(sentence: string): void {
    this.#ended = true
    this.#error = new IOError('PARTIAL_INPUT', sentence)
    this.#io.abort()
  }

  async #pipe(source: Readable): Promise<void> {
    this.#source = source
    this.#io.flushHead()
    if (this.#bodyless) {
      source.destroy()
      this.#end()
      return
    }
    try {
      for await (const chunk of source as AsyncIterable<Uint8Array | string>) {
        if (this.#ended) return
        this.#write(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
        if (this.#writable || this.#ended) continue
        await new Promise<void>((resolve) => {
          this.#drain = resolve
        })
        this.#drain = null
      }
      this.#end()
    } catch (error) {
      if (this.#ended) return
      this.#ended = true
      this.#error = error instanceof Error ? error : new Error(String(error))
      this.#io.abort()
    }
  }
}

/** Responses that end with their head, RFC 9112 section 6.3. */
function isBodyless(method: string, status: number): boolean {
  return method === 'HEAD' || status < 200 || status === 204 || status === 304 || (method === 'CONNECT' && status < 300)
}
