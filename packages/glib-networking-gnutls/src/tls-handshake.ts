// Drives gnutls_handshake over a base stream until it is done, failed or cancelled; used by TlsConnectionGnutls, once.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c (handshake_thread_handshake). RFC 8446 section 4.

import type { BaseReceiver, BaseStream } from './base-stream.ts'
import type { CertificateRequestGate } from './certificate-request/certificate-request-gate.ts'
import { closedDuringHandshake, handshakeError } from './errors.ts'
import type { GnutlsSession } from './gnutls-session.ts'
import { GNUTLS_E_AGAIN, GNUTLS_E_SUCCESS } from './libgnutls.ts'

/** Room for a usual flight, so that its messages leave in one chunk. */
const FLIGHT_BYTES = 4096
/** A whole record of that type, RFC 8446 section 5 and appendix D.4; no other record is that short. */
const CHANGE_CIPHER_SPEC_BYTES = 6
/** Most that is taken from the peer while somebody is asked for a certificate. */
const MAXIMUM_WAITING_BYTES = 262_144

export interface TlsHandshakeSteps {
  readonly session: GnutlsSession
  readonly base: BaseStream
  /** Why the peer's certificate was refused, when it was; that then is the error. */
  refusal(): unknown
  /** What everything received passes first; null when there is nobody to ask for a certificate. */
  readonly gate: CertificateRequestGate | null
}

export class TlsHandshake implements BaseReceiver {
  readonly #steps: TlsHandshakeSteps
  readonly #outcome = Promise.withResolvers<void>()
  #settled = false

  constructor(steps: TlsHandshakeSteps) {
    this.#steps = steps
  }

  /**
   * Resolves when application data may flow; what is then still to be sent waits in the session, for the first data to
   * go with it. On failure the peer has been sent the alert it is due.
   */
  run(): Promise<void> {
    this.#step()
    if (!this.#settled) this.#steps.base.start(this)
    return this.#outcome.promise
  }

  /** Gives up: rejects with `reason`. The caller closes the session. */
  cancel(reason: unknown): void {
    if (this.#settled) return
    this.#settled = true
    this.#outcome.reject(reason)
  }

  /** Goes on after the gate has been opened. */
  resume(): void {
    this.#steps.base.resume()
    this.#passGate()
  }

  onData(chunk: Buffer): void {
    const { session, gate } = this.#steps
    if (gate !== null) {
      gate.add(chunk)
      this.#passGate()
      return
    }
    // Also when done: application data may come before the data stream has taken over.
    session.feed(chunk)
    if (!this.#settled) this.#step()
  }

  onEnd(): void {
    // While somebody is asked, what the library has not seen yet is not the end; but nobody is left to be answered.
    if (this.#steps.gate?.shut === true) this.cancel(closedDuringHandshake())
    this.#steps.session.feedEnd()
    if (!this.#settled) this.#step()
  }

  onError(error: NodeJS.ErrnoException): void {
    // A peer that resets has closed the connection, as one has that ends it.
    this.cancel(error.code === 'ECONNRESET' || error.code === 'EPIPE' ? closedDuringHandshake(error) : error)
  }

  onClose(): void {
    this.onEnd()
  }

  #passGate(): void {
    const { session, base, gate } = this.#steps
    if (gate === null) return
    for (let part = gate.next(); part !== null; part = gate.next()) {
      session.feed(part)
      if (this.#settled) gate.open()
      else this.#step()
    }
    if (gate.shut && gate.waitingBytes > MAXIMUM_WAITING_BYTES) base.pause()
  }

  #step(): void {
    const { session } = this.#steps
    for (;;) {
      const available = session.readableBytes
      session.expect(FLIGHT_BYTES, 0)
      const code = session.handshake()
      // A callback may have cancelled meanwhile.
      if (this.#settled) return
      if (code === GNUTLS_E_SUCCESS) {
        this.#settled = true
        this.#outcome.resolve()
        return
      }
      if (code === GNUTLS_E_AGAIN) {
        // It says this also for each record that does not complete a message, with more of them waiting.
        if (session.readableBytes > 0 && session.readableBytes < available) continue
        // A change_cipher_spec on its own asks for no answer, and would hold back what follows as any small segment does.
        if (session.outgoingBytes !== CHANGE_CIPHER_SPEC_BYTES) this.#flush()
        return
      }
      // What is not fatal (a warning alert, an interruption) has been consumed: go on.
      if (!session.isFatal(code)) continue
      const refusal = this.#steps.refusal()
      const failure = session.describe(code)
      if (refusal === null) session.sendAlertFor(code)
      this.#flush()
      this.cancel(refusal ?? handshakeError(failure))
      return
    }
  }

  #flush(): void {
    const outgoing = this.#steps.session.takeOutgoing()
    if (outgoing.length > 0) this.#steps.base.write(outgoing)
  }
}
