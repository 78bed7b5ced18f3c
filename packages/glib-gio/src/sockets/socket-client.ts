// Connects to a host, address or service. Called by libsoup's Connection. Upstream: glib/gio/gsocketclient.c.

import { EventEmitter } from 'node:events'
import { Socket } from 'node:net'
import { ConnectOperation } from './connect-operation.ts'
import { connectSocket } from './connect-socket.ts'
import { createConnection } from './create-connection.ts'
import { socketClientChannel, timestamp } from '../diagnostics.ts'
import type { InetSocketAddress } from '../addresses/inet-socket-address.ts'
import { establishConnection, unsupportedProxy } from './establish-connection.ts'
import { IOError } from '../io-error.ts'
import { NetworkAddress } from '../addresses/network-address.ts'
import { NetworkService } from '../addresses/network-service.ts'
import { Proxy } from '../proxy/proxy.ts'
import { ProxyAddress } from '../proxy/proxy-address.ts'
import { ProxyResolver } from '../proxy/proxy-resolver.ts'
import type { Resolver } from '../resolver/resolver.ts'
import type { SocketAddress } from '../addresses/socket-address.ts'
import type { SocketClientEvent } from './socket-client-event.ts'
import { socketClientEventName } from './socket-client-event.ts'
import type { SocketAddressEnumerator, SocketConnectable } from '../addresses/socket-connectable.ts'
import { SocketConnection } from './socket-connection.ts'
import { SocketFamily } from '../addresses/socket-family.ts'
import type { TlsClientConnection } from '../tls/tls-client-connection.ts'
import type { TlsClientConnectionProperties } from '../tls/tls-client-connection.ts'
import { defaultSchemePort } from '../uri/uri-scheme.ts'
import { Uri } from '../uri/uri.ts'
import type { UriLike } from '../uri/uri.ts'
import { SocketProtocol, SocketType } from './socket-type.ts'

/** RFC 8305 section 5 and 8: "Connection Attempt Delay", the recommended value. */
const HAPPY_EYEBALLS_CONNECTION_ATTEMPT_DELAY_MS = 250

export interface SocketClientOptions {
  /** Seconds one attempt at one address may take, then a proxy, then TLS; default 0, no limit but the kernel's. */
  readonly timeout?: number
  /** Where to connect from; port 0 for any. Addresses of the other family are then not tried. */
  readonly localAddress?: InetSocketAddress | null
  /** Only try addresses of this family; default `INVALID`, any. */
  readonly family?: SocketFamily
  /** Default `STREAM`, the only one there is: with another, `connect` says `NOT_SUPPORTED`. */
  readonly type?: SocketType
  /** Default `DEFAULT`. `TCP` leaves Unix sockets out; with any other, `connect` says `NOT_SUPPORTED`. */
  readonly protocol?: SocketProtocol
  /** Ask {@link SocketClientOptions.proxyResolver}; default true. Without, connections are direct. */
  readonly enableProxy?: boolean
  /** Default `ProxyResolver.getDefault()` at the time of connecting. */
  readonly proxyResolver?: ProxyResolver | null
  /** Send small writes at once (TCP_NODELAY); default true. */
  readonly noDelay?: boolean
  /** Default `Resolver.getDefault()` at the time of connecting. */
  readonly resolver?: Resolver | null
  /** Do a TLS handshake after connecting; default false. libsoup does its own. */
  readonly tls?: boolean
  /** Everything but the identity, which is taken from what is connected to. */
  readonly tlsOptions?: Omit<TlsClientConnectionProperties, 'serverIdentity'>
}

export interface ConnectOptions {
  /** Aborting ends every attempt, closes its socket and rejects with `CANCELLED`. */
  readonly signal?: AbortSignal | undefined
}

/** What the connection argument of 'event' can be. */
export type SocketClientEventConnection = SocketConnection | TlsClientConnection

/** The signals of {@link SocketClient}. */
export interface SocketClientEvents {
  /**
   * A connection to `connectable` has reached, or is about to enter, a stage:
   *
   * - `RESOLVING`, once, first: the name is about to be looked up. `connection` is null, also for the next.
   * - `RESOLVED`, once: there is a first address. Does not come when the name has none.
   * - `CONNECTING`, once for each address tried; up to all of them may be under way at a time. `connection` is not
   *   connected yet, but has its `remoteAddress`.
   * - `CONNECTED`, for each attempt that worked; nearly always one.
   * - `PROXY_NEGOTIATING`: the proxy at the other end of `connection` is about to be told where to.
   * - `PROXY_NEGOTIATED`: it has agreed. `connection` is now one to the destination: the same, or one on top of it where
   *   the proxy is spoken to in TLS. Does not come for a protocol of {@link SocketClient.addApplicationProxy}.
   * - `TLS_HANDSHAKING`: `connection` is the `TlsClientConnection`, which may still be given properties.
   * - `TLS_HANDSHAKED`: the same, with everything it found out about the peer.
   * - `COMPLETE`, always, once, last: `connection` is what `connect` resolves with, or null if it rejects.
   */
  event: [event: SocketClientEvent, connectable: SocketConnectable, connection: SocketClientEventConnection | null]
}

let connects = 0

/** Cheap to make; holds nothing between connections. Tests slow attempts down by overriding `startConnecting`. */
export class SocketClient extends EventEmitter<SocketClientEvents> {
  timeout: number
  localAddress: InetSocketAddress | null
  family: SocketFamily
  type: SocketType
  protocol: SocketProtocol
  enableProxy: boolean
  proxyResolver: ProxyResolver | null
  noDelay: boolean
  resolver: Resolver | null
  tls: boolean
  tlsOptions: Omit<TlsClientConnectionProperties, 'serverIdentity'>
  readonly #applicationProxies = new Set<string>()

  constructor(options: SocketClientOptions = {}) {
    super()
    this.timeout = options.timeout ?? 0
    this.localAddress = options.localAddress ?? null
    this.family = options.family ?? SocketFamily.INVALID
    this.type = options.type ?? SocketType.STREAM
    this.protocol = options.protocol ?? SocketProtocol.DEFAULT
    this.enableProxy = options.enableProxy ?? true
    this.proxyResolver = options.proxyResolver ?? null
    this.noDelay = options.noDelay ?? true
    this.resolver = options.resolver ?? null
    this.tls = options.tls ?? false
    this.tlsOptions = options.tlsOptions ?? {}
  }

  /**
   * Leaves talking to proxies of `protocol` ('http') to the application: `connect` then gives the connection to the proxy,
   * without TLS even with {@link SocketClient.tls}; its `remoteAddress` is a `ProxyAddress` that says where to go on to.
   */
  addApplicationProxy(protocol: string): void {
    this.#applicationProxies.add(protocol)
  }

  /**
   * Connects to the first address of `connectable` that answers. Addresses are tried in order, the next one as soon as
   * one fails or has not answered for 250 ms; the slow ones keep trying until one wins (RFC 8305). Behind proxies these
   * are the addresses of the first proxy; the next proxy, or going direct where the resolver says so, comes only when all
   * of them have failed.
   *
   * @returns The connection; the caller closes it. Sockets of all other attempts are closed by then.
   * @throws {ResolverError} The name could not be looked up.
   * @throws {IOError} Of all failures the one that got furthest: `CONNECTION_REFUSED`, `TIMED_OUT`, `HOST_UNREACHABLE`,
   *   `NETWORK_UNREACHABLE`, …; those of {@link Proxy.connect}; `NOT_SUPPORTED` for a proxy protocol nobody speaks;
   *   `CANCELLED`.
   * @throws {TlsError} Only with {@link SocketClient.tls}.
   */
  async connect(connectable: SocketConnectable, options: ConnectOptions = {}): Promise<SocketConnection> {
    const connectId = ++connects
    return new ConnectOperation({
      enumerator: this.#enumerate(connectable),
      attemptDelayMs: HAPPY_EYEBALLS_CONNECTION_ATTEMPT_DELAY_MS,
      timeoutMs: this.timeout * 1000,
      signal: options.signal,
      failure: `Could not connect to ${connectable.toString()}`,
      createConnection: (address) => this.#createConnection(address),
      startConnecting: (socket, address) => this.startConnecting(socket, address),
      establish: (connection, { signal, emit }) =>
        establishConnection(connection, {
          connectable,
          applicationProxies: this.#applicationProxies,
          tls: this.tls,
          tlsOptions: this.tlsOptions,
          timeoutMs: this.timeout * 1000,
          signal,
          emit,
        }),
      emit: (event, connection, error) => this.#emit(event, connectable, connection, connectId, error),
      attemptFailed: (connection, error) => publish('ATTEMPT_FAILED', connectable, connection, connectId, error),
    }).run()
  }

  /** Connects to 'host', 'host:port' or '[2001:db8::1]:port'. See {@link SocketClient.connect}. */
  async connectToHost(hostAndPort: string, defaultPort: number, options?: ConnectOptions): Promise<SocketConnection> {
    return this.connect(NetworkAddress.parse(hostAndPort, defaultPort), options)
  }

  /**
   * Connects to a service of `domain`, say 'ldap', that its SRV records name the hosts of. See {@link SocketClient.connect}.
   * With {@link SocketClient.tls} the certificate has to be for the domain.
   */
  async connectToService(domain: string, service: string, options?: ConnectOptions): Promise<SocketConnection> {
    return this.connect(new NetworkService(service, 'tcp', domain), options)
  }

  /**
   * Connects to the host of `uri`. See {@link SocketClient.connect}.
   *
   * @param defaultPort Default: that of the scheme.
   * @throws {UriError} It is no URI or has no host.
   */
  async connectToUri(uri: UriLike, defaultPort?: number, options?: ConnectOptions): Promise<SocketConnection> {
    const parsed = Uri.from(uri)
    const port = defaultPort ?? defaultSchemePort(parsed.scheme)
    return this.connect(NetworkAddress.parseUri(parsed, Math.max(port, 0)), options)
  }

  /** Sets `socket` connecting to `address`. It emits 'connect' or 'error' later. */
  protected startConnecting(socket: Socket, address: SocketAddress): void {
    connectSocket(socket, address, this.localAddress)
  }

  #enumerate(connectable: SocketConnectable): SocketAddressEnumerator {
    const resolver = this.resolver ?? undefined
    if (this.enableProxy) {
      const proxyResolver = this.proxyResolver ?? ProxyResolver.getDefault()
      if (proxyResolver.isSupported && connectable.proxyEnumerate) {
        return connectable.proxyEnumerate({ resolver, proxyResolver })
      }
    }
    return connectable.enumerate({ resolver })
  }

  #createConnection(address: SocketAddress): { socket: Socket; connection: SocketConnection } {
    const local = this.localAddress?.family ?? SocketFamily.INVALID
    const family = this.family === SocketFamily.INVALID ? local : this.family
    if (family !== SocketFamily.INVALID && family !== address.family) {
      throw new IOError('NOT_SUPPORTED', `The address ${address.toString()} is of a family that is not to be used.`)
    }
    const isTcp = this.protocol === SocketProtocol.TCP && address.family !== SocketFamily.UNIX
    if (this.type !== SocketType.STREAM || !(isTcp || this.protocol === SocketProtocol.DEFAULT)) {
      throw new IOError('NOT_SUPPORTED', `The address ${address.toString()} has no socket of this type and protocol.`)
    }
    if (address instanceof ProxyAddress && !this.#speaks(address.protocol)) throw unsupportedProxy(address)
    const socket = new Socket()
    if (this.noDelay) socket.setNoDelay() // remembered by the socket until it is connected
    return { socket, connection: createConnection(socket, address) }
  }

  #speaks(protocol: string): boolean {
    return this.#applicationProxies.has(protocol) || Proxy.getDefaultForProtocol(protocol) !== null
  }

  #emit(
    event: SocketClientEvent,
    connectable: SocketConnectable,
    connection: SocketClientEventConnection | null,
    connectId: number,
    error?: unknown,
  ): void {
    publish(socketClientEventName(event), connectable, connection, connectId, error)
    this.emit('event', event, connectable, connection)
  }
}

function publish(
  event: string,
  connectable: SocketConnectable,
  connection: SocketClientEventConnection | null,
  connectId: number,
  error?: unknown,
): void {
  if (!socketClientChannel.hasSubscribers) return
  socketClientChannel.publish({
    time: timestamp(),
    event,
    connectId,
    connectable: connectable.toString(),
    remoteAddress: connection instanceof SocketConnection ? connection.remoteAddress.toString() : null,
    ...(error !== undefined && { error }),
  })
}
