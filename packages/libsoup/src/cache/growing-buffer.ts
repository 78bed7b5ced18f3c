// Bytes that come in parts, in memory of their own and no more than they need. Used by the writers of the stores.

/** A peer's word for the length of its body is worth this much memory before the bytes are there. */
const MAX_INITIAL_BYTES = 256 * 1024

const MIN_BYTES = 1024

export class GrowingBuffer {
  #buffer: Buffer
  #length = 0

  /** `sizeHint` is the length to expect, in bytes, or null. */
  constructor(sizeHint: number | null) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(sizeHint ?? MIN_BYTES, MAX_INITIAL_BYTES))
  }

  get length(): number {
    return this.#length
  }

  append(chunk: Buffer): void {
    const needed = this.#length + chunk.length
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2, MIN_BYTES))
      this.#buffer.copy(grown, 0, 0, this.#length)
      this.#buffer = grown
    }
    chunk.copy(this.#buffer, this.#length)
    this.#length = needed
  }

  /** The bytes; nothing may be appended afterwards. */
  take(): Buffer {
    if (this.#length === this.#buffer.length) return this.#buffer
    const exact = Buffer.allocUnsafeSlow(this.#length)
    this.#buffer.copy(exact, 0, 0, this.#length)
    return exact
  }
}
