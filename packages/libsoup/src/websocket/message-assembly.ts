// The message that is coming in by pieces: fragments, or parts of a long frame. Part of the frame parser.
// Fragmentation: RFC 6455 section 5.4.

import { Utf8Validator } from './utf8-validator.ts'
import { WebsocketDataType } from './websocket-constants.ts'

// A frame's announced length is believed up to here before its bytes have come.
const MAX_RESERVE = 1024 * 1024
const MIN_CAPACITY = 256

/** Pieces are copied into one growing buffer, so that many small fragments cost no more memory than few big ones. */
export class MessageAssembly {
  readonly #validator = new Utf8Validator()
  #buffer: Buffer | null = null
  #type = 0
  #reserved = 0
  #size = 0

  /** Whether a message has begun and not ended. */
  get isOpen(): boolean {
    return this.#type !== 0
  }

  /** The `WebsocketDataType`, 0 when none is open. */
  get type(): number {
    return this.#type
  }

  /** The reserved bits of the first frame. */
  get reserved(): number {
    return this.#reserved
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size
  }

  open(type: number, reserved: number): void {
    this.#type = type
    this.#reserved = reserved
    this.#size = 0
    this.#validator.reset()
  }

  /**
   * Adds a piece.
   *
   * @param coming Bytes of this frame still to come, with this piece.
   * @returns Whether the text is still good; always true for anything else.
   */
  append(piece: Uint8Array, coming: number): boolean {
    if (this.#isText && !this.#validator.push(piece)) return false
    const size = this.#size + piece.length
    if (this.#buffer === null || this.#buffer.length < size) this.#grow(size, this.#size + coming)
    ;(this.#buffer as Buffer).set(piece, this.#size)
    this.#size = size
    return true
  }

  /** Ends the message and gives it up; null when its text ends within a character. */
  take(): Buffer | null {
    const isWhole = !this.#isText || this.#validator.isComplete
    const message = (this.#buffer ?? Buffer.alloc(0)).subarray(0, this.#size)
    this.clear()
    return isWhole ? message : null
  }

  clear(): void {
    this.#buffer = null
    this.#type = 0
    this.#reserved = 0
    this.#size = 0
  }

  // What an extension will change is no text yet.
  get #isText(): boolean {
    return this.#type === WebsocketDataType.TEXT && this.#reserved === 0
  }

  #grow(needed: number, announced: number): void {
    const doubled = (this.#buffer?.length ?? 0) * 2
    const capacity = Math.max(needed, doubled, Math.min(announced, MAX_RESERVE), MIN_CAPACITY)
    const grown = Buffer.allocUnsafeSlow(capacity)
    if (this.#buffer !== null) grown.set(this.#buffer.subarray(0, this.#size))
    this.#buffer = grown
  }
}
