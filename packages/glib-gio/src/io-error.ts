// The error domain of everything that moves bytes or opens sockets. Thrown by every class of this package and by the
// layers above it. Upstream: glib/gio/gioenums.h (GIOErrorEnum), gioerror.c.

import { meaningOfNodeError } from './node-error.ts'

/** The codes of {@link IOError}; each is its own name, so `error.code === IOErrorEnum.TIMED_OUT` reads as upstream. */
export const IOErrorEnum = {
  FAILED: 'FAILED',
  NOT_FOUND: 'NOT_FOUND',
  EXISTS: 'EXISTS',
  IS_DIRECTORY: 'IS_DIRECTORY',
  NOT_DIRECTORY: 'NOT_DIRECTORY',
  NOT_EMPTY: 'NOT_EMPTY',
  FILENAME_TOO_LONG: 'FILENAME_TOO_LONG',
  TOO_MANY_LINKS: 'TOO_MANY_LINKS',
  READ_ONLY: 'READ_ONLY',
  NO_SPACE: 'NO_SPACE',
  INVALID_ARGUMENT: 'INVALID_ARGUMENT',
  PERMISSION_DENIED: 'PERMISSION_DENIED',
  NOT_SUPPORTED: 'NOT_SUPPORTED',
  CLOSED: 'CLOSED',
  CANCELLED: 'CANCELLED',
  PENDING: 'PENDING',
  TIMED_OUT: 'TIMED_OUT',
  BUSY: 'BUSY',
  WOULD_BLOCK: 'WOULD_BLOCK',
  HOST_NOT_FOUND: 'HOST_NOT_FOUND',
  TOO_MANY_OPEN_FILES: 'TOO_MANY_OPEN_FILES',
  NOT_INITIALIZED: 'NOT_INITIALIZED',
  ADDRESS_IN_USE: 'ADDRESS_IN_USE',
  PARTIAL_INPUT: 'PARTIAL_INPUT',
  INVALID_DATA: 'INVALID_DATA',
  HOST_UNREACHABLE: 'HOST_UNREACHABLE',
  NETWORK_UNREACHABLE: 'NETWORK_UNREACHABLE',
  CONNECTION_REFUSED: 'CONNECTION_REFUSED',
  PROXY_FAILED: 'PROXY_FAILED',
  PROXY_AUTH_FAILED: 'PROXY_AUTH_FAILED',
  PROXY_NEED_AUTH: 'PROXY_NEED_AUTH',
  PROXY_NOT_ALLOWED: 'PROXY_NOT_ALLOWED',
  BROKEN_PIPE: 'BROKEN_PIPE',
  CONNECTION_CLOSED: 'CONNECTION_CLOSED',
  NOT_CONNECTED: 'NOT_CONNECTED',
  MESSAGE_TOO_LARGE: 'MESSAGE_TOO_LARGE',
} as const
export type IOErrorEnum = (typeof IOErrorEnum)[keyof typeof IOErrorEnum]

/** An I/O failure. `message` is one sentence fit for a user; the error that led here is `cause`. */
export class IOError extends Error {
  override readonly name = 'IOError'
  readonly domain = 'g-io-error-quark'
  readonly code: IOErrorEnum

  constructor(code: IOErrorEnum, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /**
   * Turns an error of Node (`ECONNREFUSED`, `ERR_ACCESS_DENIED`, …) into an `IOError`, keeping it as `cause`. An
   * `IOError` comes back as it is.
   *
   * @param what What was being done, as the start of a sentence: 'Could not connect to example.org'.
   */
  static fromNode(error: unknown, what?: string): IOError {
    if (error instanceof IOError) return error
    const { code, reason } = meaningOfNodeError(error)
    const message = what === undefined ? reason.charAt(0).toUpperCase() + reason.slice(1) : `${what}: ${reason}`
    return new IOError(code, `${message}.`, { cause: error })
  }

  /** The error of an aborted operation; the signal's reason is kept as `cause`. */
  static cancelled(signal?: AbortSignal): IOError {
    return new IOError('CANCELLED', 'The operation was cancelled.', { cause: signal?.reason })
  }

  /** Throws `CANCELLED` if `signal` has been aborted. Upstream: g_cancellable_set_error_if_cancelled. */
  static throwIfCancelled(signal: AbortSignal | undefined): void {
    if (signal?.aborted) throw IOError.cancelled(signal)
  }
}
