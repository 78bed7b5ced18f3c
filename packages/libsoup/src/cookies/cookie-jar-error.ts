// Failures of a cookie jar's database. Thrown by CookieJarDB. Upstream: libsoup/cookies/soup-cookie-jar.h.

export type CookieJarErrorCode = 'DB'

/** A database could not be opened, read or written; `cause` is the IOError that says why. */
export class CookieJarError extends Error {
  override readonly name = 'CookieJarError'
  readonly domain = 'soup-cookie-jar-error-quark'
  readonly code: CookieJarErrorCode

  constructor(code: CookieJarErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
