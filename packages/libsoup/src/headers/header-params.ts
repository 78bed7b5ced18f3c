// Reading and writing the list and parameter syntax many header fields share, RFC 9110 section 5.6. Used by
// MessageHeaders and its callers. Every function takes time linear in its input. Upstream: libsoup/soup-headers.c.

import { decodeExtValue, encodeExtValue } from './ext-value.ts'

/** Elements of a list that are looked at; no sender needs more, and those behind are left out. */
const MAX_ELEMENTS = 1000

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Whether `value` is a token (RFC 9110 section 5.6.2). */
export function isToken(value: string): boolean {
  return TOKEN.test(value)
}

/**
 * The elements of a comma-separated list, trimmed; empty ones are left out, quoted strings are kept whole. The first
 * 1,000 are returned.
 */
export function headerParseList(header: string): string[] {
  return splitOutsideQuotes(header, ',')
}

/**
 * The elements of `header` (`Accept` and its kin), best quality first, equals in their order. What an element has from its
 * `q` on is cut off. Elements with `q=0` are added to `unacceptable`. A malformed `q` counts as 1.
 */
export function headerParseQualityList(header: string, unacceptable: string[] = []): string[] {
  const weighted: { value: string; weight: number }[] = []
  for (const element of headerParseList(header)) {
    const { value, weight } = readQuality(element)
    if (weight > 0) weighted.push({ value, weight })
    else unacceptable.push(value)
  }
  return weighted.sort((a, b) => b.weight - a.weight).map(({ value }) => value)
}

/** Whether the list in `header` has `token`, in any letter case. */
export function headerContains(header: string, token: string): boolean {
  return listContains(header.toLowerCase(), token.toLowerCase())
}

/** Whether the list in `header` has `token`, spelled just so. */
export function headerContainsCaseSensitive(header: string, token: string): boolean {
  return listContains(header, token)
}

/**
 * `name=value` pairs separated by commas (`WWW-Authenticate` style), by their names in lower case; '' where there is no
 * value. Of equal names the first wins, but `name*=` (RFC 8187), stored as `name`, wins over all; one that does not
 * decode is left out.
 */
export function headerParseParamList(header: string): Map<string, string> {
  return parseParams(header, ',', false) ?? new Map<string, string>()
}

/** `name=value` pairs separated by semicolons (`Content-Type` style); else as `headerParseParamList`. */
export function headerParseSemiParamList(header: string): Map<string, string> {
  return parseParams(header, ';', false) ?? new Map<string, string>()
}

/** As `headerParseParamList`, but null when a name comes twice, or there are more than 1,000. */
export function headerParseParamListStrict(header: string): Map<string, string> | null {
  return parseParams(header, ',', true)
}

/** As `headerParseSemiParamList`, but null when a name comes twice, or there are more than 1,000. */
export function headerParseSemiParamListStrict(header: string): Map<string, string> | null {
  return parseParams(header, ';', true)
}

/** `value; a=b; c="d e"; f*=UTF-8''%C3%A9`: quotes what is no token, and writes what is not ASCII as RFC 8187 says. */
export function formatWithParams(value: string, params?: Iterable<readonly [string, string]>): string {
  let text = value
  for (const [name, param] of params ?? []) text += `; ${formatParam(name, param)}`
  return text
}

/** A quoted string (RFC 9110 section 5.6.4) of `value`, which must not have line breaks. */
export function quote(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}

/** Space, tab, line feed, form feed and carriage return; not the non-breaking space that `trim` takes away. */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d
}

/** The part of `text` from `start` up to `end` without the white space around it. */
export function trimmed(text: string, start = 0, end = text.length): string {
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function formatParam(name: string, value: string): string {
  if (isToken(value)) return `${name}=${value}`
  // eslint-disable-next-line no-control-regex -- ASCII is what is meant
  return /^[\x00-\x7f]*$/.test(value) ? `${name}=${quote(value)}` : `${name}*=${encodeExtValue(value)}`
}

function parseParams(header: string, separator: string, strict: boolean): Map<string, string> | null {
  const params = new Map<string, string>()
  const parts = splitOutsideQuotes(header, separator, MAX_ELEMENTS + 1)
  if (strict && parts.length > MAX_ELEMENTS) return null
  for (const part of parts.slice(0, MAX_ELEMENTS)) {
    const equals = part.indexOf('=')
    let name = (equals < 0 ? part : trimmed(part, 0, equals)).toLowerCase()
    if (name === '') continue
    const text = equals < 0 ? '' : trimmed(part, equals + 1)
    const extended = equals >= 0 && name.length > 1 && name.endsWith('*')
    if (extended) name = name.slice(0, -1)
    const value = extended ? decodeExtValue(text) : unquote(text)
    if (value === null) continue
    if (strict && params.has(name)) return null
    if (extended || !params.has(name)) params.set(name, value)
  }
  return params
}

/** What is between the first quote and the next that is not escaped; a missing one is forgiven. */
function unquote(value: string): string {
  if (!value.startsWith('"')) return value
  let text = ''
  for (let i = 1; i < value.length && value[i] !== '"'; i++) {
    if (value[i] === '\\' && i + 1 < value.length) i++
    text += value.charAt(i)
  }
  return text
}

function readQuality(element: string): { value: string; weight: number } {
  for (let semicolon = endOfElement(element, 0, ';'); semicolon < element.length;) {
    const next = endOfElement(element, semicolon + 1, ';')
    const param = trimmed(element, semicolon + 1, next)
    const weight = parseWeight(param)
    if (weight !== null) return { value: trimmed(element, 0, semicolon), weight }
    semicolon = next
  }
  return { value: element, weight: 1 }
}

/** The value of `q=0.500`, or null if `param` is another, or malformed. */
function parseWeight(param: string): number | null {
  const match = /^[qQ][ \t]*=[ \t]*([01])(?:\.(\d{0,3}))?/.exec(param)
  if (match === null) return null
  return match[1] === '1' ? 1 : Number(`0.${match[2] ?? ''}0`)
}

function listContains(header: string, token: string): boolean {
  for (let start = 0; start < header.length;) {
    const end = endOfElement(header, start, ',')
    if (trimmed(header, start, end) === token && token !== '') return true
    start = end + 1
  }
  return false
}

function splitOutsideQuotes(text: string, separator: string, limit = MAX_ELEMENTS): string[] {
  const parts: string[] = []
  for (let start = 0; start < text.length && parts.length < limit;) {
    const end = endOfElement(text, start, separator)
    const part = trimmed(text, start, end)
    if (part !== '') parts.push(part)
    start = end + 1
  }
  return parts
}

/** Index of the next `separator` outside quoted strings, or the length of `text`. */
function endOfElement(text: string, start: number, separator: string): number {
  let quoted = false
  let i = start
  for (; i < text.length; i++) {
    const char = text[i]
    if (char === '"') quoted = !quoted
    else if (quoted && char === '\\') i++
    else if (!quoted && char === separator) return i
  }
  return text.length
}
