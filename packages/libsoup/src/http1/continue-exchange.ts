// One message with `Expect: 100-continue`, which undici does not send: by node:http, on a connection that carries nothing
// else and closes after it. Made by ClientMessageIOHTTP1. RFC 9110 section 10.1.1.
// Upstream: libsoup/http1/soup-client-message-io-http1.c (SOUP_EXPECTATION_CONTINUE).

import { request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage, InformationEvent } from 'node:http'
import { finished } from 'node:stream'
import type { Duplex, Readable } from 'node:stream'
import { IOError } from '@wpe-networking/glib-gio'
import {
  CONTINUE_WAIT_MS,
  MAX_INFORMATIONAL_RESPONSES,
  MAX_RESPONSE_HEAD_BYTES,
} from '../connection/client-message-io.ts'
import type { MessageIOObserver } from '../connection/client-message-io.ts'
import { SessionError } from '../errors.ts'
import { MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'
import { fromNodeHttp, isConnectionLost, silentServer, unaskedUpgrade } from './http1-errors.ts'
import type { ResponseProgress } from './http1-errors.ts'
import { HTTPVersion } from '../message/http-version.ts'
import { SilenceTimer } from './silence-timer.ts'

export interface ContinueExchangeOptions {
  readonly stream: Duplex
  readonly method: string
  readonly path: string
  /** Name, value, name, value… */
  readonly fields: readonly string[]
  /** Of the body, in bytes; null when it is not known. */
  readonly bodyLength: number | null
  readonly timeoutMs: number
}

/**
 *     waiting ──100, another 1xx does not count, or a second──> sending ──> sent
 *        └──────────────── final response ─────────────────> (the body stays unsent)
 */
export class ContinueExchange {
  readonly #observer: MessageIOObserver
  readonly #request: ClientRequest
  readonly #options: ContinueExchangeOptions
  #response: IncomingMessage | null = null
  #progress: ResponseProgress = 'none'
  #state: 'waiting' | 'sending' | 'sent' = 'waiting'
  #open = true
  #informational = 0
  #continueTimer: NodeJS.Timeout | undefined
  readonly #silence: SilenceTimer

  constructor(observer: MessageIOObserver, options: ContinueExchangeOptions) {
    this.#observer = observer
    this.#options = options
    this.#silence = new SilenceTimer(options.timeoutMs, () => this.#fail(silentServer(this.#progress)))
    const { stream, method, path, fields, bodyLength } = options
    const framing = bodyLength === null ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(bodyLength)]
    const request = httpRequest({
      createConnection: () => stream,
      method,
      path,
      headers: [...withoutFraming(fields), ...framing, 'Expect', '100-continue', 'Connection', 'close'],
      maxHeaderSize: MAX_RESPONSE_HEAD_BYTES,
    })
    this.#request = request
    request.on('continue', () => this.#gotContinue())
    request.on('information', (info) => this.#gotInformation(info))
    request.on('response', (response) => this.#gotResponse(response))
    // node:http drops the connection in silence where nobody listens.
    request.on('upgrade', () => this.#fail(unaskedUpgrade()))
    request.on('error', (error) => this.#fail(error))
    observer.requestStarted()
    request.flushHeaders()
    this.#silence.restart()
    // Which may be what cancels the message.
    observer.wroteHeaders()
    if (this.#open) this.#continueTimer = setTimeout(() => this.#writeBody(), CONTINUE_WAIT_MS)
  }

  pause(): void {
    this.#silence.stop()
    this.#response?.pause()
  }

  resume(): void {
    this.#silence.restart()
    this.#response?.resume()
  }

  /** The observer hears no more. The connection is the caller's to close. */
  cancel(): void {
    this.#open = false
    clearTimeout(this.#continueTimer)
    this.#silence.close()
  }

  #gotContinue(): void {
    if (!this.#open) return
    this.#gotInterim(100, 'Continue', new MessageHeaders(MessageHeadersType.RESPONSE))
    if (this.#open) this.#writeBody()
  }

  #gotInformation({ statusCode, statusMessage, rawHeaders }: InformationEvent): void {
    // 100 comes as 'continue' as well.
    if (!this.#open || statusCode === 100) return
    const headers = MessageHeaders.fromReceived(MessageHeadersType.RESPONSE, rawHeaders, null)
    this.#gotInterim(statusCode, statusMessage, headers)
  }

  #gotInterim(statusCode: number, reasonPhrase: string, headers: MessageHeaders): void {
    this.#started()
    this.#informational += 1
    if (this.#informational <= MAX_INFORMATIONAL_RESPONSES) {
      this.#observer.gotInformational(statusCode, reasonPhrase, headers)
      return
    }
    const message = `The server sent more than ${MAX_INFORMATIONAL_RESPONSES} informational responses and no final one.`
    this.#fail(new SessionError('PARSING', message))
  }

  #writeBody(): void {
    clearTimeout(this.#continueTimer)
    if (!this.#open || this.#state !== 'waiting') return
    this.#state = 'sending'
    this.#silence.heard()
    const body = this.#observer.openRequestBody()
    if (body === null || Buffer.isBuffer(body)) {
      this.#request.end(body ?? undefined)
      if (body !== null) this.#observer.wroteBodyData(body.length)
      this.#wroteBody()
    } else this.#pipe(body)
  }

  /** Not `pipeline`, which would take a response that comes before the end of the body for a failure. */
  #pipe(body: Readable): void {
    const { bodyLength } = this.#options
    let written = 0
    body.on('data', (chunk: Buffer) => {
      if (!this.#open) return
      written += chunk.length
      if (bodyLength !== null && written > bodyLength) return this.#fail(wrongLength())
      this.#silence.heard()
      if (!this.#request.write(chunk)) body.pause()
      this.#observer.wroteBodyData(chunk.length)
    })
    this.#request.on('drain', () => body.resume())
    finished(body, (error) => {
      if (!this.#open) return
      if (error !== null && error !== undefined) this.#fail(error)
      else if (bodyLength !== null && written < bodyLength) this.#fail(wrongLength())
      else {
        this.#request.end()
        this.#wroteBody()
      }
    })
    this.#request.once('close', () => body.destroy())
  }

  #wroteBody(): void {
    this.#state = 'sent'
    if (this.#open) this.#observer.wroteBody()
  }

  #gotResponse(response: IncomingMessage): void {
    if (!this.#open) return
    clearTimeout(this.#continueTimer)
    // Too late for the body: the server has decided without it.
    if (this.#state === 'waiting') this.#state = 'sent'
    this.#started()
    this.#response = response
    this.#progress = 'body'
    response.on('data', (chunk: Buffer) => {
      if (!this.#open) return
      this.#silence.heard()
      this.#observer.gotBodyData(chunk)
    })
    response.on('end', () => this.#ended(response))
    response.on('error', (error) => this.#fail(error))
    const version = response.httpVersionMinor === 0 ? HTTPVersion.HTTP_1_0 : HTTPVersion.HTTP_1_1
    const headers = MessageHeaders.fromReceived(MessageHeadersType.RESPONSE, response.rawHeaders, null)
    this.#observer.gotHeaders(response.statusCode ?? 0, response.statusMessage ?? '', version, headers)
  }

  #ended(response: IncomingMessage): void {
    if (!this.#open) return
    this.cancel()
    if (response.rawTrailers.length > 0) {
      this.#observer.gotTrailers(MessageHeaders.fromReceived(MessageHeadersType.RESPONSE, response.rawTrailers, null))
    }
    this.#options.stream.destroy()
    this.#observer.gotBody()
  }

  #started(): void {
    this.#silence.heard()
    if (this.#progress !== 'none') return
    this.#progress = 'head'
    this.#observer.responseStarted()
  }

  #fail(cause: Error): void {
    if (!this.#open) return
    this.cancel()
    this.#options.stream.destroy()
    this.#observer.ioFailed({
      error: fromNodeHttp(cause, this.#progress),
      requestWritten: true,
      responseStarted: this.#progress !== 'none',
      connectionLost: isConnectionLost(cause),
    })
  }
}

function withoutFraming(fields: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < fields.length; i += 2) {
    const name = (fields[i] as string).toLowerCase()
    if (name !== 'content-length' && name !== 'connection') kept.push(fields[i] as string, fields[i + 1] as string)
  }
  return kept
}

function wrongLength(): IOError {
  return new IOError('INVALID_ARGUMENT', 'The request body is not as long as its Content-Length says.')
}
