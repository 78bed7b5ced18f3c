// Why AuthNegotiate gives the scheme up for a message, so that the next one is tried; told on its diagnostics channel. A
// server that fails to prove who it is, is an AuthError instead.

export type NegotiateErrorCode =
  | 'UNAVAILABLE' // koffi or the GSS-API library is not installed
  | 'GSSAPI_FAILED' // no ticket, no such service, or a token that is no good
  | 'TIMED_OUT' // the KDC took too long

const WHERE_TO_GET_IT =
  'install the package libgssapi-krb5-2 (Debian, Ubuntu), krb5-libs (Fedora), krb5 (Arch Linux) or krb5 (Homebrew)'

export class NegotiateError extends Error {
  override readonly name = 'NegotiateError'
  readonly domain = 'soup-negotiate-error-quark'
  readonly code: NegotiateErrorCode

  constructor(code: NegotiateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** `UNAVAILABLE` because what calls foreign libraries is missing; npm leaves it out where it has no build for the machine. */
export function koffiMissing(cause: unknown): NegotiateError {
  return new NegotiateError(
    'UNAVAILABLE',
    'Negotiate authentication could not load koffi: install the npm package koffi, with its optional dependencies.',
    { cause },
  )
}

/** `UNAVAILABLE` because the library, or a part of it, could not be loaded. */
export function libraryMissing(what: string, cause: unknown): NegotiateError {
  return new NegotiateError('UNAVAILABLE', `Negotiate authentication could not load ${what}: ${WHERE_TO_GET_IT}.`, {
    cause,
  })
}
