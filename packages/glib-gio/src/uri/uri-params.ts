// Splits 'a=1&b=2' lists, as found in queries. Called by Uri.parseParams. Upstream: glib/guri.c (GUriParamsIter).

import { decodeComponent } from './uri-escape.ts'
import { UriError } from './uri-error.ts'
import { UriFlags, UriParamsFlags } from './uri-flags.ts'

/**
 * The attributes in `params`, decoded; a name that comes twice keeps its last value.
 *
 * @param separators Each character in it separates attributes.
 * @throws {UriError} `FAILED` for an attribute without `=` or with a bad `%`.
 */
export function parseUriParams(params: string, separators = '&', flags: UriParamsFlags = 0): Map<string, string> {
  const relaxed = flags & UriParamsFlags.PARSE_RELAXED ? UriFlags.PARSE_RELAXED : UriFlags.NONE
  const decode = (text: string): string =>
    decodeComponent(flags & UriParamsFlags.WWW_FORM ? text.replaceAll('+', ' ') : text, relaxed, 'FAILED')

  const result = new Map<string, string>()
  let start = 0
  while (start < params.length) {
    let end = start
    while (end < params.length && !separators.includes(params.charAt(end))) end++
    const attribute = params.slice(start, end)
    const equals = attribute.indexOf('=')
    if (equals < 0) throw new UriError('FAILED', 'The URI parameters hold an attribute without "=".')
    const name = decode(attribute.slice(0, equals))
    result.set(flags & UriParamsFlags.CASE_INSENSITIVE ? name.toLowerCase() : name, decode(attribute.slice(equals + 1)))
    start = end + 1
  }
  return result
}
