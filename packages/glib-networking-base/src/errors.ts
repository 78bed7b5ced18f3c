// The one error domain of the TLS layer; thrown by both backends and by certificate parsing.
// Upstream: glib/gio/gioenums.h (GTlsError).

import type { TlsCertificateFlags } from './tls-certificate-flags.ts'

/**
 * - `UNAVAILABLE`: the backend's library is missing or too old.
 * - `MISC`: anything that fits no other code.
 * - `BAD_CERTIFICATE`: a certificate could not be parsed, or was not accepted (then `flags` says why).
 * - `NOT_TLS`: the peer does not speak TLS.
 * - `HANDSHAKE`: the two sides could not agree (version, cipher, protocol, alert).
 * - `CERTIFICATE_REQUIRED`: the peer asked for a certificate and there was none.
 * - `EOF`: the peer closed without saying so (no close_notify), or in the middle of the handshake.
 * - `INAPPROPRIATE_FALLBACK`: the server refused a fallback to an older version (RFC 7507).
 * - `BAD_CERTIFICATE_PASSWORD`: a private key could not be decrypted.
 */
export type TlsErrorCode =
  | 'UNAVAILABLE'
  | 'MISC'
  | 'BAD_CERTIFICATE'
  | 'NOT_TLS'
  | 'HANDSHAKE'
  | 'CERTIFICATE_REQUIRED'
  | 'EOF'
  | 'INAPPROPRIATE_FALLBACK'
  | 'BAD_CERTIFICATE_PASSWORD'

export interface TlsErrorOptions {
  /** The failed checks, for `BAD_CERTIFICATE`. */
  readonly flags?: TlsCertificateFlags
  /** What the library or the system said. */
  readonly cause?: unknown
}

/** An error of the TLS layer; the message is one plain sentence. */
export class TlsError extends Error {
  override readonly name = 'TlsError'
  /** GError's name for the domain. */
  readonly domain = 'g-tls-error-quark'
  readonly code: TlsErrorCode
  /** The failed checks of a certificate that was not accepted; 0 for every other error. */
  readonly flags: TlsCertificateFlags

  constructor(code: TlsErrorCode, message: string, options: TlsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.flags = options.flags ?? 0
  }
}
