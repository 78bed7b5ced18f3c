// Ciphertext a session wants sent, gathered into few chunks; filled by the library's push function.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c (the push function).

import type { LibGnutls, Pointer } from './libgnutls.ts'

/** Room for four full records; what is larger takes several. Fresh memory for each would keep the garbage collector busy. */
const KEPT_BYTES = 66_560
const MAXIMUM_KEPT = 16
/** Buffers that are no longer written from. */
const kept: Buffer[] = []

/** Memory for at least `minimum` bytes, and for `wanted` if that is not much. */
function takeBuffer(minimum: number, wanted: number): Buffer {
  const bytes = Math.max(minimum, wanted)
  if (minimum > KEPT_BYTES || bytes * 2 <= KEPT_BYTES) return Buffer.allocUnsafe(bytes)
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
  /** What is still to come of what was announced. */
  #expectedBytes = 0

  constructor(lib: LibGnutls) {
    this.#lib = lib
  }

  /** How much has gathered. */
  get bytes(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, this.#filled)
  }

  /** Announces how much is about to come, so that it ends up in few chunks. */
  expect(bytes: number): void {
    this.#expectedBytes = bytes
  }

  /** Takes `size` bytes at `data` over from the library. */
  push(data: Pointer, size: number): number {
    if (this.#filling === null || this.#filling.length - this.#filled < size) {
      this.#seal()
      this.#filling = takeBuffer(size, this.#expectedBytes)
    }
    this.#lib.copyOut(this.#filled === 0 ? this.#filling : this.#filling.subarray(this.#filled), data, size)
    this.#filled += size
    this.#expectedBytes -= size
    return size
  }

  /** Takes what has gathered, in order. */
  take(): Buffer[] {
    this.#seal()
    this.#expectedBytes = 0
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
  }
}
