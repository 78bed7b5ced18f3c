// Asks the user, or whoever stands in for one, what a TLS connection needs to know in its middle.
// Upstream: glib/gio/gtlsinteraction.c.

import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import type { TlsPassword } from './tls-password.ts'

/**
 * - `UNHANDLED`: nobody answered; go on as if there were no interaction.
 * - `HANDLED`: the answer is in the object asked about.
 * - `FAILED`: the user declined; the operation ends.
 */
export const TlsInteractionResult = { UNHANDLED: 'UNHANDLED', HANDLED: 'HANDLED', FAILED: 'FAILED' } as const
export type TlsInteractionResult = (typeof TlsInteractionResult)[keyof typeof TlsInteractionResult]

/** What is known about a server that asks for a client certificate. */
export interface TlsCertificateRequest {
  /** Who the connection is to; null when no identity was given. */
  readonly serverIdentity: string | null
  /** The authorities the server takes certificates from, as DER distinguished names; empty: any, or not known. */
  readonly acceptedCas: readonly Uint8Array[]
}

export interface TlsInteractionOptions {
  /** Aborted when the connection that asks is gone. */
  readonly signal?: AbortSignal | undefined
}

/** Override the methods you can answer; each of them answers nothing by itself. */
export class TlsInteraction {
  /** Fill `password` with `setValue` and return `HANDLED`. A rejection ends the operation with that error. */
  askPassword(_password: TlsPassword, _options?: TlsInteractionOptions): Promise<TlsInteractionResult> {
    return Promise.resolve(TlsInteractionResult.UNHANDLED)
  }

  /**
   * A server wants a client certificate: resolve with one that has its private key, or with null to go on without.
   * A rejection ends the handshake with that error.
   */
  requestCertificate(
    _request: TlsCertificateRequest,
    _options?: TlsInteractionOptions,
  ): Promise<TlsCertificate | null> {
    return Promise.resolve(null)
  }
}
