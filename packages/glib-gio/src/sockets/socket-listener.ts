// Accepts connections on any number of addresses. Base of SocketService. Upstream: glib/gio/gsocketlistener.c.

import { EventEmitter } from 'node:events'
import { createServer } from 'node:net'
import type { ListenOptions, Server, Socket } from 'node:net'
import { InetAddress } from '../addresses/inet-address.ts'
import { InetSocketAddress } from '../addresses/inet-socket-address.ts'
import { IOError } from '../io-error.ts'
import type { SocketAddress } from '../addresses/socket-address.ts'
import { createConnection } from './create-connection.ts'
import type { SocketConnection } from './socket-connection.ts'
import { SocketFamily } from '../addresses/socket-family.ts'
import { UnixSocketAddress } from '../addresses/unix-socket-address.ts'

/** What is being done with an address. Upstream: GSocketListenerEvent. */
export const SocketListenerEvent = { BINDING: 0, BOUND: 1, LISTENING: 2, LISTENED: 3 } as const
export type SocketListenerEvent = (typeof SocketListenerEvent)[keyof typeof SocketListenerEvent]

export interface SocketListenerOptions {
  /** See {@link SocketListener.listenBacklog}. */
  readonly listenBacklog?: number
  /** Send small writes at once (TCP_NODELAY); default true. */
  readonly noDelay?: boolean
  /** Keep the writing side open when the peer has ended its own; the owner of a connection ends it. Default true. */
  readonly allowHalfOpen?: boolean
  /** Let others listen on the same port as well, the system sharing the connections out (SO_REUSEPORT); default false. */
  readonly reusePort?: boolean
}

/** The signals of a listener. */
export interface SocketListenerEvents {
  /** `address` goes through all four events, in order; the last two carry the port that was really taken. */
  event: [event: SocketListenerEvent, address: SocketAddress]
  /** A connection that nobody waits for in {@link SocketListener.accept}. Without listeners it is queued instead. */
  incoming: [connection: SocketConnection]
}

/** Room for bursts: what neither the kernel's nor our own queue takes is refused or closed. */
const DEFAULT_LISTEN_BACKLOG = 128

/** Take connections with {@link SocketListener.accept} or with the signal 'incoming'; close it when done. */
export class SocketListener extends EventEmitter<SocketListenerEvents> {
  /**
   * How many connections may wait in the kernel's queue of each address, and how many accepted ones in ours; beyond that
   * they are closed. Taken over by addresses added later.
   */
  listenBacklog: number
  readonly #noDelay: boolean
  readonly #allowHalfOpen: boolean
  readonly #reusePort: boolean
  readonly #servers = new Set<Server>()
  readonly #accepted: SocketConnection[] = []
  readonly #waiting: PromiseWithResolvers<SocketConnection>[] = []
  #closed = false

  constructor(options: SocketListenerOptions = {}) {
    super()
    this.listenBacklog = options.listenBacklog ?? DEFAULT_LISTEN_BACKLOG
    this.#noDelay = options.noDelay ?? true
    this.#allowHalfOpen = options.allowHalfOpen ?? true
    this.#reusePort = options.reusePort ?? false
  }

  /**
   * Listens on `port` of every address of this machine, IPv6 and IPv4.
   *
   * @throws {IOError} `ADDRESS_IN_USE`, `PERMISSION_DENIED`, `INVALID_ARGUMENT`, `CLOSED`.
   */
  async addInetPort(port: number): Promise<void> {
    await this.#listen({ port }, new InetSocketAddress(InetAddress.any(SocketFamily.IPV6), port))
  }

  /** Like {@link SocketListener.addInetPort}, on a free port, which is returned. */
  async addAnyInetPort(): Promise<number> {
    const any = new InetSocketAddress(InetAddress.any(SocketFamily.IPV6), 0)
    const address = await this.#listen({ port: 0 }, any)
    return address instanceof InetSocketAddress ? address.port : 0
  }

  /**
   * Listens on one address, port 0 for a free one; on '::' that is IPv6 alone, so that '0.0.0.0' may have the same port.
   * A Unix socket's file is removed on close; one that is there already is in use, even if nobody listens on it.
   *
   * @returns The address with the port that was taken.
   * @throws {IOError} `ADDRESS_IN_USE`, `PERMISSION_DENIED`, `NOT_SUPPORTED`, `CLOSED`.
   */
  addAddress(address: SocketAddress): Promise<SocketAddress> {
    if (address instanceof UnixSocketAddress) return this.#listen({ path: address.path }, address)
    if (address instanceof InetSocketAddress) {
      return this.#listen({ host: address.address.toString(), port: address.port, ipv6Only: true }, address)
    }
    return Promise.reject(new IOError('NOT_SUPPORTED', 'This kind of address cannot be listened on.'))
  }

  /**
   * The next connection, in order of arrival. Several may wait at a time.
   *
   * @throws {IOError} `CANCELLED`; `CLOSED` once the listener is.
   */
  accept(options: { signal?: AbortSignal | undefined } = {}): Promise<SocketConnection> {
    const { signal } = options
    if (signal?.aborted) return Promise.reject(IOError.cancelled(signal))
    for (let next = this.#accepted.shift(); next; next = this.#accepted.shift()) {
      if (!next.isClosed) return Promise.resolve(next)
    }
    if (this.#closed) return Promise.reject(closedError())
    const waiter = Promise.withResolvers<SocketConnection>()
    const onAbort = (): void => {
      const at = this.#waiting.indexOf(waiter)
      if (at < 0) return // it has its connection already, which must not get lost
      this.#waiting.splice(at, 1)
      waiter.reject(IOError.cancelled(signal))
    }
    this.#waiting.push(waiter)
    signal?.addEventListener('abort', onAbort, { once: true })
    return waiter.promise.finally(() => signal?.removeEventListener('abort', onAbort))
  }

  /**
   * Stops listening and closes the connections nobody has taken; the others are their owners'. The addresses are free
   * again when it returns.
   */
  close(): void {
    this.#closed = true
    for (const server of this.#servers) server.close()
    this.#servers.clear()
    for (const connection of this.#accepted.splice(0)) connection.ioStream.destroy()
    for (const waiter of this.#waiting.splice(0)) waiter.reject(closedError())
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Whether a connection goes to 'incoming' when nobody waits in `accept()`. */
  protected get emitsIncoming(): boolean {
    return this.listenerCount('incoming') > 0
  }

  /** Emits 'incoming' for connections that were queued while {@link SocketListener.emitsIncoming} was false. */
  protected emitQueued(): void {
    while (this.emitsIncoming) {
      const connection = this.#accepted.shift()
      if (!connection) return
      if (!connection.isClosed) this.emit('incoming', connection)
    }
  }

  #onConnection(socket: Socket, isUnix: boolean): void {
    const remote = isUnix
      ? new UnixSocketAddress('')
      : InetSocketAddress.fromString(socket.remoteAddress ?? '', socket.remotePort ?? 0)
    if (!remote) {
      socket.destroy() // already reset: the kernel no longer knows the peer
      return
    }
    const connection = createConnection(socket, remote)
    const waiter = this.#waiting.shift()
    if (waiter) waiter.resolve(connection)
    else if (this.emitsIncoming) this.emit('incoming', connection)
    else if (this.#accepted.length < this.listenBacklog) this.#accepted.push(connection)
    else socket.destroy()
  }

  async #listen(options: ListenOptions, requested: SocketAddress): Promise<SocketAddress> {
    if (this.#closed) throw closedError()
    const isUnix = requested instanceof UnixSocketAddress
    const server = createServer({ noDelay: this.#noDelay, allowHalfOpen: this.#allowHalfOpen }, (socket) =>
      this.#onConnection(socket, isUnix),
    )
    this.emit('event', SocketListenerEvent.BINDING, requested)
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ ...options, backlog: this.listenBacklog, reusePort: this.#reusePort && !isUnix }, () => {
          server.off('error', reject)
          resolve()
        })
      })
    } catch (error) {
      throw IOError.fromNode(error, `Could not listen on ${requested.toString()}`)
    }
    server.on('error', (error) => this.#onAcceptFailed(error))
    if (this.#closed) {
      server.close()
      throw closedError()
    }
    this.#servers.add(server)
    const bound = boundAddress(server) ?? requested
    // Node binds and listens in one step.
    this.emit('event', SocketListenerEvent.BOUND, bound)
    this.emit('event', SocketListenerEvent.LISTENING, bound)
    this.emit('event', SocketListenerEvent.LISTENED, bound)
    return bound
  }

  /** The system could not accept (too many open files); it goes on trying by itself. */
  #onAcceptFailed(cause: Error): void {
    const error = IOError.fromNode(cause, 'Could not accept a connection')
    const waiter = this.#waiting.shift()
    if (waiter) waiter.reject(error)
    else process.emitWarning(error)
  }
}

function boundAddress(server: Server): SocketAddress | null {
  const address = server.address()
  return address === null || typeof address === 'string'
    ? null
    : InetSocketAddress.fromString(address.address, address.port)
}

function closedError(): IOError {
  return new IOError('CLOSED', 'The listener is closed.')
}
