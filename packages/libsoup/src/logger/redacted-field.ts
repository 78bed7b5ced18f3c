// Header fields as they may stand in a log. Called by Logger. Upstream: soup_logger_print_basic_auth of
// libsoup/soup-logger.c, which covers Basic in Authorization; here all that anybody could use again is covered.

import { Buffer } from 'node:buffer'

/** `Name: value`; credentials are replaced by stars, of Basic all but the user. Digest, which has no secret, stays. */
export function redactedField(name: string, value: string): string {
  const lower = name.toLowerCase()
  if (lower !== 'authorization' && lower !== 'proxy-authorization') return `${name}: ${value}`
  const space = value.indexOf(' ')
  const scheme = space < 0 ? '' : value.slice(0, space)
  if (scheme.toLowerCase() === 'digest') return `${name}: ${value}`
  if (scheme.toLowerCase() !== 'basic') return `${name}: ${scheme === '' ? '' : `${scheme} `}****`
  const credentials = Buffer.from(value.slice(space + 1), 'base64').toString()
  const colon = credentials.indexOf(':')
  // eslint-disable-next-line no-control-regex -- a terminal would obey these
  const user = credentials.slice(0, Math.max(0, colon)).replace(/[\x00-\x1f\x7f-\x9f]/g, '.')
  return `${name}: Basic [${user}:****]`
}
