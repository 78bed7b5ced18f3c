// The start of a body, kept for the log. Owned by Logger. Upstream: write_body of libsoup/soup-logger.c.

import { Buffer } from 'node:buffer'

export class LoggedBody {
  readonly #maxSize: number
  readonly #chunks: Buffer[] = []
  #size = 0
  #cut = false

  /** @param maxSize Bytes that are kept; -1 for all. */
  constructor(maxSize: number) {
    this.#maxSize = maxSize
  }

  get isEmpty(): boolean {
    return this.#size === 0 && !this.#cut
  }

  /** Copies what it keeps: buffers may be used again. */
  append(chunk: Uint8Array): void {
    const room = this.#maxSize < 0 ? chunk.length : Math.max(0, this.#maxSize - this.#size)
    if (chunk.length > room) this.#cut = true
    if (room === 0) return
    const kept = Buffer.from(chunk.subarray(0, room))
    this.#chunks.push(kept)
    this.#size += kept.length
  }

  /** As UTF-8; control characters, which a terminal would obey, are shown as `.`. */
  toString(): string {
    const text = Buffer.concat(this.#chunks).toString()
    // eslint-disable-next-line no-control-regex -- these are what must not get through
    const visible = text.replace(/\r\n/g, '\n').replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '.')
    return this.#cut ? `${visible}\n[...]` : visible
  }
}
