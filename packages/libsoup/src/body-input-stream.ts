// The body of a response as its caller reads it: chunks go in as the wire delivers them, the wire is paused while the
// caller is behind. Made by MessageQueueItem. Upstream: libsoup/soup-client-input-stream.c.

import { Readable } from 'node:stream'

/** Bytes kept ready for the reader before the wire is told to wait. */
const BUFFER_BYTES = 64 * 1024

export interface BodySource {
  pauseBody(): void
  resumeBody(): void
  /** The reader gave up before the end. */
  abandonBody(): void
}

export class BodyInputStream extends Readable {
  #source: BodySource | null
  #paused = false

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

  /** The body cannot be completed. */
  fail(error: Error): void {
    this.#source = null
    this.destroy(error)
  }

  override _read(): void {
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
}
