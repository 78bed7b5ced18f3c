// `Content-Type` and `Content-Disposition` taken apart, and file names made safe, RFC 6266 and RFC 9110 section 8.3.
// Called by MessageHeaders. Upstream: parse_content_foo and sanitize_filename of libsoup/soup-message-headers.c.

import { Buffer } from 'node:buffer'
import { decodeUtf8 } from './ext-value.ts'
import { formatWithParams, headerParseSemiParamList, isToken, trimmed } from './header-params.ts'

/**
 * `type` of a `Content-Type` or `Content-Disposition` in lower case, and its parameters by lower-case name. A disposition
 * that starts with a parameter, as some sites send, has the type ''.
 */
export interface HeaderValueWithParams {
  readonly type: string
  readonly params: ReadonlyMap<string, string>
}

/** Null unless `value` starts with a type and a subtype. */
export function parseContentType(value: string): HeaderValueWithParams | null {
  const { type, rest } = splitType(value)
  const slash = type.indexOf('/')
  if (slash < 1 || slash === type.length - 1 || !isToken(type.slice(0, slash)) || !isToken(type.slice(slash + 1))) {
    return null
  }
  return { type: type.toLowerCase(), params: headerParseSemiParamList(rest) }
}

/** Null when `value` is empty. Its `filename` is safe to use as the name of a file; bytes that are UTF-8 are read so. */
export function parseContentDisposition(value: string): HeaderValueWithParams | null {
  const equals = value.indexOf('=')
  const semicolon = value.indexOf(';')
  const startsWithParam = equals >= 0 && (semicolon < 0 || equals < semicolon)
  const { type, rest } = startsWithParam ? { type: '', rest: value } : splitType(value)
  if (type === '' && !startsWithParam) return null
  const params = headerParseSemiParamList(rest)
  for (const [name, param] of params) params.set(name, fromRawUtf8(param))
  const filename = params.get('filename')
  if (filename === '') params.delete('filename')
  else if (filename !== undefined) params.set('filename', sanitizeFilename(filename))
  return { type: type.toLowerCase(), params }
}

/** With the file name made safe. */
export function formatContentDisposition(disposition: string, params?: Iterable<readonly [string, string]>): string {
  const safe = [...(params ?? [])].map(([name, value]): [string, string] => {
    return [name, name === 'filename' ? sanitizeFilename(value) : value]
  })
  return formatWithParams(disposition, safe)
}

/**
 * `name` without white space, dots and slashes at its ends, and with `_` for control characters and all that some file
 * system takes for more than a letter. It may come out empty.
 */
export function sanitizeFilename(name: string): string {
  let start = 0
  let end = name.length
  while (start < end && isUnsafeEnd(name.charAt(start))) start++
  while (end > start && isUnsafeEnd(name.charAt(end - 1))) end--
  // eslint-disable-next-line no-control-regex -- these are what is to go
  return name.slice(start, end).replace(/[\x00-\x1f\x7f"~*/:<>?\\|]/g, '_')
}

function isUnsafeEnd(char: string): boolean {
  return /[ \t\n\f\r/\\.]/.test(char)
}

function splitType(value: string): { type: string; rest: string } {
  const semicolon = value.indexOf(';')
  if (semicolon < 0) return { type: trimmed(value), rest: '' }
  return { type: trimmed(value, 0, semicolon), rest: value.slice(semicolon + 1) }
}

/** Fields are held as Latin-1, but those who send more than ASCII in one mean UTF-8. */
function fromRawUtf8(value: string): string {
  // What has characters beyond a byte has been decoded already.
  if (!/[\x80-\xff]/.test(value) || /[^\0-\xff]/.test(value)) return value
  return decodeUtf8(Buffer.from(value, 'latin1')) ?? value
}
