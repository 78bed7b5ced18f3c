// One transport connection to one host: makes it through gio, then carries messages over HTTP/1 or HTTP/2. Owned by
// ConnectionManager. Upstream: libsoup/soup-connection.c.

import type {
  InetSocketAddress,
  ProxyAddress,
  ProxyResolver,
  SocketAddress,
  SocketConnectable,
  SocketConnection,
  TlsBackend,
  TlsBackendName,
  TlsClientConnection,
  TlsDatabase,
  TlsInteraction,
} from '@wpe-networking/glib-gio'
import type { ClientMessageIO, ClientMessageIOOwner } from './client-message-io.ts'
import { connectionChannel, publishConnection } from '../diagnostics.ts'
import { ClientMessageIOHTTP1 } from '../http1/client-message-io-http1.ts'
import { ClientMessageIOHTTP2 } from '../http2/client-message-io-http2.ts'
import { acceptsCertificate } from './connection-key.ts'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import type { MessageQueueItem } from '../session/message-queue-item.ts'
import { Transport } from './transport.ts'
import type { TransportResult } from './transport.ts'
import type { TunnelFeatures } from './tunnel-features.ts'
import type { RequestTarget } from '../uri/request-target.ts'

/** What connections of one session share; read anew for each. */
export interface ConnectionSettings {
  /** Seconds of silence before an operation fails; 0 waits for ever. */
  readonly timeout: number
  /** Seconds an unused connection is kept; 0 for ever. */
  readonly idleTimeout: number
  readonly tlsDatabase: TlsDatabase | null
  readonly tlsBackend: TlsBackend | TlsBackendName | null
  /** Asked in place of the signals of messages; null by default. */
  readonly tlsInteraction: TlsInteraction | null
  readonly proxyResolver: ProxyResolver | null
  readonly localAddress: InetSocketAddress | null
  /** Where to connect in place of the host of the URI. */
  readonly remoteConnectable: SocketConnectable | null
  /** Who answers for CONNECTs to proxies; nobody by default. */
  readonly tunnelFeatures?: TunnelFeatures | null
}

export interface ConnectionOwner {
  connected(connection: Connection): void
  connectFailed(connection: Connection, error: Error): void
  /** It can take another message. */
  ready(connection: Connection): void
  closed(connection: Connection): void
}

let lastConnectionId = 0

export class Connection implements ClientMessageIOOwner {
  readonly id = ++lastConnectionId
  readonly target: RequestTarget
  /** See `connectionKey`. */
  readonly key: string
  readonly #settings: ConnectionSettings
  readonly #owner: ConnectionOwner
  readonly #abort = new AbortController()
  #io: ClientMessageIO | null = null
  #transport: Transport | null = null
  #isProxied = false
  #closed = false
  messagesSent = 0
  /** Whether it was left unused at first, so that the server may have closed it since. */
  hasWaited = false
  /** Kept for one message that must be sent over it again: nobody else may use it. */
  isKept = false
  /** Messages under way. */
  #inUse = 0

  constructor(target: RequestTarget, key: string, settings: ConnectionSettings, owner: ConnectionOwner) {
    this.target = target
    this.key = key
    this.#settings = settings
    this.#owner = owner
  }

  get io(): ClientMessageIO | null {
    return this.#io
  }

  /** Null without TLS or before the handshake is done. */
  get tls(): TlsClientConnection | null {
    return this.#transport?.tls ?? null
  }

  get remoteAddress(): SocketAddress | null {
    return this.#socketConnection?.remoteAddress ?? null
  }

  /** The proxy on the way, of whatever kind; null without one or before it is connected to. */
  get proxyAddress(): ProxyAddress | null {
    return this.#transport?.proxyAddress ?? null
  }

  /** Whether it ends at an HTTP proxy, with no tunnel through it. */
  get isProxied(): boolean {
    return this.#isProxied
  }

  get protocol(): 'http/1.1' | 'h2' | null {
    if (this.#io === null) return null
    return this.#io instanceof ClientMessageIOHTTP2 ? 'h2' : 'http/1.1'
  }

  get isIdle(): boolean {
    return this.#inUse === 0 && this.#io !== null && !this.#closed && !this.isKept
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Whether one more message may be sent at this moment. */
  get canSend(): boolean {
    return (
      !this.#closed && !this.isKept && this.#io !== null && this.#inUse < this.#io.maxConcurrent && this.#io.isReady
    )
  }

  /**
   * Whether `message` may share the TLS identities of both ends: its caller takes the server's certificate, which all do
   * when it verified, and no client certificate was shown that another message gave.
   */
  isTrustedBy(message: Message): boolean {
    const tls = this.tls
    if (tls === null) return true
    const shown = this.#transport?.clientCertificate ?? null
    if (shown !== null && shown !== messageState(message).clientCertificateFor(this.target)) return false
    const { peerCertificate, peerCertificateErrors } = tls
    if (peerCertificateErrors === 0) return true
    return peerCertificate !== null && acceptsCertificate(message, peerCertificate, peerCertificateErrors)
  }

  /** Counts `canSend` down ahead of `send`, so that nobody else takes the place. */
  reserve(): void {
    this.#inUse += 1
  }

  /** Takes a reservation back without having sent. */
  unreserve(): void {
    this.#inUse -= 1
  }

  send(item: MessageQueueItem): void {
    this.messagesSent += 1
    this.#io?.send(item)
  }

  /** Makes the connection on behalf of `item`, whose message gets the events, times and certificate questions. */
  connect(item: MessageQueueItem): void {
    if (connectionChannel.hasSubscribers) publishConnection('connecting', this)
    const transport = new Transport(item, this.#settings, this, this.#abort.signal)
    this.#transport = transport
    transport.make().then(
      (result) => {
        if (this.#closed) {
          transport.destroy()
          return
        }
        this.#isProxied = result.proxy !== null
        this.#io = this.#makeIO(result)
        if (connectionChannel.hasSubscribers) publishConnection('connected', this)
        this.#owner.connected(this)
      },
      (error: unknown) => {
        transport.destroy()
        if (this.#closed) return
        this.#closed = true
        this.#owner.connectFailed(this, error as Error)
      },
    )
  }

  /** Closes at once; messages under way fail. May be called at any time and twice. */
  disconnect(): void {
    if (this.#closed) return
    this.#abort.abort()
    if (this.#io !== null) this.#io.close()
    this.ioClosed()
  }

  ioReady(): void {
    this.#inUse -= 1
    this.#owner.ready(this)
  }

  ioLimitRaised(): void {
    // Not within connect: its owner does not know of it yet.
    if (this.#io !== null) this.#owner.ready(this)
  }

  ioClosed(): void {
    if (this.#closed) return
    this.#closed = true
    if (connectionChannel.hasSubscribers) publishConnection('closed', this)
    this.#owner.closed(this)
  }

  get #socketConnection(): SocketConnection | null {
    return this.#transport?.socketConnection ?? null
  }

  #makeIO({ stream, protocol, proxy }: TransportResult): ClientMessageIO {
    const options = {
      stream,
      target: this.target,
      owner: this,
      timeoutMs: Math.round(this.#settings.timeout * 1000),
      idleTimeoutMs: Math.round(this.#settings.idleTimeout * 1000),
    }
    return protocol === 'h2' ? new ClientMessageIOHTTP2(options) : new ClientMessageIOHTTP1({ ...options, proxy })
  }
}
