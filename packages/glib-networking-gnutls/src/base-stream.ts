// The byte stream under a TLS connection: one set of listeners for its whole life, handed from handshake to data stream.
// Upstream: glib-networking/tls/base/gtlsconnection-base.c (base-io-stream).

import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { recycle } from './outgoing-ciphertext.ts'

/** Buffers up to this size are not worth a callback to reuse them. */
const SMALL_BYTES = 16_384

/** Who is told what happens to the base stream at the moment. */
export interface BaseReceiver {
  onData(chunk: Buffer): void
  /** The peer ended its side: nothing more will be received. */
  onEnd(): void
  /** An error is followed by `onClose`. */
  onError(error: Error): void
  /** The last call; `onEnd` need not have come before it. */
  onClose(): void
}

/** What a base stream may have beyond a Duplex, because it mostly is a socket. */
export type SocketLike = Duplex & Partial<Omit<Socket, keyof Duplex>>

export class BaseStream {
  readonly stream: SocketLike
  #receiver: BaseReceiver | null = null
  #started = false

  constructor(stream: Duplex) {
    this.stream = stream
    // From now on the stream belongs to the connection, so its errors are handled here even when nobody waits.
    stream.on('error', (error) => this.#receiver?.onError(error))
    stream.on('close', () => this.#receiver?.onClose())
  }

  /** Directs events to `receiver`, beginning with what it may have missed, and the first time starts reading. */
  start(receiver: BaseReceiver): void {
    const { stream } = this
    this.#receiver = receiver
    if (!this.#started) {
      this.#started = true
      stream.on('end', () => this.#receiver?.onEnd())
      stream.on('data', (chunk: Uint8Array) => this.#receiver?.onData(bufferOf(chunk)))
      stream.resume()
    }
    if (stream.errored) receiver.onError(stream.errored)
    else if (stream.destroyed) receiver.onClose()
    else if (stream.readableEnded) receiver.onEnd()
  }

  pause(): void {
    this.stream.pause()
  }

  resume(): void {
    this.stream.resume()
  }

  /**
   * Whether nobody else looks at the chunks handed to the receiver, so that they may be overwritten: those of a socket
   * are made for its one listener; those of other streams may be the very buffers somebody wrote.
   */
  get ownsChunks(): boolean {
    return this.stream instanceof Socket && this.stream.listenerCount('data') === 1
  }

  get writable(): boolean {
    return this.stream.writable
  }

  /** Writes all of it at once. False: the stream has more than it likes, see {@link whenDrained}. */
  write(buffers: readonly Buffer[]): boolean {
    const { stream } = this
    if (!stream.writable) return true
    // A socket has done with a buffer when it says so; other streams may have passed it on as it is.
    const recyclable = stream instanceof Socket
    if (buffers.length > 1) stream.cork()
    for (const buffer of buffers) {
      if (recyclable && buffer.length > SMALL_BYTES) stream.write(buffer, (error) => void (error ?? recycle(buffer)))
      else stream.write(buffer)
    }
    if (buffers.length > 1) stream.uncork()
    return !stream.writableNeedDrain
  }

  /** Calls back once the stream takes more, or never will. */
  whenDrained(callback: () => void): void {
    const { stream } = this
    if (!stream.writableNeedDrain || stream.destroyed) {
      callback()
      return
    }
    const done = (): void => {
      stream.off('drain', done)
      stream.off('close', done)
      callback()
    }
    stream.on('drain', done)
    stream.on('close', done)
  }

  /** Writes all of it and calls back when it has been handed on, or cannot be any more. */
  writeThrough(buffers: readonly Buffer[], callback: () => void): void {
    if (this.stream.writable) this.stream.write(Buffer.concat(buffers), () => callback())
    else callback()
  }

  /** Ends this side and calls back when everything has been handed on, or cannot be any more. */
  end(callback: () => void): void {
    if (this.stream.writable) this.stream.end(() => callback())
    else callback()
  }

  destroy(): void {
    this.stream.destroy()
  }
}

function bufferOf(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
