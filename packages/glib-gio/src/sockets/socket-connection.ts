// A stream socket with its two addresses. Made by SocketClient and SocketListener.
// Upstream: glib/gio/gsocketconnection.c.

import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { InetSocketAddress } from '../addresses/inet-socket-address.ts'
import type { SocketAddress } from '../addresses/socket-address.ts'
import { UnixSocketAddress } from '../addresses/unix-socket-address.ts'
import { IOError } from '../io-error.ts'
import { connectSocket } from './connect-socket.ts'

/**
 * Wraps nothing: {@link SocketConnection.ioStream} is the socket itself, to be read, written and handed on. As in GIO a
 * failure is news for whoever reads or writes next, so the socket carries an 'error' listener and never ends the process.
 */
export class SocketConnection {
  /** The `net.Socket`; after `SocketClient` did a TLS handshake of its own, the stream of the TLS connection. */
  readonly ioStream: Duplex
  readonly #socket: Duplex
  #remoteAddress: SocketAddress
  #localAddress: SocketAddress | null = null

  /** @param socket The socket below, when `ioStream` is a stream on top of it. */
  constructor(ioStream: Duplex, remoteAddress: SocketAddress, socket: Duplex = ioStream) {
    this.ioStream = ioStream
    this.#remoteAddress = remoteAddress
    this.#socket = socket
    ioStream.on('error', ignore)
  }

  /** Where it is, or is going to be, connected to. */
  get remoteAddress(): SocketAddress {
    return this.#remoteAddress
  }

  /** null before it is connected and, if never asked for before, after it was closed. */
  get localAddress(): SocketAddress | null {
    if (this.#localAddress === null && this.#socket instanceof Socket) {
      this.#localAddress = localAddressOf(this.#socket, this.remoteAddress)
    }
    return this.#localAddress
  }

  get isConnected(): boolean {
    return (
      !this.#socket.destroyed && !(this.#socket instanceof Socket && (this.#socket.connecting || this.#socket.pending))
    )
  }

  get isClosed(): boolean {
    return this.ioStream.destroyed
  }

  /**
   * Connects a connection that was made around a new `net.Socket`. What `SocketClient` gives is connected already.
   *
   * @param options.signal Aborting closes the socket.
   * @throws {IOError} `CONNECTION_REFUSED`, `TIMED_OUT`, …; `CANCELLED`; `FAILED` when it is, or was, connected or is
   *   being so. A connection that could not be made is closed.
   */
  async connect(address: SocketAddress, options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    const socket = this.#socket
    if (!(socket instanceof Socket) || !socket.pending || socket.connecting || socket.destroyed) {
      throw new IOError('FAILED', 'Only a new socket can be connected.')
    }
    IOError.throwIfCancelled(options.signal)
    this.#remoteAddress = address
    try {
      connectSocket(socket, address)
      await connected(socket, options.signal)
    } catch (error) {
      socket.destroy()
      throw IOError.fromNode(error, `Could not connect to ${address.toString()}`)
    }
  }

  /**
   * Sends what was written, then closes. Resolves when the socket is gone; may be called twice.
   *
   * @param options.signal Aborting closes at once, dropping what was not sent yet.
   */
  close(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    return closeStream(this.ioStream, options.signal, (stream) => stream.destroy())
  }
}

/** Ends `stream`, lets `afterFlush` go on once everything written was sent, and resolves when it is closed. */
export function closeStream(
  stream: Duplex,
  signal: AbortSignal | undefined,
  afterFlush: (stream: Duplex) => void,
): Promise<void> {
  if (stream.closed) return Promise.resolve()
  return new Promise((resolve) => {
    const destroy = (): void => void stream.destroy()
    stream.once('close', () => {
      signal?.removeEventListener('abort', destroy)
      resolve()
    })
    if (stream.destroyed) return
    signal?.addEventListener('abort', destroy, { once: true })
    if (signal?.aborted || stream.writableFinished || (stream instanceof Socket && stream.connecting)) destroy()
    else stream.end(() => afterFlush(stream))
  })
}

/** Resolves when `socket`, on its way already, is connected. */
function connected(socket: Socket, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onClose = (): void => reject(new IOError('CLOSED', 'The socket was closed before it was connected.'))
  const onAbort = (): void => reject(IOError.cancelled(signal))
  socket.on('connect', resolve).on('error', reject).on('close', onClose)
  signal?.addEventListener('abort', onAbort)
  return promise.finally(() => {
    socket.off('connect', resolve).off('error', reject).off('close', onClose)
    signal?.removeEventListener('abort', onAbort)
  })
}

function localAddressOf(socket: Socket, remote: SocketAddress): SocketAddress | null {
  if (remote instanceof UnixSocketAddress) return new UnixSocketAddress('')
  if (socket.localAddress === undefined || socket.localPort === undefined) return null
  return InetSocketAddress.fromString(socket.localAddress, socket.localPort)
}

function ignore(): void {
  // The reader, the writer and 'close' get to know.
}
