// Decrypts what a session has received into as few and as large chunks as may be, without allocating more than it must:
// plaintext is written over the ciphertext it came from where that belongs to nobody else. Used by TlsStreamGnutls.

import type { GnutlsSession } from './gnutls-session.ts'
import { MAXIMUM_RECORD_BYTES } from './libgnutls.ts'

/** Where each record is decrypted to, before it is known where it fits. Made at the first use; all streams share it. */
let scratch: Buffer | null = null

export class PlaintextReader {
  readonly #session: GnutlsSession
  /** A record that had no room in the chunk before it. */
  #left: Buffer | null = null
  /** What ended the last {@link read}: bytes, when there may be more, or what `GnutlsSession.receive` gave. */
  #result = 1

  constructor(session: GnutlsSession) {
    this.#session = session
  }

  get result(): number {
    return this.#result
  }

  /** Whether another {@link read} yields something without more ciphertext, or may do so. */
  get mayRead(): boolean {
    return this.#left !== null || this.#session.readableBytes > 0
  }

  /**
   * The next chunk of plaintext; null when {@link result} came first.
   *
   * @param reuse Whether the chunks that were fed may be overwritten once they have been decrypted.
   */
  read(reuse: boolean): Buffer | null {
    if (this.#left !== null) return this.#takeLeft()
    const session = this.#session
    const ciphertext = reuse ? session.frontCiphertext : null
    scratch ??= Buffer.allocUnsafeSlow(MAXIMUM_RECORD_BYTES)
    let target = ciphertext
    let filled = 0
    for (;;) {
      const available = session.readableBytes
      const size = session.receive(scratch)
      this.#result = size
      if (size <= 0) break
      const record = scratch.subarray(0, size)
      target ??= Buffer.allocUnsafe(Math.max(size, Math.min(available, MAXIMUM_RECORD_BYTES)))
      const room = ciphertext === null ? target.length : session.consumedOf(ciphertext)
      if (filled + size > room) {
        this.#left = Buffer.from(record)
        break
      }
      target.set(record, filled)
      filled += size
    }
    if (target === null || filled === 0) return this.#takeLeft()
    return filled === target.length ? target : target.subarray(0, filled)
  }

  #takeLeft(): Buffer | null {
    const left = this.#left
    this.#left = null
    return left
  }
}
