// Ciphertext a session wants sent, gathered into few chunks; filled by the library's push function.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c (the push function).

import type { LibGnutls, Pointer } from './libgnutls.ts'

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
      this.#filling = Buffer.allocUnsafe(Math.max(size, expected))
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
