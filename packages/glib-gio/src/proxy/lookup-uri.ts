// Reads the URI that a proxy resolver is asked about. Called by the resolvers.

import { IOError } from '../io-error.ts'
import { Uri } from '../uri/uri.ts'
import { defaultSchemePort } from '../uri/uri-scheme.ts'

export interface LookupTarget {
  /** Lower case. */
  readonly scheme: string
  /** Lower case, in ASCII; an IP address without brackets. */
  readonly host: string
  /** The scheme's own when the URI names none; 0 when it has none. */
  readonly port: number
}

/** @throws {IOError} `INVALID_ARGUMENT` when `uri` is no URI with a host. */
export function parseLookupUri(uri: string): LookupTarget {
  try {
    const { scheme, host, port } = Uri.parse(uri)
    if (host !== null && host !== '') {
      const lower = scheme.toLowerCase()
      return { scheme: lower, host: host.toLowerCase(), port: port > 0 ? port : Math.max(defaultSchemePort(lower), 0) }
    }
  } catch (cause) {
    throw new IOError('INVALID_ARGUMENT', 'A proxy cannot be looked up for what is no URI.', { cause })
  }
  throw new IOError('INVALID_ARGUMENT', 'A proxy cannot be looked up for a URI without a host.')
}
