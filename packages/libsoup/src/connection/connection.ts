// One transport connection to one host: makes it through gio, then carries messages over HTTP/1 or HTTP/2. Owned by
// ConnectionManager. Upstream: libsoup/soup-connection.c.

import type { Duplex } from 'node:stream'
import { IOError, NetworkAddress, SocketClient, SocketClientEvent, TlsClientConnection } from '@wpe-networking/glib-gio'
import type {
  InetSocketAddress,
  ProxyResolver,
  SocketAddress,
  SocketConnection,
  TlsBackend,
  TlsBackendName,
  TlsDatabase,
} from '@wpe-networking/glib-gio'
import type { ClientMessageIO, ClientMessageIOOwner } from './client-message-io.ts'
import { connectionChannel, publishConnection } from '../diagnostics.ts'
import { ClientMessageIOHTTP1 } from '../http1/client-message-io-http1.ts'
import { ClientMessageIOHTTP2 } from '../http2/client-message-io-http2.ts'
import { metricsNow } from '../message/message-metrics.ts'
import type { MessageQueueItem } from '../session/message-queue-item.ts'
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
  readonly proxyResolver: ProxyResolver | null
  readonly localAddress: InetSocketAddress | null
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
  readonly #settings: ConnectionSettings
  readonly #owner: ConnectionOwner
  readonly #abort = new AbortController()
  #io: ClientMessageIO | null = null
  #tls: TlsClientConnection | null = null
  #socketConnection: SocketConnection | null = null
  #closed = false
  messagesSent = 0
  /** Kept for one message that must be sent over it again: nobody else may use it. */
  isKept = false
  /** Messages under way. */
  #inUse = 0

  constructor(target: RequestTarget, settings: ConnectionSettings, owner: ConnectionOwner) {
    this.target = target
    this.#settings = settings
    this.#owner = owner
  }

  get io(): ClientMessageIO | null {
    return this.#io
  }

  /** Null without TLS or before the handshake is done. */
  get tls(): TlsClientConnection | null {
    return this.#tls
  }

  get remoteAddress(): SocketAddress | null {
    return this.#socketConnection?.remoteAddress ?? null
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
    return !this.#closed && !this.isKept && this.#io !== null && this.#inUse < this.#io.maxConcurrent && this.#io.isReady
  }

  /** Whether `item`'s caller takes the certificate this connection has; one that verified is taken by everybody. */
  isTrustedBy(item: MessageQueueItem): boolean {
    const tls = this.#tls
    if (tls === null || tls.peerCertificateErrors === 0) return true
    const certificate = tls.peerCertificate
    return certificate !== null && (item.message.acceptCertificate?.(certificate, tls.peerCertificateErrors) ?? false)
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
    this.#connect(item).then(
      (io) => {
        if (this.#closed) {
          io.close()
          return
        }
        this.#io = io
        if (connectionChannel.hasSubscribers) publishConnection('connected', this)
        this.#owner.connected(this)
      },
      (error: unknown) => {
        this.#socketConnection?.ioStream.destroy()
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

  ioClosed(): void {
    if (this.#closed) return
    this.#closed = true
    if (connectionChannel.hasSubscribers) publishConnection('closed', this)
    this.#owner.closed(this)
  }

  async #connect(item: MessageQueueItem): Promise<ClientMessageIO> {
    const { message } = item
    const { metrics } = item.messageState
    const { timeout, proxyResolver, localAddress } = this.#settings
    const client = new SocketClient({ timeout, proxyResolver, enableProxy: proxyResolver !== null, localAddress })
    client.on('event', (event, _connectable, connection) => {
      const now = metrics === null ? 0 : metricsNow()
      if (metrics !== null) {
        if (event === SocketClientEvent.RESOLVING) metrics.dnsStart = now
        else if (event === SocketClientEvent.RESOLVED) metrics.dnsEnd = now
        else if (event === SocketClientEvent.CONNECTING && metrics.connectStart === 0) metrics.connectStart = now
      }
      // COMPLETE is for when HTTP can start, which TLS comes before.
      if (event !== SocketClientEvent.COMPLETE) message.emit('network-event', event, connection)
    })
    const { hostname, port, secure, uri } = this.target
    const address = new NetworkAddress(hostname, port, uri.scheme)
    const connection = await client.connect(address, { signal: this.#abort.signal })
    this.#socketConnection = connection
    let stream = connection.ioStream
    let protocol: string | null = null
    if (secure) {
      if (metrics !== null) metrics.tlsStart = metricsNow()
      const tls = await this.#handshake(item, stream)
      stream = tls.ioStream
      protocol = tls.negotiatedProtocol
    }
    if (metrics !== null) metrics.connectEnd = metricsNow()
    message.emit('network-event', SocketClientEvent.COMPLETE, connection)
    return this.#makeIO(stream, protocol)
  }

  async #handshake(item: MessageQueueItem, baseIoStream: Duplex): Promise<TlsClientConnection> {
    const { message } = item
    const { tlsDatabase, tlsBackend, timeout } = this.#settings
    const tls = TlsClientConnection.create(baseIoStream, {
      serverIdentity: this.target.hostname,
      advertisedProtocols: needsHttp1(item) ? ['http/1.1'] : ['h2', 'http/1.1'],
      database: tlsDatabase ?? undefined,
      backend: tlsBackend ?? undefined,
      requireCloseNotify: false, // Many servers send none; HTTP tells by itself whether a body is whole.
      acceptCertificate: (certificate, errors) => {
        message.emit('accept-certificate', certificate, errors)
        return message.acceptCertificate?.(certificate, errors) ?? false
      },
    })
    message.emit('network-event', SocketClientEvent.TLS_HANDSHAKING, tls)
    let timedOut = false
    const timer =
      timeout === 0
        ? null
        : setTimeout(() => {
            timedOut = true
            this.#abort.abort()
          }, timeout * 1000)
    try {
      await tls.handshake({ signal: this.#abort.signal })
    } catch (error) {
      if (timedOut) throw new IOError('TIMED_OUT', 'The TLS handshake took too long.', { cause: error })
      throw error
    } finally {
      if (timer !== null) clearTimeout(timer)
    }
    this.#tls = tls
    message.emit('network-event', SocketClientEvent.TLS_HANDSHAKED, tls)
    return tls
  }

  #makeIO(stream: Duplex, protocol: string | null): ClientMessageIO {
    const options = {
      stream,
      target: this.target,
      owner: this,
      timeoutMs: Math.round(this.#settings.timeout * 1000),
      idleTimeoutMs: Math.round(this.#settings.idleTimeout * 1000),
    }
    return protocol === 'h2' ? new ClientMessageIOHTTP2(options) : new ClientMessageIOHTTP1(options)
  }
}

/** Whether the message of `item` cannot go over HTTP/2, which has neither upgrades nor tunnels of this kind. */
export function needsHttp1(item: MessageQueueItem): boolean {
  return item.message.forceHttp1 || item.upgradeProtocol !== null || item.message.method === 'CONNECT'
}
