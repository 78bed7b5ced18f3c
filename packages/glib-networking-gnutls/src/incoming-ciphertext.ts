// Received ciphertext on its way into a session, in the chunks it came in; emptied by the library's pull function.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c (the pull function).

import type { LibGnutls, Pointer } from './libgnutls.ts'

export class IncomingCiphertext {
  readonly #lib: LibGnutls
  /** Oldest first. */
  readonly #chunks: Buffer[] = []
  /** How far into the first chunk it has been pulled. */
  #offset = 0
  #bytes = 0
  #firstByte = -1
  #ended = false

  constructor(lib: LibGnutls) {
    this.#lib = lib
  }

  /** Bytes that have not been pulled. */
  get bytes(): number {
    return this.#bytes
  }

  /** The chunk that is being pulled, or comes next. */
  get front(): Buffer | null {
    return this.#chunks[0] ?? null
  }

  /** How much of `chunk`, which was at the front, has been pulled. */
  consumedOf(chunk: Buffer): number {
    return this.#chunks[0] === chunk ? this.#offset : chunk.length
  }

  /** Nothing more will be added. */
  get ended(): boolean {
    return this.#ended
  }

  /** Record types 20 to 23, RFC 8446 section 5.1; a peer that said nothing has not said anything else either. */
  get startsLikeTls(): boolean {
    return this.#firstByte === -1 || (this.#firstByte >= 20 && this.#firstByte <= 23)
  }

  /** Adds `data`, of which what has not been pulled must not be changed. */
  add(data: Buffer): void {
    if (data.length === 0) return
    if (this.#firstByte === -1) this.#firstByte = data[0] ?? -1
    this.#chunks.push(data)
    this.#bytes += data.length
  }

  end(): void {
    this.#ended = true
  }

  clear(): void {
    this.#chunks.length = 0
    this.#offset = 0
    this.#bytes = 0
  }

  /** Copies at most `size` bytes to the library and says how many; 0 when there are none at the moment. */
  pull(target: Pointer, size: number): number {
    const chunk = this.#chunks[0]
    if (chunk === undefined) return 0
    const offset = this.#offset
    const count = Math.min(size, chunk.length - offset)
    this.#lib.copyIn(target, offset === 0 ? chunk : chunk.subarray(offset), count)
    this.#bytes -= count
    if (offset + count === chunk.length) {
      this.#chunks.shift()
      this.#offset = 0
    } else {
      this.#offset = offset + count
    }
    return count
  }
}
