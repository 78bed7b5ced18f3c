// Turns what was typed into a URI, as WPE's MiniBrowser does: bare words become http:// URIs.

import { LoadError } from '../load-error.ts'

// `host:8080/x` looks like a scheme named "host", but schemes are not followed by a port.
const HOST_AND_PORT = /^(?:[^:/?#[\]@\s]+|\[[0-9a-fA-F:.]+\]):\d{1,5}(?:[/?#]|$)/
const SCHEME = /^[a-zA-Z][a-zA-Z0-9+.-]*:/

/**
 * The absolute URI meant by `argument`: unchanged when it has a scheme, else with `http://` in front.
 *
 * @throws {LoadError} `WebKitPolicyError` `CANNOT_SHOW_URI` when it cannot be parsed.
 */
export function uriFromArgument(argument: string): string {
  const text = argument.trim()
  const hasScheme = SCHEME.test(text) && !HOST_AND_PORT.test(text)
  const parsed = text === '' ? null : URL.parse(hasScheme ? text : `http://${text.replace(/^\/\//, '')}`)
  if (!parsed) throw new LoadError('WebKitPolicyError', 'CANNOT_SHOW_URI', `The URI "${argument}" is not valid.`)
  return parsed.href
}
