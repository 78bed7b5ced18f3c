// Exact reads from a stream while a proxy is negotiated with: what comes after an answer belongs to the destination and
// stays in the stream. Called by the Proxy implementations.

import type { Duplex } from 'node:stream'
import { IOError } from '../io-error.ts'

/** A view of a stream in paused mode; it leaves no listener behind, and the stream as it found it. */
export class ProxyStream {
  readonly #stream: Duplex
  readonly #signal: AbortSignal | undefined

  constructor(stream: Duplex, signal?: AbortSignal) {
    this.#stream = stream
    this.#signal = signal
  }

  /** Failures turn up in the read of the answer. */
  write(bytes: Uint8Array | string): void {
    if (this.#stream.writable) this.#stream.write(bytes)
  }

  /**
   * The next `length` bytes.
   *
   * @throws {IOError} `PROXY_FAILED` when the stream ends before; `CANCELLED`; what the stream failed with.
   */
  async read(length: number): Promise<Buffer> {
    for (;;) {
      const chunk = this.#stream.read(length) as Buffer | null
      if (chunk?.length === length) return chunk
      await this.#untilReadable() // a shorter chunk is the last one: the end follows
    }
  }

  /**
   * Everything up to and with `marker`.
   *
   * @param maximum Most bytes to take for it.
   * @throws {IOError} As {@link ProxyStream.read}; `PROXY_FAILED` also when there is no marker in `maximum` bytes.
   */
  async readThrough(marker: string, maximum: number): Promise<Buffer> {
    let head = Buffer.alloc(0)
    for (;;) {
      const chunk = this.#stream.read() as Buffer | null
      if (chunk) {
        const searchFrom = Math.max(head.length - marker.length + 1, 0)
        head = Buffer.concat([head, chunk])
        const at = head.indexOf(marker, searchFrom)
        const end = at < 0 ? head.length : at + marker.length
        if (end > maximum) throw new IOError('PROXY_FAILED', 'The proxy sent an answer without an end.')
        if (at >= 0) {
          if (end < head.length) this.#stream.unshift(head.subarray(end))
          return head.subarray(0, end)
        }
      } else {
        await this.#untilReadable()
      }
    }
  }

  async #untilReadable(): Promise<void> {
    const stream = this.#stream
    IOError.throwIfCancelled(this.#signal)
    if (stream.destroyed || stream.readableEnded) throw closedTooEarly(stream)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onReadable = (): void => resolve()
    const onEnd = (): void => reject(closedTooEarly(stream))
    const onError = (error: Error): void => reject(IOError.fromNode(error, 'The connection to the proxy failed'))
    const onAbort = (): void => reject(IOError.cancelled(this.#signal))
    stream.on('readable', onReadable).on('end', onEnd).on('close', onEnd).on('error', onError)
    this.#signal?.addEventListener('abort', onAbort)
    try {
      await promise
    } finally {
      stream.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', onError)
      this.#signal?.removeEventListener('abort', onAbort)
    }
  }
}

function closedTooEarly(stream: Duplex): IOError {
  if (stream.errored) return IOError.fromNode(stream.errored, 'The connection to the proxy failed')
  return new IOError('PROXY_FAILED', 'The proxy closed the connection before it had answered.')
}
