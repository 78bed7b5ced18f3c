// Requests of an HTTP/1 connection that came before the answer to an earlier one: they wait here for their turn.
// Made by ServerConnection. RFC 9112 section 9.3.2.

import type { Duplex } from 'node:stream'

/** From here on a client that sends requests without waiting for answers is not read any further. */
const PIPELINE_LENGTH = 64

/** What one read from the socket may hold beyond that; over it the client is up to no good. */
const MAX_PIPELINE_LENGTH = 8192

/** The requests that wait, as what starts them. */
export class RequestPipeline {
  readonly #waiting: (() => void)[] = []
  #readsAsStream = false
  #isPausing = false

  get length(): number {
    return this.#waiting.length
  }

  /**
   * Adds a request, and stops reading from `stream` when there are many.
   *
   * @returns False when there are too many to bear.
   */
  push(start: () => void, stream: Duplex): boolean {
    if (this.#waiting.push(start) >= PIPELINE_LENGTH) this.#pause(stream)
    return this.#waiting.length <= MAX_PIPELINE_LENGTH
  }

  /** Takes the next request out, and reads on from `stream` when there are few left. */
  shift(stream: Duplex): (() => void) | undefined {
    const next = this.#waiting.shift()
    if (next !== undefined && this.#waiting.length === PIPELINE_LENGTH - 1) stream.resume()
    return next
  }

  clear(): void {
    this.#waiting.length = 0
  }

  #pause(stream: Duplex): void {
    if (this.#isPausing) return
    this.#isPausing = true
    // Node's parser reads from the handle, past the stream, until somebody listens here; only a stream can be paused.
    if (!this.#readsAsStream) stream.on('data', ignore)
    this.#readsAsStream = true
    // Not at once: the parser resumes the stream after each message, as long as it has some left to parse.
    queueMicrotask(() => {
      this.#isPausing = false
      if (this.#waiting.length >= PIPELINE_LENGTH) stream.pause()
    })
  }
}

function ignore(): void {
  // The parser listens too.
}
