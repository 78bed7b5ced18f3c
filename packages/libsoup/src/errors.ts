// The one error domain libsoup adds; transport failures stay gio's IOError, ResolverError and TlsError. Thrown by the
// session and its wire code. Upstream: libsoup/soup-session.h (SoupSessionError).

/** What went wrong, as a stable string; see the table in the package README. */
export type SessionErrorCode =
  | 'UNSUPPORTED_URI_SCHEME'
  | 'PARSING'
  | 'ENCODING'
  | 'TOO_MANY_REDIRECTS'
  | 'TOO_MANY_RESTARTS'
  | 'REDIRECT_NO_LOCATION'
  | 'REDIRECT_BAD_URI'
  | 'MESSAGE_ALREADY_IN_QUEUE'

/** A failure of HTTP itself: a bad URI, a response that is not HTTP, a body that does not decode, a redirect loop. */
export class SessionError extends Error {
  readonly domain = 'soup-session-error-quark'
  readonly code: SessionErrorCode

  constructor(code: SessionErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'SessionError'
    this.code = code
  }
}
