// The public face of the client: options, features and the send methods. Everything a message goes through is in
// SessionQueue and ConnectionManager. Upstream: libsoup/soup-session.c.

import { EventEmitter } from 'node:events'
import type { Duplex, Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { IOError } from '@wpe-networking/glib-gio'
import { ProxyResolver } from '@wpe-networking/glib-gio'
import type {
  InetSocketAddress,
  SocketConnectable,
  TlsBackend,
  TlsBackendName,
  TlsDatabase,
  TlsInteraction,
} from '@wpe-networking/glib-gio'
import { AuthManager } from '../auth/auth-manager.ts'
import { ConnectionManager } from '../connection/connection-manager.ts'
import { ContentDecoder } from '../content-decoder/content-decoder.ts'
import { SessionError } from '../errors.ts'
import { websocketConnect } from '../websocket/websocket-connect.ts'
import type { WebsocketConnectOptions } from '../websocket/websocket-connect.ts'
import type { WebsocketConnection } from '../websocket/websocket-connection.ts'
import { WebsocketExtensionManager } from '../websocket/websocket-extension-manager.ts'
import { systemAcceptLanguage } from './accept-language.ts'
import { FeatureList } from './feature-list.ts'
import { MessageQueueItem } from './message-queue-item.ts'
import type { ResponseSink } from './response-delivery.ts'
import type { MessagePriority } from '../message/message-priority.ts'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import { isHttpTarget } from '../uri/request-target.ts'
import type { SessionFeature, SessionFeatureClass } from './session-feature.ts'
import { SessionQueue } from './session-queue.ts'
import { SessionSettings } from './session-settings.ts'

/** What has no default is off. */
export interface SessionOptions {
  /** Most connections at once; default 10. */
  maxConns?: number
  /** Most connections to one scheme, host and port; default 2. */
  maxConnsPerHost?: number
  /** Seconds an unused connection is kept; default 60, 0 for ever. */
  idleTimeout?: number
  /** Seconds of silence, while connecting or on the wire, before a message fails; default 60, 0 waits for ever. */
  timeout?: number
  /** Value of `User-Agent` on every message. */
  userAgent?: string | null
  /** Value of `Accept-Language` on messages that have none. */
  acceptLanguage?: string | null
  /** Whether `Accept-Language` is to say what the machine is set up for. */
  acceptLanguageAuto?: boolean
  /** Trusted authorities; default: the system's. */
  tlsDatabase?: TlsDatabase | null
  /** A backend or its name; default: gio's. */
  tlsBackend?: TlsBackend | TlsBackendName | null
  /** Asked for client certificates and their passwords, in place of the messages' signals. */
  tlsInteraction?: TlsInteraction | null
  /** Says through which proxies to go; default: what the machine is set up for. null goes direct. */
  proxyResolver?: ProxyResolver | null
  /** Address to connect from. */
  localAddress?: InetSocketAddress | null
  /** What to connect to, whatever host the URIs name: another address, a Unix socket. */
  remoteConnectable?: SocketConnectable | null
}

export interface SendOptions {
  /** Overrides `message.priority`. */
  priority?: MessagePriority
  /** Aborting closes the connection on HTTP/1 and resets one stream on HTTP/2. */
  signal?: AbortSignal
}

export interface SessionEvents {
  /** A message was handed to the session. */
  'request-queued': [message: Message]
  /** It has finished or failed. Comes once for each 'request-queued'. */
  'request-unqueued': [message: Message]
}

/**
 * Sends messages, many at a time. The same session should serve all requests that may share connections and features.
 * Options are read when a connection is made or a message written, so that changing one takes effect from then on.
 */
export class Session extends EventEmitter<SessionEvents> {
  readonly maxConns: number
  readonly maxConnsPerHost: number
  readonly localAddress: InetSocketAddress | null
  readonly remoteConnectable: SocketConnectable | null
  idleTimeout: number
  timeout: number
  userAgent: string | null
  #acceptLanguage: string | null
  #acceptLanguageAuto = false
  tlsDatabase: TlsDatabase | null
  tlsBackend: TlsBackend | TlsBackendName | null
  tlsInteraction: TlsInteraction | null
  proxyResolver: ProxyResolver | null
  readonly #features = new FeatureList()
  /** Features nobody asked for, as long as nobody adds another of their class. */
  readonly #defaultFeatures = new Set<SessionFeature>([
    new AuthManager(),
    new ContentDecoder(),
    new WebsocketExtensionManager(),
  ])
  readonly #connections: ConnectionManager
  readonly #queue: SessionQueue
  #closed = false

  constructor(options: SessionOptions = {}) {
    super()
    this.maxConns = options.maxConns ?? 10
    this.maxConnsPerHost = options.maxConnsPerHost ?? 2
    this.localAddress = options.localAddress ?? null
    this.remoteConnectable = options.remoteConnectable ?? null
    this.idleTimeout = options.idleTimeout ?? 60
    this.timeout = options.timeout ?? 60
    this.userAgent = options.userAgent ?? null
    this.#acceptLanguage = options.acceptLanguage ?? null
    if (options.acceptLanguageAuto === true) this.acceptLanguageAuto = true
    this.tlsDatabase = options.tlsDatabase ?? null
    this.tlsBackend = options.tlsBackend ?? null
    this.tlsInteraction = options.tlsInteraction ?? null
    this.proxyResolver = options.proxyResolver === undefined ? ProxyResolver.getDefault() : options.proxyResolver
    for (const feature of this.#defaultFeatures) this.addFeature(feature)
    const settings = new SessionSettings(this, this.#features)
    this.#connections = new ConnectionManager(settings)
    this.#queue = new SessionQueue(settings, this.#connections)
  }

  /** Value of `Accept-Language` on messages that have none, or null. Setting it turns `acceptLanguageAuto` off. */
  get acceptLanguage(): string | null {
    return this.#acceptLanguage
  }

  set acceptLanguage(value: string | null) {
    this.#acceptLanguageAuto = false
    this.#acceptLanguage = value
  }

  /** Whether `acceptLanguage` comes from the settings of the machine. Turning it off leaves none. */
  get acceptLanguageAuto(): boolean {
    return this.#acceptLanguageAuto
  }

  set acceptLanguageAuto(auto: boolean) {
    if (auto === this.#acceptLanguageAuto) return
    this.acceptLanguage = auto ? systemAcceptLanguage() : null
    this.#acceptLanguageAuto = auto
  }

  /** In the order in which they were added, which is the order of their hooks. */
  get features(): readonly SessionFeature[] {
    return this.#features.all
  }

  /**
   * Plugs `feature` in; adding it again does nothing. It takes the place of one of its class that the session came with:
   * the `AuthManager`, the `ContentDecoder` and the `WebsocketExtensionManager`.
   */
  addFeature(feature: SessionFeature): void {
    if (this.#features.all.includes(feature)) return
    for (const one of this.#defaultFeatures) {
      if (one !== feature && feature instanceof (one.constructor as SessionFeatureClass)) this.removeFeature(one)
    }
    this.#features.add(feature)
    feature.attach?.(this)
  }

  /** Plugs a new feature of this class in, unless there is one already. */
  addFeatureByType(featureClass: new () => SessionFeature): void {
    if (!this.hasFeature(featureClass)) this.addFeature(new featureClass())
  }

  /** Takes one feature, or every feature of a class, away. */
  removeFeature(feature: SessionFeature | SessionFeatureClass): void {
    for (const one of this.#features.all) {
      if (!(typeof feature === 'function' ? one instanceof feature : one === feature)) continue
      this.#features.remove(one)
      this.#defaultFeatures.delete(one)
      one.detach?.(this)
    }
  }

  /** Takes every feature of a class away. */
  removeFeatureByType(featureClass: SessionFeatureClass): void {
    this.removeFeature(featureClass)
  }

  hasFeature(featureClass: SessionFeatureClass): boolean {
    return this.getFeature(featureClass) !== null
  }

  getFeature<T extends SessionFeature>(featureClass: SessionFeatureClass<T>): T | null {
    return this.#features.find(featureClass)
  }

  /** Like `getFeature`, but null also when `message` has it disabled. */
  getFeatureForMessage<T extends SessionFeature>(featureClass: SessionFeatureClass<T>, message: Message): T | null {
    const feature = this.getFeature(featureClass)
    return feature === null || message.isFeatureDisabled(feature) ? null : feature
  }

  /**
   * Sends `message` and resolves when the headers of the final response are in; the body is still on the wire.
   * Redirects happen inside, so `message.uri` may change before this resolves.
   *
   * @returns The body, decoded. Read it to the end or destroy it; until then its connection serves nobody else. What it
   *   fails with while nobody listens is kept in `errored`, for whoever reads it later.
   * @throws {SessionError} See the table in the README.
   * @throws {IOError} `CANCELLED`, `TIMED_OUT`, and what the transport reports; a truncated body is an 'error' of the
   *   stream with `PARTIAL_INPUT`.
   * @throws {ResolverError} When the host has no address.
   * @throws {TlsError} `BAD_CERTIFICATE`, with the failed checks in `error.flags`, and other failures of the handshake.
   */
  send(message: Message, options?: SendOptions): Promise<Readable> {
    return new Promise((resolve, reject) => this.#send(message, { kind: 'stream', resolve, reject }, options))
  }

  /** Sends `message` and resolves with the whole body, decoded. Throws as `send` does. */
  sendAndRead(message: Message, options?: SendOptions): Promise<Buffer> {
    return new Promise((resolve, reject) => this.#send(message, { kind: 'bytes', resolve, reject }, options))
  }

  /** Sends `message`, writes the body to `output`, ends it, and resolves with the number of bytes written. */
  async sendAndSplice(message: Message, output: Writable, options?: SendOptions): Promise<number> {
    const body = await this.send(message, options)
    let size = 0
    body.on('data', (chunk: Buffer) => (size += chunk.length))
    await pipeline(body, output)
    return size
  }

  /**
   * Makes a connection that `message`, or another to the same host, can be sent over at once. Sends nothing, and does
   * nothing when there is an unused connection already. Features may change the URI as they would when it is sent.
   *
   * Upstream: soup_session_preconnect_async. Throws as `send` does.
   */
  preconnect(message: Message, options?: SendOptions): Promise<void> {
    return new Promise((resolve, reject) => this.#send(message, { kind: 'preconnect', resolve, reject }, options))
  }

  /**
   * Sends `message` asking the server to change to another protocol (RFC 9110 section 7.8), and resolves with the
   * connection once it does; it is the caller's from then on and no longer counted. Always over HTTP/1.
   *
   * @param protocol Such as `websocket`, for the `Upgrade` header field; null when the method is CONNECT.
   * @returns Null when the server answered with another final response, whose head is in `message`; its body is thrown
   *   away. Redirects are followed; no feature answers in place of the server. Throws as `send` does.
   */
  upgrade(message: Message, protocol: string | null, options?: SendOptions): Promise<Duplex | null> {
    return new Promise((resolve, reject) =>
      this.#send(message, { kind: 'upgrade', protocol, resolve, reject }, options),
    )
  }

  /**
   * Opens a WebSocket to the URI of `message`, `ws:` and `wss:` among them; its header fields go with the handshake.
   *
   * Upstream: soup_session_websocket_connect_async. RFC 6455 section 4.1. Extensions are those of the session's
   * `WebsocketExtensionManager`. Throws as `send` does, and:
   *
   * @throws {WebsocketError} `NOT_WEBSOCKET` when the server answers otherwise, `BAD_HANDSHAKE` when it does so wrongly.
   */
  websocketConnect(message: Message, options?: WebsocketConnectOptions): Promise<WebsocketConnection> {
    return websocketConnect(this, message, options)
  }

  /**
   * Fails one message with `CANCELLED`; does nothing when this session is not sending it. The same as aborting its signal, at a
   * fraction of the cost for callers who would need a signal for every message. Upstream: libsoup 2.4 had it under this name.
   */
  cancelMessage(message: Message): void {
    const { item } = messageState(message)
    if (item?.queue === this.#queue) this.#queue.cancelled(item)
  }

  /** Fails every message with `CANCELLED` and closes the unused connections; the session stays usable. */
  abort(): void {
    this.#queue.abortAll(new IOError('CANCELLED', 'The session was aborted.'))
    this.#connections.closeIdle()
  }

  /** Fails every message and closes every connection; nothing can be sent afterwards. May be called twice. */
  close(): void {
    this.#closed = true
    this.#queue.abortAll(new IOError('CANCELLED', 'The session was closed.'))
    this.#connections.closeAll()
    for (const feature of this.#features.all) this.removeFeature(feature)
  }

  /** Same as `close`. */
  destroy(): void {
    this.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #send(message: Message, sink: ResponseSink, options: SendOptions | undefined): void {
    const state = messageState(message)
    if (this.#closed) throw new IOError('CLOSED', 'The session is closed.')
    if (state.item !== null) throw new SessionError('MESSAGE_ALREADY_IN_QUEUE', 'The message is already being sent.')
    if (!isHttpTarget(state.target)) throw unsupported(state.target.uri.scheme)
    if (!(message.requestBody?.isRestartable ?? true)) {
      throw new IOError('INVALID_ARGUMENT', 'The stream of the request body has been read already.')
    }
    if (options?.priority !== undefined) message.priority = options.priority
    this.#queue.append(new MessageQueueItem(this.#queue, message, sink, options?.signal))
  }
}

function unsupported(scheme: string): SessionError {
  const named = scheme === 'http' || scheme === 'https'
  const message = named
    ? 'The URI has no host.'
    : `The scheme "${scheme}" is not one a session can load; http and https are.`
  return new SessionError('UNSUPPORTED_URI_SCHEME', message)
}
