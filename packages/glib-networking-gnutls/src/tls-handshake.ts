// Drives gnutls_handshake over a base stream until it is done, failed or cancelled; used by TlsConnectionGnutls, once.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c (handshake_thread_handshake). RFC 8446 section 4.

import type { BaseReceiver, BaseStream } from './base-stream.ts'
import { closedDuringHandshake, handshakeError } from './errors.ts'
import type { GnutlsSession } from './gnutls-session.ts'
import { GNUTLS_E_AGAIN, GNUTLS_E_SUCCESS } from './libgnutls.ts'

/** Room for a usual flight, so that its messages leave in one chunk. */
const FLIGHT_BYTES = 4096

export class TlsHandshake implements BaseReceiver {
  readonly #session: GnutlsSession
  readonly #base: BaseStream
  readonly #refusal: () => unknown
  readonly #outcome = Promise.withResolvers<void>()
  #settled = false

  /** @param refusal Why the peer's certificate was refused, when it was; that then is the error. */
  constructor(session: GnutlsSession, base: BaseStream, refusal: () => unknown) {
    this.#session = session
    this.#base = base
    this.#refusal = refusal
  }

  /** Resolves when application data may flow. On failure the peer has been sent the alert it is due. */
  run(): Promise<void> {
    this.#step()
    if (!this.#settled) this.#base.start(this)
    return this.#outcome.promise
  }

  /** Gives up: rejects with `reason`. The caller closes the session. */
  cancel(reason: unknown): void {
    if (this.#settled) return
    this.#settled = true
    this.#outcome.reject(reason)
  }

  onData(chunk: Buffer): void {
    // Also when done: application data may come before the data stream has taken over.
    this.#session.feed(chunk)
    if (!this.#settled) this.#step()
  }

  onEnd(): void {
    this.#session.feedEnd()
    if (!this.#settled) this.#step()
  }

  onError(error: NodeJS.ErrnoException): void {
    // A peer that resets has closed the connection, as one has that ends it.
    this.cancel(error.code === 'ECONNRESET' || error.code === 'EPIPE' ? closedDuringHandshake(error) : error)
  }

  onClose(): void {
    this.onEnd()
  }

  #step(): void {
    const session = this.#session
    for (;;) {
      session.expect(FLIGHT_BYTES, 0)
      const code = session.handshake()
      // acceptCertificate may have cancelled meanwhile.
      if (this.#settled) return
      if (code === GNUTLS_E_SUCCESS) {
        this.#flush()
        this.#settled = true
        this.#outcome.resolve()
        return
      }
      if (code === GNUTLS_E_AGAIN) {
        this.#flush()
        return
      }
      // What is not fatal (a warning alert, an interruption) has been consumed: go on.
      if (!session.isFatal(code)) continue
      const refusal = this.#refusal()
      const failure = session.describe(code)
      if (refusal === null) session.sendAlertFor(code)
      this.#flush()
      this.cancel(refusal ?? handshakeError(failure))
      return
    }
  }

  #flush(): void {
    const outgoing = this.#session.takeOutgoing()
    if (outgoing.length > 0) this.#base.write(outgoing)
  }
}
