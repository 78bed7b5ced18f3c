// Whether a server asks its clients for a certificate.
// Upstream: glib/gio/gioenums.h (GTlsAuthenticationMode).

/** What a server does about client certificates. */
export const TlsAuthenticationMode = {
  /** Does not ask. */
  NONE: 0,
  /** Asks, and carries on without one. */
  REQUESTED: 1,
  /** Asks, and ends the handshake without one. */
  REQUIRED: 2,
} as const

/** One of {@link TlsAuthenticationMode}. */
export type TlsAuthenticationMode = (typeof TlsAuthenticationMode)[keyof typeof TlsAuthenticationMode]
