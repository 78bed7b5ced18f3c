// An HTTP server: listens through gio, leaves the wire to Node's parsers, and calls handlers by path.
// The origin of the demo and of tests, and a private service in its own right. Upstream: libsoup/server/soup-server.c

import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import {
  IOError,
  TlsAuthenticationMode,
  type InetSocketAddress,
  type SocketAddress,
  type SocketListener,
  type TlsBackend,
  type TlsBackendName,
  type TlsCertificate,
  type TlsCertificateFlags,
  type TlsDatabase,
  type TlsServerConnectionProperties,
  type Uri,
} from '@wpe-networking/glib-gio'
import { MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'
import { askListeners } from '../message/ask-listeners.ts'
import type { AuthDomain } from './auth-domain/auth-domain.ts'
import { ServerConnection, type ServerTlsOptions } from './server-connection.ts'
import { ServerConnections } from './server-connections.ts'
import { publishServerConnection, publishServerConnectionFailed } from './server-diagnostics.ts'
import { ServerHandlers, type ServerCallback, type ServerWebsocketCallback } from './server-handlers.ts'
import type { ServerMessage } from './server-message.ts'
import {
  BODY_RATE_PERIOD_SECONDS,
  DEFAULT_IDLE_TIMEOUT_SECONDS,
  DEFAULT_MAX_CONNECTIONS,
  DEFAULT_MAX_CONNECTIONS_PER_ADDRESS,
  DEFAULT_MAX_HEADER_BYTES,
  DEFAULT_MAX_HEADER_FIELDS,
  DEFAULT_MAX_REQUEST_BODY_BYTES,
  DEFAULT_MIN_BODY_RATE,
  DEFAULT_REQUEST_TIMEOUT_SECONDS,
  DEFAULT_SHUTDOWN_TIMEOUT_SECONDS,
  type ServerListenOptions,
  type ServerOptions,
} from './server-options.ts'
import { ServerListeners } from './server-listeners.ts'
import { ServerRequests } from './server-requests.ts'
import { ServerWire } from './server-wire.ts'
import type { WebsocketExtensionFactory } from '../websocket/websocket-extension.ts'

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
  /**
   * A client's certificate failed the checks in `errors` (never 0). It is accepted all the same if a listener returns true,
   * at once; otherwise the handshake fails. Upstream has this signal on the message, which here begins with its head.
   */
  'accept-certificate': [certificate: TlsCertificate, errors: TlsCertificateFlags, remoteAddress: SocketAddress | null]
}

/**
 * The server. Add handlers, then `listen`; handlers of a path also serve everything below it, the longest path wins.
 *
 * For each message, in this order: auth domains, early handlers (before the body is read), normal handlers (the body is
 * whole), WebSocket handlers. Once a status is set the rest is skipped. Without any handler the answer is 404, with one that sets no status 500.
 */
export class Server extends EventEmitter<ServerEvents> {
  tlsCertificate: TlsCertificate | null
  tlsDatabase: TlsDatabase | null
  tlsAuthMode: TlsAuthenticationMode
  /** Chooses the certificate by the name a client asks for; see `ServerOptions.chooseTlsCertificate`. */
  chooseTlsCertificate: TlsServerConnectionProperties['chooseCertificate']
  readonly rawPaths: boolean
  readonly #tlsBackend: TlsBackend | TlsBackendName | null
  readonly #protocols: readonly string[]
  readonly #handlers = new ServerHandlers()
  readonly #listeners: ServerListeners
  readonly #connections: ServerConnections
  readonly #requests: ServerRequests
  readonly #wire: ServerWire
  #serverHeader: string | null = null
  #lastConnectionId = 0

  constructor(options: ServerOptions = {}) {
    super()
    this.tlsCertificate = options.tlsCertificate ?? null
    this.tlsDatabase = options.tlsDatabase ?? null
    this.tlsAuthMode = options.tlsAuthMode ?? TlsAuthenticationMode.NONE
    this.rawPaths = options.rawPaths ?? false
    this.serverHeader = options.serverHeader ?? null
    this.#tlsBackend = options.tlsBackend ?? null
    this.#protocols = options.http2 === false ? ['http/1.1'] : ['h2', 'http/1.1']
    this.chooseTlsCertificate = options.chooseTlsCertificate
    this.#listeners = new ServerListeners(({ ioStream, localAddress, remoteAddress }, https) => {
      void this.acceptIoStream(ioStream, { localAddress, remoteAddress, https })
    })
    this.#connections = new ServerConnections({
      maxConnections: options.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
      maxConnectionsPerAddress: options.maxConnectionsPerAddress ?? DEFAULT_MAX_CONNECTIONS_PER_ADDRESS,
      idleTimeoutMs: (options.idleTimeout ?? DEFAULT_IDLE_TIMEOUT_SECONDS) * 1000,
    })
    const periodSeconds = Math.min(BODY_RATE_PERIOD_SECONDS, options.idleTimeout ?? BODY_RATE_PERIOD_SECONDS)
    this.#requests = new ServerRequests(this, this.#handlers, {
      maxRequestBodyBytes: options.maxRequestBodyBytes ?? DEFAULT_MAX_REQUEST_BODY_BYTES,
      minBodyRate: options.minBodyRate ?? DEFAULT_MIN_BODY_RATE,
      bodyRatePeriodMs: periodSeconds * 1000,
    })
    this.#wire = this.#createWire(options)
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
    return this.#listeners.uris
  }

  /** The addresses that are listened on, in the order of listening. */
  get listeningAddresses(): readonly InetSocketAddress[] {
    return this.#listeners.addresses
  }

  /** The sockets that listen, in the order of listening. */
  getListeners(): readonly SocketListener[] {
    return this.#listeners.sockets
  }

  /**
   * Serves `path` and what is below it. Null means `/`; `*` is for `OPTIONS *`. One normal handler per path: the last one
   * added stays.
   */
  addHandler(path: string | null, callback: ServerCallback): void {
    this.#handlers.at(path).normal = callback
  }

  /** As `addHandler`, called before the request body is read: to turn a request down early or to stream its body. */
  addEarlyHandler(path: string | null, callback: ServerCallback): void {
    this.#handlers.at(path).early = callback
  }

  /** Takes away every handler of exactly `path`, if it has any. */
  removeHandler(path: string | null): void {
    this.#handlers.remove(path)
  }

  /**
   * Opens WebSockets at `path` and what is below it, for requests that no other handler of the path has answered: 101 and the
   * callback, or the refusal that `websocketServerProcessHandshake` gives.
   *
   * @param origin The only `Origin` to accept; null takes all.
   * @param protocols Sub-protocols the server speaks, best first; null agrees on none.
   */
  addWebsocketHandler(
    path: string | null,
    origin: string | null,
    protocols: readonly string[] | null,
    callback: ServerWebsocketCallback,
  ): void {
    this.#handlers.at(path).websocket = { origin, protocols, callback }
  }

  /** Offers WebSocket clients one more extension. permessage-deflate is there from the start. */
  addWebsocketExtension(factory: WebsocketExtensionFactory): void {
    this.#handlers.websocketExtensions.push(factory)
  }

  /** Takes `factory` away; without one, every extension, that of the start included. */
  removeWebsocketExtension(factory?: WebsocketExtensionFactory): void {
    const { websocketExtensions } = this.#handlers
    if (factory === undefined) {
      websocketExtensions.length = 0
      return
    }
    const at = websocketExtensions.indexOf(factory)
    if (at !== -1) websocketExtensions.splice(at, 1)
  }

  /**
   * Has requests that `domain` covers answered with a challenge unless they carry credentials it accepts. Where several
   * domains cover a request, any of them may accept it, and all of them are offered.
   */
  addAuthDomain(domain: AuthDomain): void {
    this.#requests.authDomains.push(domain)
  }

  /** Takes `domain` away, if it was added. */
  removeAuthDomain(domain: AuthDomain): void {
    const { authDomains } = this.#requests
    const at = authDomains.indexOf(domain)
    if (at !== -1) authDomains.splice(at, 1)
  }

  /**
   * Listens on an address; port 0 takes a free one, which `uris` then tells.
   *
   * @throws {IOError} `ADDRESS_IN_USE`, `PERMISSION_DENIED`, …; `INVALID_ARGUMENT` for HTTPS without a certificate.
   */
  async listen(address: InetSocketAddress, options: ServerListenOptions = {}): Promise<void> {
    await this.#listeners.listen(address, this.#isToBeHttps(options))
  }

  /** Listens on the loopback addresses of IPv4 and, where there is one, IPv6, on the same port. Throws as `listen`. */
  async listenLocal(port = 0, options: ServerListenOptions = {}): Promise<void> {
    await this.#listeners.listenLocal(port, this.#isToBeHttps(options), options)
  }

  /** Listens on every address of the machine. Throws as `listen`. */
  async listenAll(port = 0, options: ServerListenOptions = {}): Promise<void> {
    await this.#listeners.listenAll(port, this.#isToBeHttps(options), options)
  }

  /**
   * Speaks HTTP on a stream that was accepted elsewhere, with TLS if the server has a certificate and `https` says so.
   * Upstream: soup_server_accept_iostream.
   */
  async acceptIoStream(
    ioStream: Duplex,
    options: { localAddress?: SocketAddress | null; remoteAddress?: SocketAddress | null; https?: boolean } = {},
  ): Promise<void> {
    if (!this.#connections.admits(options.remoteAddress ?? null)) {
      ioStream.destroy()
      return
    }
    const connection = new ServerConnection(
      ++this.#lastConnectionId,
      ioStream,
      options.localAddress ?? null,
      options.remoteAddress ?? null,
    )
    this.#connections.add(connection)
    try {
      if (options.https) await connection.handshake(this.#tlsOptions(connection))
      await this.#wire.accept(connection)
    } catch (error) {
      void connection.close()
      publishServerConnectionFailed(connection, error as Error)
      return
    }
    publishServerConnection(connection)
  }

  /**
   * Stops listening, lets every message that has begun finish, tells clients that nothing further is answered
   * (`Connection: close`, GOAWAY), and closes. Streams that were taken over, WebSockets among them, are their owners' to close.
   *
   * @param options.timeout Seconds after which what is left is broken off as by `disconnect`; default 30.
   * @returns When nothing is left.
   */
  async shutdown(options: { timeout?: number } = {}): Promise<void> {
    this.#listeners.close()
    const finished = Promise.all([...this.#connections].map((connection) => connection.finish()))
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, (options.timeout ?? DEFAULT_SHUTDOWN_TIMEOUT_SECONDS) * 1000)
    await Promise.race([finished, late])
    clearTimeout(timer)
    await this.disconnect()
  }

  /**
   * Stops listening and closes every connection; responses under way are broken off and reported as aborted. Resolves when
   * nothing is left. May be called twice; the server can listen anew afterwards.
   */
  async disconnect(): Promise<void> {
    this.#listeners.close()
    const closed = [...this.#connections].map((connection) => connection.close())
    this.#wire.stop()
    await Promise.all(closed)
  }

  #isToBeHttps(options: ServerListenOptions): boolean {
    const https = options.https ?? this.isHttps
    if (https && !this.tlsCertificate) {
      throw new IOError('INVALID_ARGUMENT', 'A server needs a certificate to listen for HTTPS.')
    }
    return https
  }

  #tlsOptions(connection: ServerConnection): ServerTlsOptions {
    if (!this.tlsCertificate) throw new IOError('INVALID_ARGUMENT', 'The server has no certificate to speak TLS with.')
    return {
      certificate: this.tlsCertificate,
      chooseCertificate: this.chooseTlsCertificate,
      acceptCertificate: (certificate, errors) =>
        askListeners(this, 'accept-certificate', certificate, errors, connection.remoteAddress) === true,
      database: this.tlsDatabase,
      authenticationMode: this.tlsAuthMode,
      backend: this.#tlsBackend,
      protocols: this.#protocols,
    }
  }

  #createWire(options: ServerOptions): ServerWire {
    return new ServerWire(
      {
        maxHeaderBytes: options.maxHeaderBytes ?? DEFAULT_MAX_HEADER_BYTES,
        maxHeaderFields: options.maxHeaderFields ?? DEFAULT_MAX_HEADER_FIELDS,
        idleTimeoutMs: (options.idleTimeout ?? DEFAULT_IDLE_TIMEOUT_SECONDS) * 1000,
        requestTimeoutMs: (options.requestTimeout ?? DEFAULT_REQUEST_TIMEOUT_SECONDS) * 1000,
      },
      {
        request: (connection, io, expectsContinue) => this.#requests.start(connection, io, expectsContinue),
        connectionFailed: publishServerConnectionFailed,
      },
    )
  }
}
