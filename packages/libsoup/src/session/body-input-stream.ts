// The body of a response as its caller reads it: chunks go in as the wire delivers them, the wire is paused while the
// caller is behind. Made by MessageQueueItem. Upstream: libsoup/soup-client-input-stream.c.

import { Readable } from 'node:stream'
import { IOError } from '@wpe-networking/glib-gio'

/** Bytes kept ready for the reader before the wire is told to wait. */
const BUFFER_BYTES = 64 * 1024

const EMPTY = Buffer.alloc(0)

export interface BodySource {
  pauseBody(): void
  resumeBody(): void
  /** The reader gave up before the end. */
  abandonBody(): void
  /** A feature on the body's way cannot go on with it. */
  failBody(error: Error): void
}

export class BodyInputStream extends Readable {
  #source: BodySource | null
  #paused = false
  /** Why there will be no more; told once everything that came before it has been read. */
  #failure: Error | null = null

  constructor(source: BodySource) {
    super({ highWaterMark: BUFFER_BYTES })
    this.#source = source
  }

  /** Takes a chunk from the wire; never refuses it. */
  deliver(chunk: Buffer): void {
    if (this.push(chunk) || this.#paused || this.#source === null) return
    this.#paused = true
    this.#source.pauseBody()
  }

  /** The body is complete. */
  finish(): void {
    this.#source = null
    this.push(null)
  }

  /** The body cannot be completed. The reader gets what came before and then the error; who cancelled gets no more. */
  fail(error: Error): void {
    this.#source = null
    if (error instanceof IOError && error.code === 'CANCELLED') {
      this.destroy(error)
      return
    }
    this.#failure = error
    this.#failOnceRead(error)
  }

  override _read(): void {
    if (this.#failure !== null) return this.#failOnceRead(this.#failure)
    if (!this.#paused) return
    this.#paused = false
    this.#source?.resumeBody()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const source = this.#source
    this.#source = null
    source?.abandonBody()
    callback(error)
  }

  #failOnceRead(error: Error): void {
    if (this.readableLength === 0) this.destroy(error)
    // Nothing, but it answers the read that is under way, so that the next one comes to `_read` again.
    else this.push(EMPTY)
  }
}
