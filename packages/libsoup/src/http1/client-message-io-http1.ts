// HTTP/1.1 over one connection: an undici Client that is handed the stream gio made. Called through ClientMessageIO.
// Upstream: libsoup/http1/soup-client-message-io-http1.c. RFC 9112.

import type { Duplex } from 'node:stream'
import { TlsError } from '@wpe-networking/glib-gio'
import type { Client, Dispatcher } from 'undici'
import { expectsContinue, MAX_INFORMATIONAL_RESPONSES } from '../connection/client-message-io.ts'
import type { ClientMessageIO, ClientMessageIOOwner, MessageIOObserver } from '../connection/client-message-io.ts'
import { ContinueExchange } from './continue-exchange.ts'
import { SessionError } from '../errors.ts'
import { MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'
import { messageState } from '../message/message.ts'
import { statusGetPhrase } from '../message/status.ts'
import type { RequestTarget } from '../uri/request-target.ts'
import {
  framingOverflow,
  fromUndici,
  headerOverflow,
  isConnectionLost,
  silentServer,
  unknownTransferCoding,
} from './http1-errors.ts'
import type { ResponseProgress } from './http1-errors.ts'
import { requestFields } from './head-fields.ts'
import type { HttpProxyUse } from './head-fields.ts'
import { RefusedConnectStream } from './refused-connect-stream.ts'
import { requestLineTarget } from './request-line-target.ts'
import { ResponseTap } from './response-tap.ts'
import type { ResponseTapObserver } from './response-tap.ts'
import { SilenceTimer } from './silence-timer.ts'
import { createClient } from './undici-client.ts'
import { UnusedStream } from './unused-stream.ts'
import { WireMeter } from './wire-meter.ts'

export interface ClientMessageIOHTTP1Options {
  readonly stream: Duplex
  readonly target: RequestTarget
  readonly owner: ClientMessageIOOwner
  /** Longest silence on the connection while a message is under way, in ms; 0 waits for ever. */
  readonly timeoutMs: number
  /** How long the connection may stay unused, in ms; 0 for ever. */
  readonly idleTimeoutMs: number
  /** Set when the stream ends at a proxy: requests name their targets in full. */
  readonly proxy: HttpProxyUse | null
}

/** What undici is told of a request. */
interface RequestOptions {
  path: string
  method: string
  headers: string[]
  body: unknown
  reset: boolean | null
  upgrade: string | null
}

/** setTimeout's longest delay; stands for 'for ever'. */
const FOREVER_MS = 2 ** 31 - 1

/** It is undici's handler itself: HTTP/1 carries one message at a time, so nothing is made per request. */
export class ClientMessageIOHTTP1 implements ClientMessageIO, Dispatcher.DispatchHandler, ResponseTapObserver {
  readonly maxConcurrent = 1
  readonly #client: Client
  readonly #stream: Duplex
  readonly #owner: ClientMessageIOOwner
  readonly #tap: ResponseTap
  readonly #proxy: HttpProxyUse | null
  readonly #timeoutMs: number
  readonly #silence: SilenceTimer
  // Read by undici while it makes its request, then free for the next.
  readonly #options: RequestOptions
  /** What undici gets when it asks for a connection; null once it has it. */
  #offered: Duplex | null
  #refusal: RefusedConnectStream | null = null
  #expecting: ContinueExchange | null = null
  #unused: UnusedStream | null = null
  #observer: MessageIOObserver | null = null
  #controller: Dispatcher.DispatchController | null = null
  #progress: ResponseProgress = 'none'
  #requestWritten = false
  #requestComplete = false
  #headersReported = false
  #informational = 0
  /** Why the response is not taken although undici would. */
  #rejection: SessionError | null = null
  #closed = false
  #tlsError: TlsError | null = null
  readonly #reportReady = (): void => {
    if (this.#refusal !== null) this.#endRefusal(this.#refusal)
    if (this.isReady) this.#owner.ioReady()
  }
  readonly #streamClosed = (): void => {
    this.#closed = true
    this.#silence.close()
    this.#unused?.release()
    this.#client.destroy().catch(ignore)
    this.#owner.ioClosed()
  }
  readonly #streamFailed = (error: Error): void => {
    // An alert, such as the one of a server that wants a certificate (TLS 1.3 says so after the handshake), comes just
    // before the end of the stream, and that end is all undici would tell.
    if (error instanceof TlsError) this.#tlsError ??= error
  }

  constructor(options: ClientMessageIOHTTP1Options) {
    const { stream, target, owner } = options
    this.#stream = stream
    this.#owner = owner
    this.#proxy = options.proxy
    this.#timeoutMs = options.timeoutMs
    this.#silence = new SilenceTimer(options.timeoutMs, () => this.#silent())
    this.#offered = stream
    this.#options = { path: '/', method: 'GET', headers: [], body: null, reset: null, upgrade: null }
    const idleMs = options.idleTimeoutMs === 0 ? FOREVER_MS : options.idleTimeoutMs
    this.#client = createClient(target, idleMs, () => {
      const offered = this.#offered
      this.#offered = null
      return offered
    })
    this.#tap = new ResponseTap(stream, this)
    stream.on('error', this.#streamFailed)
    stream.once('close', this.#streamClosed)
    // Nearly always the message that the connection was made for comes at once.
    setImmediate(() => {
      if (this.#offered === stream && this.#observer === null && !this.#closed) {
        this.#unused = new UnusedStream(stream, idleMs)
      }
    })
  }

  get isReady(): boolean {
    return this.#observer === null && !this.#closed && !this.#stream.destroyed
  }

  send(observer: MessageIOObserver): void {
    const { message } = observer
    this.#observer = observer
    if (this.#unused !== null) this.#unused.release()
    this.#unused = null
    this.#progress = 'none'
    this.#requestWritten = false
    this.#requestComplete = false
    this.#headersReported = false
    this.#informational = 0
    const options = this.#options
    const { target, metrics } = messageState(message)
    if (metrics !== null) this.#tap.meter = new WireMeter(this.#stream, metrics)
    const { method } = message
    const isConnect = method === 'CONNECT'
    options.path = requestLineTarget(method, target, this.#proxy !== null, this.#stream)
    options.method = method
    options.headers = requestFields(message, target, this.#proxy)
    options.upgrade = observer.upgradeProtocol
    if (message.requestBody !== null && this.#offered === this.#stream && expectsContinue(message)) {
      this.#sendExpecting(observer, message.requestBody.length)
      return
    }
    options.body = isConnect || options.upgrade !== null ? null : observer.openRequestBody()
    // Without this undici would close after each HEAD and after each upgrade that was refused.
    const mayOutlast = isConnect || method === 'HEAD' || options.upgrade !== null
    options.reset = mayOutlast ? message.requestHeaders.headerContains('connection', 'close') : null
    this.#tap.expectHead(isConnect)
    this.#silence.restart()
    this.#client.dispatch(options as Dispatcher.DispatchOptions, this)
  }

  pause(observer: MessageIOObserver): void {
    if (this.#observer !== observer) return
    this.#silence.stop() // it is the reader who is silent now
    ;(this.#expecting ?? this.#controller)?.pause()
  }

  resume(observer: MessageIOObserver): void {
    if (this.#observer !== observer) return
    if (this.#expecting === null) this.#silence.restart()
    ;(this.#expecting ?? this.#controller)?.resume()
  }

  cancel(observer: MessageIOObserver): void {
    if (this.#observer !== observer) return
    this.#release()
    this.#expecting?.cancel()
    this.close()
  }

  close(): void {
    this.#closed = true
    // The client follows on 'close': it must not be destroyed while it is writing, which is when a listener may cancel.
    this.#stream.destroy()
  }

  // ResponseTapObserver.

  headOverflow(): void {
    this.#reject(headerOverflow())
  }

  framingOverflow(): void {
    this.#reject(framingOverflow())
  }

  gotContinue(): void {
    const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
    if (this.#observer !== null) this.#gotInformational(this.#observer, 100, 'Continue', headers)
  }

  // The handler undici calls.

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#refusal !== null) return
    this.#requestWritten = true
    this.#observer?.requestStarted()
  }

  onBodySent(chunk: Buffer | string): void {
    this.#silence.heard()
    this.#wroteHeaders()
    this.#observer?.wroteBodyData(chunk.length)
  }

  onRequestSent(): void {
    if (this.#refusal !== null) return
    this.#requestComplete = true
    this.#wroteHeaders()
    this.#observer?.wroteBody()
  }

  onResponseStarted(): void {
    if (this.#progress !== 'none') return
    this.#progress = 'head'
    this.#observer?.responseStarted()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    index: Record<string, string | string[] | undefined>,
    reasonPhrase = '',
  ): void {
    const observer = this.#observer
    if (observer === null) return
    const raw = (controller.rawHeaders ?? []) as Buffer[]
    const headers = MessageHeaders.fromReceived(MessageHeadersType.RESPONSE, raw, index)
    if (statusCode < 200) {
      this.#gotInformational(observer, statusCode, reasonPhrase, headers)
      return
    }
    this.#tap.headDone()
    this.#silence.heard()
    this.#progress = 'body'
    const coding = index['transfer-encoding']
    if (coding !== undefined && !isChunkedAlone(coding)) {
      this.onResponseError(controller, unknownTransferCoding())
      return
    }
    observer.gotHeaders(statusCode, reasonPhrase, this.#tap.httpVersion, headers)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#tap.gotData()
    this.#silence.heard()
    this.#observer?.gotBodyData(chunk)
  }

  onRequestUpgrade(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    index: Record<string, string | string[] | undefined>,
    stream: Duplex,
  ): void {
    this.#tap.headDone()
    const observer = this.#observer
    if (observer === null) return
    if (this.#options.method === 'CONNECT' && (statusCode < 200 || statusCode > 299)) {
      this.#readRefusal(stream)
      return
    }
    const raw = (controller.rawHeaders ?? []) as Buffer[]
    const reasonPhrase = statusGetPhrase(statusCode)
    this.#release()
    this.#closed = true
    this.#tap.detach()
    this.#silence.close()
    stream.off('error', this.#streamFailed).off('close', this.#streamClosed)
    this.#client.destroy().catch(ignore)
    const headers = MessageHeaders.fromReceived(MessageHeadersType.RESPONSE, raw, index)
    observer.upgraded(statusCode, reasonPhrase, headers, stream)
    this.#owner.ioClosed()
  }

  onResponseEnd(controller: Dispatcher.DispatchController, index: Record<string, string | string[] | undefined>): void {
    const observer = this.#observer
    if (observer === null) return
    const trailers = controller.rawTrailers as Buffer[] | null
    if (trailers !== null && trailers.length > 0) {
      observer.gotTrailers(MessageHeaders.fromReceived(MessageHeadersType.RESPONSE, trailers, index))
    }
    this.#release()
    // undici decides whether the connection lives on after this returns; the microtask sees its decision, and it is
    // queued before the observer settles anything, so that a waiting message goes before one sent in reply to this.
    queueMicrotask(this.#reportReady)
    observer.gotBody()
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const observer = this.#observer
    if (observer === null) return
    this.#release()
    const cause = this.#rejection ?? this.#tlsError ?? error
    const failure = fromUndici(cause, this.#progress)
    observer.ioFailed({
      error: failure,
      requestWritten: this.#requestWritten,
      responseStarted: this.#progress !== 'none',
      connectionLost: isConnectionLost(cause),
    })
    this.close()
  }

  #reject(error: SessionError): void {
    this.#rejection = error
    this.#stream.destroy(error)
  }

  #gotInformational(
    observer: MessageIOObserver,
    statusCode: number,
    reasonPhrase: string,
    headers: MessageHeaders,
  ): void {
    this.#informational += 1
    this.#silence.heard()
    this.#tap.expectHead()
    if (this.#informational > MAX_INFORMATIONAL_RESPONSES) {
      const message = `The server sent more than ${MAX_INFORMATIONAL_RESPONSES} informational responses and no final one.`
      this.#stream.destroy(new SessionError('PARSING', message))
      return
    }
    observer.gotInformational(statusCode, reasonPhrase, headers)
  }

  #silent(): void {
    // A body that its source has yet to give is no fault of the server's.
    if (!this.#requestComplete && !this.#stream.writableNeedDrain) this.#silence.restart()
    else this.#stream.destroy(silentServer(this.#progress))
  }

  /** undici has not seen the connection yet, and will not. */
  #sendExpecting(observer: MessageIOObserver, bodyLength: number | null): void {
    this.#offered = null
    this.#tap.detach()
    const { meter } = this.#tap
    // node:http reads past the tap.
    if (meter !== null) this.#stream.on('data', (chunk: Buffer) => meter.read(chunk))
    const { method, path, headers } = this.#options
    this.#expecting = new ContinueExchange(observer, {
      stream: this.#stream,
      method,
      path,
      fields: headers,
      bodyLength,
      timeoutMs: this.#timeoutMs,
    })
  }

  /** Has undici read the response that it took for a tunnel; its calls from here on are those of any response. */
  #readRefusal(stream: Duplex): void {
    // undici forgets this one of its listeners when it gives a stream away, and adds it again when it gets it back.
    for (const listener of stream.listeners('close')) {
      if (listener.name === 'onSocketClose') stream.off('close', listener)
    }
    const recorded = this.#tap.takeRecord()
    stream.read() // what was behind the header section; it is in the record as well
    this.#tap.expectHead()
    this.#refusal = new RefusedConnectStream(stream, recorded)
    this.#offered = this.#refusal
    const request = { path: '/', method: 'GET', headers: [], body: null, reset: null, upgrade: null }
    this.#client.dispatch(request as unknown as Dispatcher.DispatchOptions, this)
  }

  #endRefusal(refusal: RefusedConnectStream): void {
    this.#refusal = null
    if (refusal.destroyed) {
      this.close() // undici found that the connection does not outlast the response
      return
    }
    refusal.detach()
    this.#offered = this.#stream
  }

  /** The message has come to its end. */
  #release(): void {
    this.#observer = null
    this.#silence.stop()
    const { meter } = this.#tap
    if (meter === null) return
    meter.detach()
    this.#tap.meter = null
  }

  #wroteHeaders(): void {
    if (this.#headersReported) return
    this.#headersReported = true
    this.#observer?.wroteHeaders()
  }
}

function ignore(): void {
  // Closing: whoever waited for the messages has been told already.
}

/** undici undoes chunked and would deliver what is below another coding, RFC 9112 section 6.1. */
function isChunkedAlone(coding: string | string[]): boolean {
  return typeof coding === 'string' && coding.toLowerCase() === 'chunked'
}
