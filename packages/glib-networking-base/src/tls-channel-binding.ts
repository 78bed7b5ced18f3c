// The three ways to tie an authentication above TLS to the TLS connection below it, and the error of asking for one in vain.
// Upstream: glib/gio/gioenums.h (GTlsChannelBindingType, GTlsChannelBindingError). RFC 5929, RFC 9266.

/**
 * - `TLS_UNIQUE` (RFC 5929 section 3): the first Finished message of the handshake; not defined for TLS 1.3.
 * - `TLS_SERVER_END_POINT` (RFC 5929 section 4): a hash of the server's certificate.
 * - `TLS_EXPORTER` (RFC 9266): 32 bytes of exported keying material.
 */
export const TlsChannelBindingType = { TLS_UNIQUE: 0, TLS_SERVER_END_POINT: 1, TLS_EXPORTER: 100_500 } as const
export type TlsChannelBindingType = (typeof TlsChannelBindingType)[keyof typeof TlsChannelBindingType]

/**
 * - `NOT_IMPLEMENTED`: the backend cannot give this type at all.
 * - `INVALID_STATE`: the handshake is not done yet.
 * - `NOT_AVAILABLE`: this connection has none, such as a server end point without a certificate.
 * - `NOT_SUPPORTED`: the type is not defined for the protocol version or the certificate's signature.
 * - `GENERAL_ERROR`: the library failed.
 */
export type TlsChannelBindingErrorCode =
  'NOT_IMPLEMENTED' | 'INVALID_STATE' | 'NOT_AVAILABLE' | 'NOT_SUPPORTED' | 'GENERAL_ERROR'

/** Why there is no channel binding; the message is one plain sentence. */
export class TlsChannelBindingError extends Error {
  override readonly name = 'TlsChannelBindingError'
  /** GError's name for the domain. */
  readonly domain = 'g-tls-channel-binding-error-quark'
  readonly code: TlsChannelBindingErrorCode

  constructor(code: TlsChannelBindingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
