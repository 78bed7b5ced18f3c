// A Duplex that passes for a socket: what only a socket has is asked of the stream below, when that is one.
// undici and libsoup set timeouts on it and read addresses from it. Extended by TlsStreamGnutls.

import { Duplex } from 'node:stream'
import type { BaseStream } from './base-stream.ts'

/** What may wait on either side before the other is held back. */
const HIGH_WATER_MARK_BYTES = 65_536

export abstract class SocketFacade extends Duplex {
  protected readonly base: BaseStream

  /** Half-close is what the stream below says it is. */
  constructor(base: BaseStream) {
    super({
      allowHalfOpen: base.stream.allowHalfOpen,
      readableHighWaterMark: HIGH_WATER_MARK_BYTES,
      writableHighWaterMark: HIGH_WATER_MARK_BYTES,
    })
    this.base = base
    base.stream.on('timeout', () => this.emit('timeout'))
  }

  /** Emits `'timeout'` after `timeoutMs` without traffic on the base stream; 0 turns it off. */
  setTimeout(timeoutMs: number, callback?: () => void): this {
    if (callback !== undefined) {
      if (timeoutMs === 0) this.off('timeout', callback)
      else this.once('timeout', callback)
    }
    this.base.stream.setTimeout?.(timeoutMs)
    return this
  }

  setNoDelay(noDelay?: boolean): this {
    this.base.stream.setNoDelay?.(noDelay)
    return this
  }

  /** @param initialDelayMs Silence before the first probe. */
  setKeepAlive(enable?: boolean, initialDelayMs?: number): this {
    this.base.stream.setKeepAlive?.(enable, initialDelayMs)
    return this
  }

  ref(): this {
    this.base.stream.ref?.()
    return this
  }

  unref(): this {
    this.base.stream.unref?.()
    return this
  }

  get timeout(): number | undefined {
    return this.base.stream.timeout
  }

  get connecting(): boolean {
    return this.base.stream.connecting ?? false
  }

  get remoteAddress(): string | undefined {
    return this.base.stream.remoteAddress
  }

  get remotePort(): number | undefined {
    return this.base.stream.remotePort
  }

  get remoteFamily(): string | undefined {
    return this.base.stream.remoteFamily
  }

  get localAddress(): string | undefined {
    return this.base.stream.localAddress
  }

  get localPort(): number | undefined {
    return this.base.stream.localPort
  }

  get localFamily(): string | undefined {
    return this.base.stream.localFamily
  }

  /** Bytes of ciphertext, as on a TLSSocket. */
  get bytesRead(): number {
    return this.base.stream.bytesRead ?? 0
  }

  get bytesWritten(): number {
    return this.base.stream.bytesWritten ?? 0
  }
}
