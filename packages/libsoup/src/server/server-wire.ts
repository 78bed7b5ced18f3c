// Turns accepted streams into requests: node:http and node:http2 servers that never listen themselves.
// Made by Server, once. Node's parsers, keep-alive and limits do the wire work (RFC 9112, RFC 9113); streams are handed to
// them by their 'connection' event, which is documented for that use.

import { Server as HttpServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Http2Server, Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2'
import type { Duplex } from 'node:stream'
import { ServerMessageIOHttp1 } from './http1/server-message-io-http1.ts'
import { ServerMessageIOHttp2 } from './http2/server-message-io-http2.ts'
import type { ServerConnection } from './server-connection.ts'
import type { ServerMessageIO } from './server-message-io.ts'

/** Limits on what a client may send. */
export interface ServerWireLimits {
  /** Largest header section of a request; over it the answer is 431. */
  readonly maxHeaderBytes: number
  /** Longest silence of a client, between requests or within one. */
  readonly idleTimeoutMs: number
  /** Longest time for the whole of one request to arrive; over it the answer is 408. */
  readonly requestTimeoutMs: number
}

/** What the wire tells its server. */
export interface ServerWireListener {
  request(connection: ServerConnection, io: ServerMessageIO, expectsContinue: boolean): void
  /** The client sent something that is not HTTP or broke a limit; the connection is being closed. */
  connectionFailed(connection: ServerConnection, error: Error): void
}

/** Most header fields of one HTTP/2 request; node:http limits HTTP/1 by bytes alone. */
const MAX_HEADER_PAIRS = 1000

/** Requests of one HTTP/2 connection at a time; RFC 9113 section 6.5.2 advises no less. */
const MAX_CONCURRENT_STREAMS = 100

/** Status for the errors of node:http's parser; any other is 400. */
const STATUS_OF_PARSER_ERROR: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** The wire side of a `Server`. */
export class ServerWire {
  readonly #limits: ServerWireLimits
  readonly #listener: ServerWireListener
  /** By the stream for HTTP/1, by the session for HTTP/2. */
  readonly #connections = new WeakMap<object, ServerConnection>()
  readonly #http1: HttpServer
  #http2: Http2Server | null = null
  #checksDeadlines = false

  constructor(limits: ServerWireLimits, listener: ServerWireListener) {
    this.#limits = limits
    this.#listener = listener
    this.#http1 = new HttpServer({
      maxHeaderSize: limits.maxHeaderBytes,
      keepAliveTimeout: limits.idleTimeoutMs,
      keepAliveTimeoutBuffer: 0,
      headersTimeout: Math.min(limits.requestTimeoutMs, limits.idleTimeoutMs),
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: Math.max(50, Math.min(5_000, limits.idleTimeoutMs / 4)),
    })
    this.#http1.timeout = limits.idleTimeoutMs
    const incoming = (expectsContinue: boolean) => (request: IncomingMessage, response: ServerResponse) => {
      this.#incoming(request.socket, new ServerMessageIOHttp1(request, response), expectsContinue)
    }
    this.#http1.on('request', incoming(false))
    this.#http1.on('checkContinue', incoming(true))
    this.#http1.on('clientError', (error: Error & { code?: string }, stream: Duplex) =>
      this.#clientError(error, stream),
    )
    this.#http1.on('timeout', (stream: Duplex) => this.#idle(this.#connections.get(stream)))
  }

  /** Speaks HTTP on a connection, in the version that ALPN settled on. */
  async accept(connection: ServerConnection): Promise<void> {
    const stream = connection.ioStream
    if (!this.#checksDeadlines) {
      // What node:http does when it listens itself: from now on late requests are noticed.
      this.#checksDeadlines = true
      this.#http1.emit('listening')
    }
    if (connection.negotiatedProtocol !== 'h2') {
      this.#connections.set(stream, connection)
      this.#http1.emit('connection', stream)
      return
    }
    const server = (this.#http2 ??= await this.#createHttp2Server())
    // Node clears this mark only on sockets that its own tls.Server accepted, and http2 waits for that to happen.
    Object.assign(stream, { secureConnecting: false })
    // Emitted before 'connection' returns, so the session is known to be this connection's.
    server.once('session', (session: ServerHttp2Session) => {
      this.#connections.set(session, connection)
      session.on('error', (error) => this.#listener.connectionFailed(connection, error))
    })
    server.emit('connection', stream)
  }

  /** Stops the check of deadlines. Connections are closed by their owner. */
  stop(): void {
    this.#checksDeadlines = false
    this.#http1.close()
    this.#http2?.close()
    this.#http2 = null
  }

  async #createHttp2Server(): Promise<Http2Server> {
    const { createServer } = await import('node:http2')
    const server = createServer({
      maxHeaderListPairs: MAX_HEADER_PAIRS,
      settings: { maxHeaderListSize: this.#limits.maxHeaderBytes, maxConcurrentStreams: MAX_CONCURRENT_STREAMS },
    })
    const incoming = (expectsContinue: boolean) => (request: Http2ServerRequest, response: Http2ServerResponse) => {
      this.#incoming(request.stream.session, new ServerMessageIOHttp2(request, response), expectsContinue)
    }
    server.on('request', incoming(false))
    server.on('checkContinue', incoming(true))
    server.setTimeout(this.#limits.idleTimeoutMs)
    server.on('timeout', (session: ServerHttp2Session) => this.#idle(this.#connections.get(session)))
    return server
  }

  #incoming(key: object | undefined, io: ServerMessageIO, expectsContinue: boolean): void {
    const connection = key && this.#connections.get(key)
    if (!connection) throw new Error('A request came in on a stream that no connection of this server owns')
    this.#listener.request(connection, io, expectsContinue)
  }

  /** Silence on a connection: the client's fault unless a handler has not answered yet. */
  #idle(connection: ServerConnection | undefined): void {
    if (connection?.isWaitingForHandler) return
    void connection?.close()
  }

  #clientError(error: Error & { code?: string }, stream: Duplex): void {
    const connection = this.#connections.get(stream)
    if (!connection) {
      stream.destroy(error)
      return
    }
    this.#listener.connectionFailed(connection, error)
    // In the middle of a response an error page would be taken for its body.
    if (!stream.writable || connection.drivers.size > 0) {
      void connection.close()
      return
    }
    const status = STATUS_OF_PARSER_ERROR[error.code ?? ''] ?? 400
    stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`, () => void connection.close())
  }
}
