// The error domain of name resolution. Thrown by Resolver and everything that enumerates a NetworkAddress.
// Upstream: glib/gio/gioenums.h (GResolverError), gthreadedresolver.c (g_resolver_error_from_addrinfo_error).

import { IOError } from '../io-error.ts'
import { nodeErrorCode } from '../node-error.ts'

/**
 * `NOT_FOUND`: the name does not exist or has no address. `TEMPORARY_FAILURE`: no server could answer now, trying again
 * may help. `INTERNAL`: anything else.
 */
export type ResolverErrorCode = 'NOT_FOUND' | 'TEMPORARY_FAILURE' | 'INTERNAL'

/** A name could not be turned into addresses. */
export class ResolverError extends Error {
  override readonly name = 'ResolverError'
  readonly domain = 'g-resolver-error-quark'
  readonly code: ResolverErrorCode

  constructor(code: ResolverErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /** The name does not exist; also used for names that no DNS server needs to be asked about. */
  static notFound(hostname: string, options?: ErrorOptions): ResolverError {
    return new ResolverError('NOT_FOUND', `The host "${printable(hostname)}" was not found.`, options)
  }

  /** The name has no record of the kind that was asked for. */
  static noRecords(name: string, options?: ErrorOptions): ResolverError {
    const message = `The name "${printable(name)}" has no record of this kind.`
    return new ResolverError('NOT_FOUND', message, options)
  }

  /** Nobody could answer now; trying again later may help. */
  static temporaryFailure(hostname: string, options?: ErrorOptions): ResolverError {
    const message = `The host "${printable(hostname)}" cannot be looked up at the moment.`
    return new ResolverError('TEMPORARY_FAILURE', message, options)
  }

  /** Turns an error of `node:dns` about `hostname` into an error of this domain, or `IOError` where DNS is not allowed. */
  static fromNode(error: unknown, hostname: string): ResolverError | IOError {
    const name = printable(hostname)
    switch (nodeErrorCode(error)) {
      case 'ENOTFOUND': // EAI_NONAME and EAI_NODATA both arrive as this
      case 'ENODATA':
        return ResolverError.notFound(hostname, { cause: error })
      case 'EAI_AGAIN':
      case 'ETIMEOUT':
      case 'ESERVFAIL':
      case 'ECONNREFUSED': // no name server is listening
        return ResolverError.temporaryFailure(hostname, { cause: error })
      case 'ERR_ACCESS_DENIED':
      case 'EMFILE':
      case 'ENFILE':
        return IOError.fromNode(error, `Could not look up the host "${name}"`)
      default:
        return new ResolverError('INTERNAL', `Looking up the host "${name}" failed.`, { cause: error })
    }
  }
}

/** Names come from pages: keep what ends up in messages and on terminals short and free of control characters. */
function printable(hostname: string): string {
  // eslint-disable-next-line no-control-regex -- taking them out is the point
  const clean = hostname.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd')
  return clean.length > 253 ? `${clean.slice(0, 252)}…` : clean
}
