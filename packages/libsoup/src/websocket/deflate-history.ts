// The last bytes that went through a compressor, which the next message may refer to ("context takeover", RFC 7692
// section 7.1.1). Used by WebsocketExtensionDeflate, which keeps these instead of a living zlib stream.

const MIN_CAPACITY = 4096

/** Keeps the end of all that was added, up to one window. */
export class DeflateHistory {
  readonly #window: number
  #buffer: Buffer = Buffer.alloc(0)
  #size = 0

  /** @param windowBits Base-two logarithm of the window's size in bytes. */
  constructor(windowBits: number) {
    this.#window = 2 ** windowBits
  }

  /** At most `limit` of the last bytes, or undefined when there are none. Valid until the next `add`. */
  last(limit: number): Buffer | undefined {
    const length = Math.min(this.#size, this.#window, limit)
    return length === 0 ? undefined : this.#buffer.subarray(this.#size - length, this.#size)
  }

  add(data: Uint8Array): void {
    const added = data.length > this.#window ? data.subarray(data.length - this.#window) : data
    if (this.#size + added.length > this.#buffer.length) this.#makeRoom(added.length)
    this.#buffer.set(added, this.#size)
    this.#size += added.length
  }

  // Twice the window at most, so that moving the last window to the front happens once per window of data.
  #makeRoom(needed: number): void {
    const kept = Math.min(this.#size, this.#window)
    const start = this.#size - kept
    const capacity = Math.min(2 * this.#window, Math.max(MIN_CAPACITY, 2 * (kept + needed)))
    if (capacity > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(capacity)
      this.#buffer.copy(grown, 0, start, this.#size)
      this.#buffer = grown
    } else {
      this.#buffer.copyWithin(0, start, this.#size)
    }
    this.#size = kept
  }
}
