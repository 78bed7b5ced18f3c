// The error domain of URI parsing. Thrown by Uri. Upstream: glib/guri.h (GUriError).

/** Which part of the URI is wrong; `FAILED` when no single part is to blame. */
export type UriErrorCode =
  | 'FAILED'
  | 'BAD_SCHEME'
  | 'BAD_USER'
  | 'BAD_PASSWORD'
  | 'BAD_AUTH_PARAMS'
  | 'BAD_HOST'
  | 'BAD_PORT'
  | 'BAD_PATH'
  | 'BAD_QUERY'
  | 'BAD_FRAGMENT'

/** A string is not a URI, or parts do not make one. */
export class UriError extends Error {
  override readonly name = 'UriError'
  readonly domain = 'g-uri-quark'
  readonly code: UriErrorCode

  constructor(code: UriErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
