// MIME types as browsers read them: MIME Sniffing section 4.4 ("parse a MIME type") and 4.5. Called by data-uri and
// ContentSniffer. Not in upstream, which compares strings.

import { isToken } from '../headers/header-params.ts'

export interface MimeType {
  /** `type/subtype`, lower case. */
  readonly essence: string
  /** By lower-case name; of equal names the first counts. */
  readonly params: ReadonlyMap<string, string>
}

/** Null when `text` does not start with a type and a subtype. */
export function parseMimeType(text: string): MimeType | null {
  const essence = mimeTypeEssence(text)
  return essence === null ? null : { essence, params: parseParams(text, indexOrEnd(text, ';', 0)) }
}

/** Only the `type/subtype` of `parseMimeType`. */
export function mimeTypeEssence(text: string): string | null {
  const input = stripWhitespace(text.slice(0, indexOrEnd(text, ';', 0)))
  const slash = input.indexOf('/')
  if (slash < 0 || !isToken(input.slice(0, slash)) || !isToken(input.slice(slash + 1))) return null
  return input.toLowerCase()
}

/** `type/subtype;name=value`, quoting values that need it. */
export function serializeMimeType({ essence, params }: MimeType): string {
  let text = essence
  for (const [name, value] of params) {
    text += `;${name}=${isToken(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`
  }
  return text
}

/** `text` without the space, tab, line feed and carriage return around it ("HTTP whitespace"). */
export function stripWhitespace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isWhitespace(text[start])) start++
  while (end > start && isWhitespace(text[end - 1])) end--
  return text.slice(start, end)
}

function parseParams(input: string, semicolon: number): Map<string, string> {
  const params = new Map<string, string>()
  for (let at = semicolon + 1; at < input.length;) {
    const end = indexOrEnd(input, ';', at)
    const stop = at + indexOrEnd(input.slice(at, end), '=', 0) // not beyond `end`, or many would take long
    while (at < stop && isWhitespace(input[at])) at++
    const name = input.slice(at, stop).toLowerCase()
    at = stop + 1
    if (input[stop] !== '=') continue
    let value: string
    if (input[at] === '"') {
      const quoted = readQuoted(input, at)
      value = quoted.value
      at = indexOrEnd(input, ';', quoted.end) + 1
    } else {
      value = stripWhitespace(`=${input.slice(at, end)}`).slice(1) // behind it only
      at = end + 1
      if (value === '') continue
    }
    if (isToken(name) && isQuotable(value) && !params.has(name)) params.set(name, value)
  }
  return params
}

/** Fetch, "collect an HTTP quoted string" with its value extracted; a missing end is forgiven. */
function readQuoted(input: string, start: number): { value: string; end: number } {
  let value = ''
  let at = start + 1
  for (; at < input.length && input[at] !== '"'; at++) {
    if (input[at] === '\\' && at + 1 < input.length) at++
    value += input.charAt(at)
  }
  return { value, end: Math.min(at + 1, input.length) }
}

function isQuotable(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
}

function isWhitespace(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r'
}

function indexOrEnd(text: string, char: string, from: number): number {
  const index = text.indexOf(char, from)
  return index < 0 ? text.length : index
}
