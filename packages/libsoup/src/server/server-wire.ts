// Turns accepted streams into requests: node:http and node:http2 servers that never listen themselves.
// Made by Server, once. Node's parsers, keep-alive and limits do the wire work (RFC 9112, RFC 9113); streams are handed to
// them by their 'connection' event, which is documented for that use.

import { Server as HttpServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Http2Server, Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2'
import type { Duplex } from 'node:stream'
import { ServerMessageIOHttp1 } from './http1/server-message-io-http1.ts'
import { ServerMessageIOUpgrade } from './http1/server-message-io-upgrade.ts'
import { ServerMessageIOHttp2 } from './http2/server-message-io-http2.ts'
import type { ServerConnection } from './server-connection.ts'
import type { ServerMessageIO } from './server-message-io.ts'

/** Limits on what a client may send. */
export interface ServerWireLimits {
  /** Largest header section of a request; over it the answer is 431. */
  readonly maxHeaderBytes: number
  /** Most header fields of a request; over it the answer is 431. */
  readonly maxHeaderFields: number
  /** Longest time for a head to arrive, if `requestTimeoutMs` is not shorter. */
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

/** Requests of one HTTP/2 connection at a time; RFC 9113 section 6.5.2 advises no less. */
const MAX_CONCURRENT_STREAMS = 100

/** Streams a client may reset at once, and how many more each second, before the connection ends (CVE-2023-44487). */
const STREAM_RESET_BURST = 500
const STREAM_RESET_RATE = 33

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
    this.#http1 = this.#createHttp1Server()
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
      connection.accepted()
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
      connection.goAway = () => session.close()
      session.on('error', (error) => this.#listener.connectionFailed(connection, error))
      session.on('close', () => void connection.close())
    })
    connection.accepted()
    server.emit('connection', stream)
  }

  /** Stops the check of deadlines. Connections are closed by their owner. */
  stop(): void {
    this.#checksDeadlines = false
    this.#http1.close()
    this.#http2?.close()
    this.#http2 = null
  }

  #createHttp1Server(): HttpServer {
    const { maxHeaderBytes, maxHeaderFields, idleTimeoutMs, requestTimeoutMs } = this.#limits
    const server = new HttpServer({
      maxHeaderSize: maxHeaderBytes,
      // Silence is looked for by ServerConnections, without a timer to be set for each request.
      keepAliveTimeout: 0,
      keepAliveTimeoutBuffer: 0,
      headersTimeout: Math.min(requestTimeoutMs, idleTimeoutMs),
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.max(50, Math.min(5_000, idleTimeoutMs / 4)),
      // Answers of node:http's own would come between those of messages: a request without Host is refused as any other.
      requireHostHeader: false,
      ...{ shouldUpgradeCallback: (request: IncomingMessage) => this.#mayUpgrade(request) },
    })
    // Fields over it are dropped in silence; one more than allowed shows that there were too many.
    server.maxHeadersCount = maxHeaderFields + 1
    const incoming = (expectsContinue: boolean) => (request: IncomingMessage, response: ServerResponse) => {
      this.#incomingHttp1(new ServerMessageIOHttp1(request, response, maxHeaderFields), expectsContinue)
    }
    const leaving = (request: IncomingMessage, stream: Duplex, readAhead: Buffer): void => {
      if (this.#isTooEarly(stream)) return
      this.#incomingHttp1(new ServerMessageIOUpgrade(request, stream, readAhead, maxHeaderFields), false)
    }
    server.on('request', incoming(false))
    server.on('checkContinue', incoming(true))
    server.on('checkExpectation', incoming(false))
    server.on('upgrade', leaving)
    server.on('connect', leaving)
    server.on('clientError', (error: Error & { code?: string }, stream: Duplex) => this.#clientError(error, stream))
    return server
  }

  async #createHttp2Server(): Promise<Http2Server> {
    const { createServer } = await import('node:http2')
    const { maxHeaderBytes, maxHeaderFields } = this.#limits
    const server = createServer({
      // The four pseudo-header fields count too; one more shows that there were too many.
      maxHeaderListPairs: maxHeaderFields + 5,
      settings: { maxHeaderListSize: maxHeaderBytes, maxConcurrentStreams: MAX_CONCURRENT_STREAMS },
      ...{ streamResetBurst: STREAM_RESET_BURST, streamResetRate: STREAM_RESET_RATE },
    })
    const incoming = (expectsContinue: boolean) => (request: Http2ServerRequest, response: Http2ServerResponse) => {
      const connection = request.stream.session && this.#connections.get(request.stream.session)
      // A stream that was reset in the same moment has no session any more.
      if (!connection) return
      this.#listener.request(connection, new ServerMessageIOHttp2(request, response, maxHeaderFields), expectsContinue)
    }
    server.on('request', incoming(false))
    server.on('checkContinue', incoming(true))
    return server
  }

  #incomingHttp1(io: ServerMessageIOHttp1, expectsContinue: boolean): void {
    const connection = this.#connections.get(io.requestStream.socket)
    if (!connection) throw new Error('A request came in on a stream that no connection of this server owns.')
    connection.whenOthersEnded(() => {
      // The rest of it will not come any more.
      if (connection.takesNoMore && !io.isWhole) void connection.close()
      else this.#listener.request(connection, io, expectsContinue)
    })
  }

  /**
   * Whether a request with `Upgrade` is let go by node:http: not when it has a body, which belongs to a request that stays
   * HTTP; not when the stream still belongs to the answer to another one; and nobody here speaks HTTP/2 without ALPN.
   */
  #mayUpgrade({ headers, socket }: IncomingMessage): boolean {
    const hasBody = (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined
    const connection = this.#connections.get(socket)
    const isFree = connection !== undefined && !connection.isBusy && !connection.takesNoMore
    return isFree && !hasBody && headers.upgrade?.trim().toLowerCase() !== 'h2c'
  }

  /** A CONNECT is let go whatever is under way: behind other requests it stays without an answer, and ends the connection. */
  #isTooEarly(stream: Duplex): boolean {
    const connection = this.#connections.get(stream)
    if (connection === undefined || !(connection.isBusy || connection.takesNoMore)) return false
    // node:http listens no more, but the answers that are under way have to go on.
    stream.on('drain', () => {
      for (const driver of connection.drivers) driver.onDrain()
    })
    connection.endInput()
    return true
  }

  #clientError(error: Error & { code?: string }, stream: Duplex): void {
    const connection = this.#connections.get(stream)
    if (!connection) {
      stream.destroy(error)
      return
    }
    if (connection.takesNoMore) return
    this.#listener.connectionFailed(connection, error)
    // In the middle of a response an error page would be taken for its body.
    if (connection.endInput()) return
    if (!stream.writable) {
      void connection.close()
      return
    }
    const status = STATUS_OF_PARSER_ERROR[error.code ?? ''] ?? 400
    stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`, () => void connection.close())
  }
}
