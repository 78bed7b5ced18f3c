// Failures of authentication itself, as opposed to a server that refuses, whose response is delivered. Thrown by schemes.

/** `MUTUAL_AUTHENTICATION_FAILED`: the server, or proxy, does not prove that it knows who we are. */
export type AuthErrorCode = 'MUTUAL_AUTHENTICATION_FAILED'

/** Fails the message whose response it is about. Upstream has no such domain: it does not check. */
export class AuthError extends Error {
  readonly domain = 'soup-auth-error-quark'
  readonly code: AuthErrorCode

  constructor(code: AuthErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'AuthError'
    this.code = code
  }
}
