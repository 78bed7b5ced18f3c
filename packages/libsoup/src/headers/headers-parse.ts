// Reads whole header sections, with the request line or status line before them, as HTTP/1 writes them: RFC 9112 sections
// 2 to 5. For callers with such bytes at hand (multipart parts, archives, `message/http`); what comes over connections is
// parsed by undici and node:http. Linear time. Upstream: libsoup/soup-headers.c.

import { Buffer } from 'node:buffer'
import { MessageHeaders, MessageHeadersType } from './message-headers.ts'
import { Expectation } from './expectation.ts'
import { isToken, trimmed } from './header-params.ts'
import { HTTPVersion } from '../message/http-version.ts'

/** Bytes of a header section that are taken; upstream's limit. */
const MAX_HEADERS_BYTES = 256 * 1024

export interface StatusLine {
  readonly httpVersion: HTTPVersion
  readonly statusCode: number
  readonly reasonPhrase: string
}

export interface ParsedResponse extends StatusLine {
  readonly headers: MessageHeaders
}

/** What came of a request: its parts, or the status to answer with. */
export type ParsedRequest =
  | {
      readonly status: 200
      readonly method: string
      /** The request target, as it came. */
      readonly path: string
      readonly httpVersion: HTTPVersion
      readonly headers: MessageHeaders
    }
  /** Malformed; an expectation that is not known; a version that is not 1.0 or 1.1. */
  | { readonly status: 400 | 417 | 505 }

/**
 * Appends the fields in `data` to `headers`. The first line, a request line or the like, is passed over, so `data` holds at
 * least the line feed that ends it. Lines end with LF or CRLF; continued lines are joined by a space; lines without a
 * colon, without a name, or with anything but a token for a name are passed over, and so are their continuations.
 *
 * @returns False when `data` has a NUL or another control character in a value, a last line without an end, more than
 *   256 KiB, or two `Host` (in a request) or `Content-Length` that differ. Then some fields may have been appended.
 */
export function headersParse(data: Uint8Array | string, headers: MessageHeaders): boolean {
  const text = asText(data)
  if (text === null || text.includes('\0') || !text.endsWith('\n')) return false
  let start = text.indexOf('\n') + 1
  while (start < text.length) {
    const end = endOfField(text, start)
    if (!appendField(headers, text.slice(start, end))) return false
    start = end + 1
  }
  return true
}

/** Reads a request up to the end of its headers. Empty lines before it are passed over. */
export function headersParseRequest(data: Uint8Array | string): ParsedRequest {
  const text = withoutEmptyLines(asText(data) ?? '')
  const [method, path, version, ...more] = wordsOf(text.slice(0, Math.max(0, text.indexOf('\n'))))
  if (method === undefined || path === undefined || version === undefined || more.length > 0) return { status: 400 }
  if (!isToken(method) || !/^[^\x00-\x20\x7f]+$/.test(path)) return { status: 400 } // eslint-disable-line no-control-regex
  const match = /^HTTP\/(\d{1,9})\.(\d{1,9})$/.exec(version)
  if (match === null) return { status: 400 }
  if (Number(match[1]) !== 1 || Number(match[2]) > 1) return { status: 505 }
  const headers = new MessageHeaders(MessageHeadersType.REQUEST)
  if (!headersParse(text, headers)) return { status: 400 }
  if (headers.expectations === Expectation.UNRECOGNIZED) return { status: 417 }
  const httpVersion = Number(match[2]) === 0 ? HTTPVersion.HTTP_1_0 : HTTPVersion.HTTP_1_1
  if (httpVersion === HTTPVersion.HTTP_1_0) headers.cleanConnectionHeaders()
  return { status: 200, method, path, httpVersion, headers }
}

/** Reads a response up to the end of its headers; null when it is none. Empty lines before it are passed over. */
export function headersParseResponse(data: Uint8Array | string): ParsedResponse | null {
  const text = withoutEmptyLines(asText(data) ?? '')
  const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
  if (!headersParse(text, headers)) return null
  const statusLine = headersParseStatusLine(text.slice(0, text.indexOf('\n')))
  if (statusLine === null) return null
  if (statusLine.httpVersion === HTTPVersion.HTTP_1_0) headers.cleanConnectionHeaders()
  return { ...statusLine, headers }
}

/** Reads `HTTP/1.1 200 OK`, with or without an end of line; null when it is none. `ICY 200 OK` counts as HTTP/1.0. */
export function headersParseStatusLine(line: string): StatusLine | null {
  const head = /^(?:HTTP\/(\d{1,9})\.(\d{1,9})(?!\d)|ICY)[ \t]{0,99}(\d{3})(?!\d)/.exec(line)
  if (head === null) return null
  const [all, major = '1', minor = '0', code] = head
  if (Number(major) !== 1 || Number(minor) > 1 || Number(code) < 100) return null
  const end = line.indexOf('\n')
  return {
    httpVersion: Number(minor) === 0 ? HTTPVersion.HTTP_1_0 : HTTPVersion.HTTP_1_1,
    statusCode: Number(code),
    reasonPhrase: trimmed(line, all.length, end < 0 ? line.length : end),
  }
}

/** Null when there is more than is taken. Bytes become characters one by one, as header fields hold them. */
function asText(data: Uint8Array | string): string | null {
  if (data.length > MAX_HEADERS_BYTES) return null
  return typeof data === 'string' ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')
}

function withoutEmptyLines(text: string): string {
  let start = 0
  while (text[start] === '\r' || text[start] === '\n') start++
  return text.slice(start)
}

/** Between spaces and tabs, and without the carriage return at the end. */
function wordsOf(line: string): string[] {
  return line.startsWith(' ') || line.startsWith('\t') ? [] : trimmed(line).split(/[ \t]+/)
}

/** Index of the line feed that no continuation follows. */
function endOfField(text: string, start: number): number {
  let end = text.indexOf('\n', start)
  while (text[end + 1] === ' ' || text[end + 1] === '\t') end = text.indexOf('\n', end + 1)
  return end
}

/** False when the section must be refused; a line that is no field does no harm. */
function appendField(headers: MessageHeaders, line: string): boolean {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(0, colon))
  if (!isToken(name)) return true
  try {
    headers.append(name, unfolded(line.slice(colon + 1)))
    return true
  } catch (error) {
    if (error instanceof TypeError) return false // what `append` refuses
    throw error
  }
}

/** Ends of line become one space, together with all white space around them. */
function unfolded(value: string): string {
  const lines = value.split('\n').map((line) => trimmed(line))
  return lines
    .filter((line) => line !== '')
    .join(' ')
    .replace(/\r/g, ' ')
}
