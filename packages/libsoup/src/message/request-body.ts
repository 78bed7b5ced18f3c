// The body of a request and whether it can be sent again. Held by Message, written by ClientMessageIO.
// Upstream: libsoup/soup-message.c (soup_message_set_request_body, …_from_bytes).

import { Readable } from 'node:stream'
import { tapStream } from '../logger/tap-stream.ts'

/** A stream is read once; a function is asked for a new stream each time the request is sent. */
export type RequestBodySource = Readable | (() => Readable)

export class RequestBody {
  readonly #source: RequestBodySource | Uint8Array
  /** In bytes, or null when unknown: then the body is sent chunked. */
  readonly length: number | null
  /** Told each part of the body as it is read for writing; for Logger. */
  tap: ((chunk: Uint8Array) => void) | null = null
  #used = false

  constructor(source: RequestBodySource | Uint8Array, length: number | null) {
    this.#source = source
    this.length = length
  }

  /** Whether the request can be sent (again) with this body. A stream that has been opened cannot. */
  get isRestartable(): boolean {
    return !this.#used || !(this.#source instanceof Readable)
  }

  /** The body itself where it is in memory, or null. */
  get bytes(): Uint8Array | null {
    return this.#source instanceof Uint8Array ? this.#source : null
  }

  /** What to write this time. Call only while `isRestartable`. */
  open(): Buffer | Readable {
    this.#used = true
    const { tap } = this
    if (this.#source instanceof Uint8Array) {
      tap?.(this.#source)
      return Buffer.from(this.#source.buffer, this.#source.byteOffset, this.#source.byteLength)
    }
    const stream = typeof this.#source === 'function' ? this.#source() : this.#source
    return tap === null ? stream : tapStream(stream, tap)
  }
}
