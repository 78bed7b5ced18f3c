// Makes what a Connection carries its messages over: TCP through gio, the proxy in between, the tunnel through it, TLS.
// Called by Connection. Upstream: libsoup/soup-connection.c (soup_connection_connect_async, …_tunnel_handshake_async).

import type { Duplex } from 'node:stream'
import {
  askPassword,
  IOError,
  NetworkAddress,
  ProxyAddress,
  SocketClient,
  SocketClientEvent,
  TlsClientConnection,
  Uri,
} from '@wpe-networking/glib-gio'
import type {
  SocketClientEventConnection,
  SocketConnection,
  TlsCertificate,
  TlsClientConnectionProperties,
} from '@wpe-networking/glib-gio'
import type { Connection, ConnectionSettings } from './connection.ts'
import { acceptsCertificate, needsHttp1 } from './connection-key.ts'
import type { HttpProxyUse } from '../http1/head-fields.ts'
import { MessageFlags } from '../message/message-flags.ts'
import { MessageTlsInteraction } from './message-tls-interaction.ts'
import type { TlsClientCertificateSource } from './message-tls-interaction.ts'
import { metricsNow } from '../message/message-metrics.ts'
import { Message, messageState } from '../message/message.ts'
import type { MessageQueueItem } from '../session/message-queue-item.ts'
import { MAX_TUNNEL_TRIES, openTunnel } from './tunnel.ts'
import type { RequestTarget } from '../uri/request-target.ts'

/** What came of it. */
export interface TransportResult {
  readonly stream: Duplex
  /** 'h2', 'http/1.1', or null where nothing was agreed on. */
  readonly protocol: string | null
  /** The HTTP proxy at the other end; null without one, or with a tunnel through it. */
  readonly proxy: HttpProxyUse | null
}

/** The protocols whose proxies libsoup talks to by itself. */
const HTTP_PROXIES = ['http', 'https']

export class Transport {
  readonly #item: MessageQueueItem
  readonly #message: Message
  readonly #target: RequestTarget
  readonly #settings: ConnectionSettings
  readonly #connection: Connection
  readonly #signal: AbortSignal
  /** Of the last try; what is below the tunnel and TLS. */
  socketConnection: SocketConnection | null = null
  /** The proxy on the way, of whatever kind. */
  proxyAddress: ProxyAddress | null = null
  /** With the destination. */
  tls: TlsClientConnection | null = null
  /** The certificate shown to the destination, as the message named it; null when it was the session's, or none. */
  clientCertificate: TlsClientCertificateSource | null = null

  constructor(item: MessageQueueItem, settings: ConnectionSettings, connection: Connection, signal: AbortSignal) {
    this.#item = item
    this.#message = item.message
    this.#target = connection.target
    this.#settings = settings
    this.#connection = connection
    this.#signal = signal
  }

  /** On behalf of the item, whose message gets the events, times and questions. After a failure `destroy`. */
  async make(): Promise<TransportResult> {
    const { metrics } = messageState(this.#message)
    let stream: Duplex
    let connect: Message | null = null
    for (let tries = 1; ; tries++) {
      const reached = await this.#reach()
      const proxy = await this.#enterProxy(reached)
      if (proxy === null || !this.#needsTunnel()) {
        stream = proxy?.stream ?? reached.ioStream
        if (proxy !== null) return this.#complete({ stream, protocol: null, proxy })
        break
      }
      connect ??= this.#makeConnect()
      this.#event(SocketClientEvent.PROXY_NEGOTIATING, reached)
      const tunnel = await this.#openTunnel(connect, proxy)
      if (tunnel !== null) {
        this.#event(SocketClientEvent.PROXY_NEGOTIATED, reached)
        stream = tunnel
        break
      }
      reached.ioStream.destroy()
      if (tries === MAX_TUNNEL_TRIES) throw new IOError('PROXY_FAILED', 'The proxy keeps closing its connections.')
    }
    if (!this.#target.secure) return this.#complete({ stream, protocol: null, proxy: null })
    if (metrics !== null) metrics.tlsStart = metricsNow()
    const tls = await this.#secure(stream)
    return this.#complete({ stream: tls.ioStream, protocol: tls.negotiatedProtocol, proxy: null })
  }

  destroy(): void {
    this.socketConnection?.ioStream.destroy()
  }

  #complete(result: TransportResult): TransportResult {
    const { metrics } = messageState(this.#message)
    if (metrics !== null) metrics.connectEnd = metricsNow()
    this.#event(SocketClientEvent.COMPLETE, this.socketConnection)
    return result
  }

  async #reach(): Promise<SocketConnection> {
    const { timeout, proxyResolver, localAddress, remoteConnectable } = this.#settings
    const { metrics } = messageState(this.#message)
    const client = new SocketClient({ timeout, proxyResolver, enableProxy: proxyResolver !== null, localAddress })
    for (const protocol of HTTP_PROXIES) client.addApplicationProxy(protocol)
    client.on('event', (event, _connectable, connection) => {
      if (metrics !== null) {
        if (event === SocketClientEvent.RESOLVING) metrics.dnsStart = metricsNow()
        else if (event === SocketClientEvent.RESOLVED) metrics.dnsEnd = metricsNow()
        else if (event === SocketClientEvent.CONNECTING && metrics.connectStart === 0)
          metrics.connectStart = metricsNow()
      }
      // COMPLETE is for when HTTP can start, which TLS comes before.
      if (event !== SocketClientEvent.COMPLETE) this.#event(event, connection)
    })
    const { hostname, port, uri } = this.#target
    const connectable = remoteConnectable ?? new NetworkAddress(hostname, port, uri.scheme)
    const connection = await client.connect(connectable, { signal: this.#signal })
    this.socketConnection = connection
    const { remoteAddress } = connection
    this.proxyAddress = remoteAddress instanceof ProxyAddress ? remoteAddress : null
    return connection
  }

  /** What to talk to the proxy over, if it is one that HTTP is talked with. */
  async #enterProxy({ ioStream }: SocketConnection): Promise<(HttpProxyUse & { readonly stream: Duplex }) | null> {
    const address = this.proxyAddress
    if (address === null || !HTTP_PROXIES.includes(address.protocol)) return null
    const { username, password } = address
    const hasCredentials = username !== null && password !== null
    const authorization = hasCredentials ? `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` : null
    if (address.protocol === 'http') return { authorization, stream: ioStream }
    // Nobody is asked about the proxy's certificate: it is none of the message's.
    const host = address.uri === null ? null : Uri.parse(address.uri).host
    const tls = TlsClientConnection.create(ioStream, {
      ...this.#tlsProperties(),
      serverIdentity: host === null || host === '' ? address.address.toString() : host,
    })
    await this.#handshake(tls)
    return { authorization, stream: tls.ioStream }
  }

  /** Upgrades need one as well: proxies change protocols for themselves, if at all. A CONNECT asks for its own. */
  #needsTunnel(): boolean {
    return this.#target.secure || this.#item.upgradeProtocol !== null
  }

  #makeConnect(): Message {
    const connect = new Message('CONNECT', this.#message.uri)
    connect.addFlags(MessageFlags.NO_REDIRECT)
    const state = messageState(connect)
    state.tunnelFor = this.#message
    state.connection = this.#connection
    return connect
  }

  async #openTunnel(message: Message, proxy: HttpProxyUse & { readonly stream: Duplex }): Promise<Duplex | null> {
    return await openTunnel({
      message,
      proxy,
      stream: proxy.stream,
      target: this.#target,
      timeoutMs: Math.round(this.#settings.timeout * 1000),
      features: this.#settings.tunnelFeatures ?? null,
      signal: this.#signal,
    })
  }

  async #secure(baseIoStream: Duplex): Promise<TlsClientConnection> {
    const state = messageState(this.#message)
    const source = state.clientCertificateFor(this.#target)
    const tls = TlsClientConnection.create(baseIoStream, {
      ...this.#tlsProperties(),
      serverIdentity: this.#target.hostname,
      advertisedProtocols: needsHttp1(this.#item) ? ['http/1.1'] : ['h2', 'http/1.1'],
      certificate: source === null ? undefined : await this.#openCertificate(source, this.#signal),
      acceptCertificate: (certificate, errors) => acceptsCertificate(this.#message, certificate, errors),
    })
    if (tls.certificate === undefined) tls.interaction = this.#settings.tlsInteraction ?? this.#makeInteraction()
    this.#event(SocketClientEvent.TLS_HANDSHAKING, tls)
    await this.#handshake(tls)
    this.tls = tls
    this.clientCertificate ??= source
    this.#event(SocketClientEvent.TLS_HANDSHAKED, tls)
    return tls
  }

  #tlsProperties(): Omit<TlsClientConnectionProperties, 'serverIdentity'> {
    const { tlsDatabase, tlsBackend } = this.#settings
    return {
      database: tlsDatabase ?? undefined,
      backend: tlsBackend ?? undefined,
      requireCloseNotify: false, // Many servers send none; HTTP tells by itself whether a body is whole.
    }
  }

  /** None where nobody listens: then the handshake asks nothing. */
  #makeInteraction(): MessageTlsInteraction | undefined {
    if (this.#message.listenerCount('request-certificate') === 0) return undefined
    return new MessageTlsInteraction(this.#message, async (source, signal) => {
      const certificate = await this.#openCertificate(source, signal)
      this.clientCertificate = source
      return certificate
    })
  }

  async #openCertificate(source: TlsClientCertificateSource, signal: AbortSignal | undefined): Promise<TlsCertificate> {
    if (typeof source !== 'function') return source
    const interaction =
      this.#settings.tlsInteraction ?? new MessageTlsInteraction(this.#message, () => Promise.reject(notAsked()))
    return await askPassword(source, interaction, { description: 'The private key of the client certificate', signal })
  }

  async #handshake(tls: TlsClientConnection): Promise<void> {
    const { timeout } = this.#settings
    const tooLong = new AbortController()
    const timer = timeout === 0 ? undefined : setTimeout(() => tooLong.abort(), timeout * 1000)
    try {
      await tls.handshake({ signal: AbortSignal.any([this.#signal, tooLong.signal]) })
    } catch (error) {
      if (!tooLong.signal.aborted) throw error
      throw new IOError('TIMED_OUT', 'The TLS handshake took too long.', { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  #event(event: SocketClientEvent, connection: SocketClientEventConnection | null): void {
    this.#message.emit('network-event', event, connection)
  }
}

function notAsked(): Error {
  return new Error('Only passwords are asked for here.')
}
