// Drives gnutls_handshake over datagrams: each one that comes, and each time one should have come, is another step.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c (handshake_thread_handshake). RFC 6347 section 4.2.4.

import { TlsError } from '@wpe-networking/glib-networking-base'
import { handshakeError } from '../errors.ts'
import { GNUTLS_E_AGAIN, GNUTLS_E_SUCCESS, GNUTLS_E_TIMEDOUT } from '../libgnutls.ts'
import type { DtlsSession } from './dtls-session.ts'

export class DtlsHandshake {
  readonly #session: DtlsSession
  readonly #flush: () => void
  readonly #refusal: () => unknown
  readonly #outcome = Promise.withResolvers<void>()
  #timer: NodeJS.Timeout | undefined
  #settled = false

  /**
   * @param flush Sends what the session has to send.
   * @param refusal Why the peer's certificate was refused, when it was; that then is the error.
   */
  constructor(session: DtlsSession, flush: () => void, refusal: () => unknown) {
    this.#session = session
    this.#flush = flush
    this.#refusal = refusal
  }

  /** Resolves when messages may flow. Until then each datagram is to be fed to the session and followed by {@link step}. */
  run(): Promise<void> {
    this.step()
    return this.#outcome.promise
  }

  /** Gives up: rejects with `reason`. The caller closes the session. */
  cancel(reason: unknown): void {
    this.#settle(() => this.#outcome.reject(reason))
  }

  /** Goes on as far as what has come allows, and sends a flight again that was not answered in time. */
  readonly step = (): void => {
    clearTimeout(this.#timer)
    let code: number
    do {
      if (this.#settled) return
      code = this.#session.handshake()
      // What is neither done nor fatal, such as a warning or a datagram that makes no sense, has been consumed.
    } while (code !== GNUTLS_E_SUCCESS && code !== GNUTLS_E_AGAIN && !this.#session.isFatal(code))
    if (this.#settled) return // acceptCertificate may have cancelled meanwhile.
    if (code === GNUTLS_E_SUCCESS) {
      this.#flush()
      this.#settle(() => this.#outcome.resolve())
    } else if (code === GNUTLS_E_AGAIN) {
      this.#flush()
      this.#timer = setTimeout(this.step, this.#session.retransmissionDelayMs)
    } else {
      this.#fail(code)
    }
  }

  #fail(code: number): void {
    const refusal = this.#refusal()
    const failure = this.#session.describe(code)
    if (refusal === null && code !== GNUTLS_E_TIMEDOUT) this.#session.sendAlertFor(code)
    this.#flush()
    if (code === GNUTLS_E_TIMEDOUT)
      this.cancel(new TlsError('HANDSHAKE', 'The peer did not answer the DTLS handshake in time.'))
    else this.cancel(refusal ?? handshakeError(failure))
  }

  #settle(settle: () => void): void {
    if (this.#settled) return
    this.#settled = true
    clearTimeout(this.#timer)
    settle()
  }
}
