// HTTP/2 over one connection, shared by many messages: a node:http2 session on the stream gio made. Called through
// ClientMessageIO, chosen by ALPN. Upstream: libsoup/http2/soup-client-message-io-http2.c. RFC 9113.

import { connect } from 'node:http2'
import type { ClientHttp2Session, Settings } from 'node:http2'
import type { Duplex } from 'node:stream'
import { IOError } from '@wpe-networking/glib-gio'
import { MAX_RESPONSE_HEAD_BYTES } from '../connection/client-message-io.ts'
import type { ClientMessageIO, ClientMessageIOOwner, MessageIOObserver } from '../connection/client-message-io.ts'
import { messageState } from '../message/message.ts'
import type { RequestTarget } from '../uri/request-target.ts'
import { ClientStreamHTTP2 } from './client-stream-http2.ts'
import { fromHttp2 } from './http2-errors.ts'
import { StreamDeadlines } from './stream-deadlines.ts'

export interface ClientMessageIOHTTP2Options {
  readonly stream: Duplex
  readonly target: RequestTarget
  readonly owner: ClientMessageIOOwner
  /** Longest silence of a stream, in ms; 0 waits for ever. */
  readonly timeoutMs: number
  /** How long the connection may stay unused, in ms; 0 for ever. */
  readonly idleTimeoutMs: number
}

/** What one stream may receive ahead of its reader, in bytes. Upstream: INITIAL_WINDOW_SIZE. */
const STREAM_WINDOW_BYTES = 1024 * 1024
/** What all streams together may receive ahead of their readers, in bytes. */
const SESSION_WINDOW_BYTES = 16 * 1024 * 1024
/** Streams at once when the server names no limit of its own, or a higher one. */
const MAX_STREAMS = 256
/** Fields of a response; their bytes are limited by MAX_RESPONSE_HEAD_BYTES. */
const MAX_HEADER_PAIRS = 4096

export class ClientMessageIOHTTP2 implements ClientMessageIO {
  readonly #session: ClientHttp2Session
  readonly #owner: ClientMessageIOOwner
  readonly #options: ClientMessageIOHTTP2Options
  // An array whose gaps the last one fills; a Map's garbage would cost more than the rest of the bookkeeping.
  readonly #streams: ClientStreamHTTP2[] = []
  readonly #deadlines: StreamDeadlines
  #maxConcurrent = 100
  #closing = false
  #idleTimer: NodeJS.Timeout | null = null

  constructor(options: ClientMessageIOHTTP2Options) {
    const { stream, target, owner } = options
    this.#options = options
    this.#owner = owner
    this.#deadlines = new StreamDeadlines(options.timeoutMs, this.#streams)
    this.#session = connect(`https://${target.authority}`, {
      createConnection: () => stream,
      settings: {
        enablePush: false,
        initialWindowSize: STREAM_WINDOW_BYTES,
        maxHeaderListSize: MAX_RESPONSE_HEAD_BYTES,
      },
      maxHeaderListPairs: MAX_HEADER_PAIRS,
    })
    const session = this.#session
    session.once('connect', () => {
      if (!session.destroyed) session.setLocalWindowSize(SESSION_WINDOW_BYTES) // cancelled in the meantime
    })
    session.on('remoteSettings', (settings: Settings) => {
      const before = this.#maxConcurrent
      this.#maxConcurrent = Math.min(settings.maxConcurrentStreams ?? MAX_STREAMS, MAX_STREAMS)
      if (this.#maxConcurrent > before) this.#owner.ioLimitRaised()
    })
    session.on('goaway', (_code: number, lastStreamId: number) => this.#goingAway(lastStreamId))
    session.on('error', (error) => {
      for (const one of this.#streams) one.sessionError = fromHttp2(0, error, false)
    })
    session.once('close', () => {
      this.#closing = true
      this.#stopIdleTimer()
      this.#deadlines.close()
      this.#owner.ioClosed()
    })
    this.#idle()
  }

  get maxConcurrent(): number {
    return this.#maxConcurrent
  }

  get isReady(): boolean {
    return !this.#closing && !this.#session.closed && !this.#session.destroyed
  }

  send(observer: MessageIOObserver): void {
    this.#stopIdleTimer()
    if (this.#streams.length === 0) this.#session.ref()
    const { target } = messageState(observer.message)
    try {
      const stream = new ClientStreamHTTP2(this.#session, observer, target, this.#streamDone)
      observer.wireState = stream
      stream.index = this.#streams.push(stream) - 1
      this.#deadlines.watch()
    } catch (error) {
      // The session closed between `isReady` and here, or a header is one HTTP/2 forbids: nothing was written.
      const connectionLost = !this.isReady
      this.#owner.ioReady()
      observer.ioFailed({
        error: IOError.fromNode(error, 'The request cannot be sent'),
        requestWritten: false,
        responseStarted: false,
        connectionLost,
      })
    }
  }

  pause(observer: MessageIOObserver): void {
    streamOf(observer)?.pause()
  }

  resume(observer: MessageIOObserver): void {
    streamOf(observer)?.resume()
  }

  cancel(observer: MessageIOObserver): void {
    streamOf(observer)?.cancel()
  }

  close(): void {
    this.#closing = true
    this.#stopIdleTimer()
    this.#session.destroy()
  }

  /** No new streams; those the server has not seen are sent again elsewhere, the others may finish. */
  #goingAway(lastStreamId: number): void {
    this.#closing = true
    for (const stream of this.#streams) if (stream.id > lastStreamId) stream.unprocessed = true
    this.#closeWhenUnused()
  }

  readonly #closeWhenUnused = (): void => {
    this.#closing = true
    this.#session.close()
    if (this.#streams.length > 0) return
    // By itself node:http2 waits for the server to close as well, which keeps the place of the connection for as long.
    setImmediate(() => {
      this.#session.destroy()
      this.#options.stream.destroy()
    })
  }

  readonly #streamDone = (stream: ClientStreamHTTP2): void => {
    stream.observer.wireState = null
    const last = this.#streams.pop()
    if (last !== undefined && last !== stream) {
      this.#streams[stream.index] = last
      last.index = stream.index
    }
    if (this.#streams.length === 0) {
      if (this.#closing) this.#closeWhenUnused()
      else this.#idle()
    }
    this.#owner.ioReady()
  }

  #idle(): void {
    this.#session.unref()
    const { idleTimeoutMs } = this.#options
    if (idleTimeoutMs === 0 || this.#closing) return
    this.#idleTimer = setTimeout(this.#closeWhenUnused, idleTimeoutMs)
    this.#idleTimer.unref()
  }

  #stopIdleTimer(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer)
    this.#idleTimer = null
  }
}

function streamOf(observer: MessageIOObserver): ClientStreamHTTP2 | null {
  return observer.wireState instanceof ClientStreamHTTP2 ? observer.wireState : null
}
