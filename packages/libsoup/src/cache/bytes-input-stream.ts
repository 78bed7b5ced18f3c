// A stored body that is in memory, as a stream. Its reader gets copies: he may change what he reads. Made by the stores.

import { Readable } from 'node:stream'
import type { Range } from '../headers/ranges.ts'

/** Bytes given at once. */
const PIECE_BYTES = 64 * 1024

export class BytesInputStream extends Readable {
  readonly #bytes: Buffer
  #at: number
  readonly #end: number

  /** `part` is what of `bytes` to give; null gives all. */
  constructor(bytes: Buffer, part: Range | null = null) {
    super({ highWaterMark: PIECE_BYTES })
    this.#bytes = bytes
    this.#at = part?.start ?? 0
    this.#end = part === null ? bytes.length : Math.min(part.end + 1, bytes.length)
  }

  override _read(): void {
    const end = Math.min(this.#at + PIECE_BYTES, this.#end)
    if (end > this.#at) this.push(Buffer.from(this.#bytes.subarray(this.#at, end)))
    this.#at = end
    if (end >= this.#end) this.push(null)
  }
}
