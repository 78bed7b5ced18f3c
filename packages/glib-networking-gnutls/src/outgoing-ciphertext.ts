// Ciphertext a session wants sent, gathered into few chunks; filled by the library's push function.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c (the push function).

import type { LibGnutls, Pointer } from './libgnutls.ts'

/** What one write of a stream with a full buffer makes. Smaller ones are not worth keeping, and larger ones are rare. */
const KEPT_BYTES = 66_560
const MAXIMUM_KEPT = 8
/** Buffers that are no longer written from. */
const kept: Buffer[] = []

function takeBuffer(bytes: number): Buffer {
  if (bytes > KEPT_BYTES || bytes * 2 <= KEPT_BYTES) return Buffer.allocUnsafe(bytes)
  return kept.pop() ?? Buffer.allocUnsafeSlow(KEPT_BYTES)
}

/** Keeps the memory of `chunk`, which {@link OutgoingCiphertext.take} gave, for others; nobody may look at it any more. */
export function recycle(chunk: Buffer): void {
  if (chunk.buffer.byteLength !== KEPT_BYTES || kept.length >= MAXIMUM_KEPT) return
  kept.push(Buffer.from(chunk.buffer as ArrayBuffer))
}

export class OutgoingCiphertext {
  readonly #lib: LibGnutls
  /** Full chunks. */
  #chunks: Buffer[] = []
  /** The chunk being filled. */
  #filling: Buffer | null = null
  #filled = 0
  #expectedBytes = 0

  constructor(lib: LibGnutls) {
    this.#lib = lib
  }

  /** How much has gathered. */
  get bytes(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, this.#filled)
  }

  /** Announces how much is about to come, so that it ends up in one chunk. */
  expect(bytes: number): void {
    this.#expectedBytes = bytes
  }

  /** Takes `size` bytes at `data` over from the library. */
  push(data: Pointer, size: number): number {
    if (this.#filling === null || this.#filling.length - this.#filled < size) {
      const expected = this.#expectedBytes - this.#filled
      this.#seal()
      this.#filling = takeBuffer(Math.max(size, expected))
    }
    this.#lib.copyOut(this.#filled === 0 ? this.#filling : this.#filling.subarray(this.#filled), data, size)
    this.#filled += size
    return size
  }

  /** Takes what has gathered, in order. */
  take(): Buffer[] {
    this.#seal()
    const chunks = this.#chunks
    if (chunks.length > 0) this.#chunks = []
    return chunks
  }

  clear(): void {
    this.#chunks = []
    this.#filling = null
  }

  #seal(): void {
    if (this.#filling !== null && this.#filled > 0) this.#chunks.push(this.#filling.subarray(0, this.#filled))
    this.#filling = null
    this.#filled = 0
    this.#expectedBytes = 0
  }
}
