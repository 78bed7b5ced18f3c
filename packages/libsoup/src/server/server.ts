// An HTTP server: listens through gio, leaves the wire to Node's parsers, and calls handlers by path.
// The origin of the demo and of tests, and a private service in its own right. Upstream: libsoup/server/soup-server.c

import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import {
  InetAddress,
  IOError,
  TlsAuthenticationMode,
  type InetSocketAddress,
  type SocketAddress,
  type SocketFamily,
  type TlsBackend,
  type TlsBackendName,
  type TlsCertificate,
  type TlsDatabase,
  type Uri,
} from '@wpe-networking/glib-gio'
import { MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'
import { statusGetPhrase } from '../message/status.ts'
import { PathMap } from './path-map.ts'
import { effectiveUri, handlerPath } from './effective-uri.ts'
import { ServerConnection, type ServerTlsOptions } from './server-connection.ts'
import { publishServerConnection, publishServerConnectionFailed, publishServerRequest } from './server-diagnostics.ts'
import { listenOnBothFamilies, ServerListener } from './server-listener.ts'
import {
  ServerMessageDriver,
  type ServerMessageDriverHost,
  type ServerMessageOutcome,
} from './server-message-driver.ts'
import type { ServerMessage } from './server-message.ts'
import type { ServerMessageIO } from './server-message-io.ts'
import {
  DEFAULT_IDLE_TIMEOUT_SECONDS,
  DEFAULT_MAX_HEADER_BYTES,
  DEFAULT_MAX_REQUEST_BODY_BYTES,
  DEFAULT_REQUEST_TIMEOUT_SECONDS,
  type ServerListenOptions,
  type ServerOptions,
} from './server-options.ts'
import { ServerWire } from './server-wire.ts'

/**
 * Answers a request. A promise holds the message until it settles; what it throws is answered with 500.
 *
 * @param path The message's path, decoded unless `rawPaths`; `*` for `OPTIONS *`.
 * @param query The URI's query as a form, or null when there is none.
 */
export type ServerCallback = (
  server: Server,
  message: ServerMessage,
  path: string,
  query: URLSearchParams | null,
) => void | Promise<void>

/** Signals of a `Server`. */
export interface ServerEvents {
  /** The head of a request is in. Once per message. */
  'request-started': [message: ServerMessage]
  /** A request is in, whole. Not when a response was decided on before. */
  'request-read': [message: ServerMessage]
  /** The response was sent, whole. The last of its message, unless 'request-aborted' is. */
  'request-finished': [message: ServerMessage]
  /**
   * The response was not sent whole, or it was a 500. `error` is what a handler threw or why the response was broken off;
   * null when the client went away or no handler set a status. An error nobody listens for becomes a process warning.
   */
  'request-aborted': [message: ServerMessage, error: Error | null]
}

interface ServerHandlers {
  early: ServerCallback | null
  normal: ServerCallback | null
}

/**
 * The server. Add handlers, then `listen`; handlers of a path also serve everything below it, the longest path wins.
 *
 * For each message, in this order: early handlers (before the body is read), normal handlers (the body is whole). Once a
 * status is set the rest is skipped. Without any handler the answer is 404, with one that sets no status 500.
 */
export class Server extends EventEmitter<ServerEvents> {
  tlsCertificate: TlsCertificate | null
  tlsDatabase: TlsDatabase | null
  tlsAuthMode: TlsAuthenticationMode
  readonly rawPaths: boolean
  readonly #tlsBackend: TlsBackend | TlsBackendName | null
  readonly #protocols: readonly string[]
  readonly #handlers = new PathMap<ServerHandlers>()
  readonly #listeners: ServerListener[] = []
  readonly #connections = new Set<ServerConnection>()
  readonly #wire: ServerWire
  readonly #maxRequestBodyBytes: number
  #serverHeader: string | null = null
  #lastConnectionId = 0
  #lastMessageId = 0

  constructor(options: ServerOptions = {}) {
    super()
    this.tlsCertificate = options.tlsCertificate ?? null
    this.tlsDatabase = options.tlsDatabase ?? null
    this.tlsAuthMode = options.tlsAuthMode ?? TlsAuthenticationMode.NONE
    this.rawPaths = options.rawPaths ?? false
    this.serverHeader = options.serverHeader ?? null
    this.#tlsBackend = options.tlsBackend ?? null
    this.#protocols = options.http2 === false ? ['http/1.1'] : ['h2', 'http/1.1']
    this.#maxRequestBodyBytes = options.maxRequestBodyBytes ?? DEFAULT_MAX_REQUEST_BODY_BYTES
    this.#wire = new ServerWire(
      {
        maxHeaderBytes: options.maxHeaderBytes ?? DEFAULT_MAX_HEADER_BYTES,
        idleTimeoutMs: (options.idleTimeout ?? DEFAULT_IDLE_TIMEOUT_SECONDS) * 1000,
        requestTimeoutMs: (options.requestTimeout ?? DEFAULT_REQUEST_TIMEOUT_SECONDS) * 1000,
      },
      {
        request: (connection, io, expectsContinue) => this.#request(connection, io, expectsContinue),
        connectionFailed: publishServerConnectionFailed,
      },
    )
  }

  /**
   * Value of the `Server` field, or null. Setting text that ends in a space adds `libsoup` to it; '' is `libsoup`.
   * Text that no header field can hold is a `TypeError`.
   */
  get serverHeader(): string | null {
    return this.#serverHeader
  }

  set serverHeader(value: string | null) {
    const whole = value === '' || value?.endsWith(' ') ? `${value}libsoup` : value
    if (whole !== null) new MessageHeaders(MessageHeadersType.RESPONSE).append('Server', whole)
    this.#serverHeader = whole
  }

  /** Whether there is a certificate to serve HTTPS with. */
  get isHttps(): boolean {
    return this.tlsCertificate !== null
  }

  /** One URI per address that is listened on, in the order of listening, each with path `/`. */
  get uris(): Uri[] {
    return this.#listeners.map((listener) => listener.uri)
  }

  /** The addresses that are listened on, in the order of listening. */
  get listeningAddresses(): readonly InetSocketAddress[] {
    return this.#listeners.map((listener) => listener.address)
  }

  /**
   * Serves `path` and what is below it. Null means `/`; `*` is for `OPTIONS *`. One normal handler per path: the last one
   * added stays.
   */
  addHandler(path: string | null, callback: ServerCallback): void {
    this.#handlersAt(path).normal = callback
  }

  /** As `addHandler`, called before the request body is read: to turn a request down early or to stream its body. */
  addEarlyHandler(path: string | null, callback: ServerCallback): void {
    this.#handlersAt(path).early = callback
  }

  /** Takes away both handlers of exactly `path`, if it has any. */
  removeHandler(path: string): void {
    this.#handlers.remove(path)
  }

  /**
   * Listens on an address; port 0 takes a free one, which `uris` then tells.
   *
   * @throws {IOError} `ADDRESS_IN_USE`, `PERMISSION_DENIED`, …; `INVALID_ARGUMENT` for HTTPS without a certificate.
   */
  async listen(address: InetSocketAddress, options: ServerListenOptions = {}): Promise<void> {
    this.#listeners.push(await this.#open(address, options))
  }

  /** Listens on the loopback addresses of IPv4 and, where there is one, IPv6, on the same port. Throws as `listen`. */
  async listenLocal(port = 0, options: ServerListenOptions = {}): Promise<void> {
    await this.#listenOnBoth((family) => InetAddress.loopback(family), port, options)
  }

  /** Listens on every address of the machine. Throws as `listen`. */
  async listenAll(port = 0, options: ServerListenOptions = {}): Promise<void> {
    await this.#listenOnBoth((family) => InetAddress.any(family), port, options)
  }

  /**
   * Speaks HTTP on a stream that was accepted elsewhere, with TLS if the server has a certificate and `https` says so.
   * Upstream: soup_server_accept_iostream.
   */
  async acceptIoStream(
    ioStream: Duplex,
    options: { localAddress?: SocketAddress | null; remoteAddress?: SocketAddress | null; https?: boolean } = {},
  ): Promise<void> {
    const connection = new ServerConnection(
      ++this.#lastConnectionId,
      ioStream,
      options.localAddress ?? null,
      options.remoteAddress ?? null,
    )
    this.#connections.add(connection)
    ioStream.once('close', () => this.#connections.delete(connection))
    try {
      if (options.https) await connection.handshake(this.#tlsOptions())
      await this.#wire.accept(connection)
    } catch (error) {
      void connection.close()
      publishServerConnectionFailed(connection, error as Error)
      return
    }
    publishServerConnection(connection)
  }

  /**
   * Stops listening and closes every connection; responses under way are broken off and reported as aborted. Resolves when
   * nothing is left. May be called twice; the server can listen anew afterwards.
   */
  async disconnect(): Promise<void> {
    for (const listener of this.#listeners.splice(0)) listener.close()
    const closed = [...this.#connections].map((connection) => connection.close())
    this.#wire.stop()
    await Promise.all(closed)
  }

  async #open(address: InetSocketAddress, options: ServerListenOptions): Promise<ServerListener> {
    const https = options.https ?? this.isHttps
    if (https && !this.tlsCertificate) {
      throw new IOError('INVALID_ARGUMENT', 'A server needs a certificate to listen for HTTPS.')
    }
    return ServerListener.open(address, https, ({ ioStream, localAddress, remoteAddress }, isHttps) => {
      void this.acceptIoStream(ioStream, { localAddress, remoteAddress, https: isHttps })
    })
  }

  async #listenOnBoth(
    addressOf: (family: SocketFamily) => InetAddress,
    port: number,
    options: ServerListenOptions,
  ): Promise<void> {
    const opened = await listenOnBothFamilies(addressOf, port, options, (address) => this.#open(address, options))
    this.#listeners.push(...opened)
  }

  #tlsOptions(): ServerTlsOptions {
    if (!this.tlsCertificate) throw new IOError('INVALID_ARGUMENT', 'The server has no certificate to speak TLS with.')
    return {
      certificate: this.tlsCertificate,
      database: this.tlsDatabase,
      authenticationMode: this.tlsAuthMode,
      backend: this.#tlsBackend,
      protocols: this.#protocols,
    }
  }

  #request(connection: ServerConnection, io: ServerMessageIO, expectsContinue: boolean): void {
    const uri = effectiveUri(io, connection.isTls, String(connection.localAddress ?? 'localhost'))
    if (!uri) {
      const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
      headers.contentLength = 0
      io.writeHead(400, statusGetPhrase(400), headers)
      io.end()
      publishServerConnectionFailed(
        connection,
        new IOError('INVALID_DATA', 'A client sent a request target that is no URI.'),
      )
      return
    }
    const driver: ServerMessageDriver = new ServerMessageDriver(
      this.#hostOf(connection, () => driver),
      io,
      {
        id: ++this.#lastMessageId,
        method: io.method,
        httpVersion: io.httpVersion,
        uri,
        isOptionsPing: io.target === '*',
        requestHeaders: MessageHeaders.fromReceived(MessageHeadersType.REQUEST, io.rawHeaders, null),
        peer: connection,
      },
    )
    connection.drivers.add(driver)
    if (this.#serverHeader !== null) driver.message.responseHeaders.append('Server', this.#serverHeader)
    void driver.run(expectsContinue)
  }

  #hostOf(connection: ServerConnection, driver: () => ServerMessageDriver): ServerMessageDriverHost {
    return {
      maxRequestBodyBytes: this.#maxRequestBodyBytes,
      requestStarted: (message) => this.emit('request-started', message),
      requestRead: (message) => this.emit('request-read', message),
      requestEnded: (message, outcome, error) => {
        connection.drivers.delete(driver())
        this.#requestEnded(connection, message, outcome, error)
      },
      lateError: (_message, error) => process.emitWarning(error),
      callHandler: (message, kind) => this.#callHandler(message, kind),
    }
  }

  async #callHandler(message: ServerMessage, kind: 'early' | 'normal'): Promise<boolean> {
    const path = handlerPath(message.uri, message.isOptionsPing, this.rawPaths)
    if (path === null) {
      message.setStatus(400)
      return false
    }
    const handlers = this.#handlers.lookup(path)
    const callback = handlers?.[kind]
    if (callback) {
      const { query } = message.uri
      await callback(this, message, path, query === null ? null : new URLSearchParams(query))
    }
    return handlers !== null
  }

  #requestEnded(
    connection: ServerConnection,
    message: ServerMessage,
    outcome: ServerMessageOutcome,
    error: Error | null,
  ): void {
    const isPublished = publishServerRequest(connection, message, outcome, error)
    if (outcome === 'complete' && message.status !== 500 && error === null) {
      this.emit('request-finished', message)
      return
    }
    const isHeard = this.emit('request-aborted', message, error) || isPublished
    if (error && !isHeard) process.emitWarning(error)
  }

  #handlersAt(path: string | null): ServerHandlers {
    const exact = path === null || path === '' ? '/' : path
    const known = this.#handlers.get(exact)
    if (known) return known
    const handlers: ServerHandlers = { early: null, normal: null }
    this.#handlers.add(exact, handlers)
    return handlers
  }
}
