// The header section of a request or response: an ordered multimap with case-insensitive names, RFC 9110 section 5.
// Filled by callers, by the wire code and by the server. Upstream: libsoup/soup-message-headers.c.

import { formatContentDisposition, parseContentDisposition, parseContentType } from './content-fields.ts'
import type { HeaderValueWithParams } from './content-fields.ts'
import { Expectation } from './expectation.ts'
import { formatWithParams, headerContains, headerParseList, isToken } from './header-params.ts'
import { formatContentRange, formatRange, parseContentRange, parseRange } from './ranges.ts'
import type { ContentRange, Range } from './ranges.ts'

/** What kind of header section it is, which decides what its framing headers mean. */
export const MessageHeadersType = { REQUEST: 0, RESPONSE: 1, MULTIPART: 2 } as const
export type MessageHeadersType = (typeof MessageHeadersType)[keyof typeof MessageHeadersType]

/** How the body's end is found, RFC 9112 section 6. */
export const Encoding = {
  UNRECOGNIZED: 0,
  NONE: 1,
  CONTENT_LENGTH: 2,
  EOF: 3,
  CHUNKED: 4,
  BYTERANGES: 5,
} as const
export type Encoding = (typeof Encoding)[keyof typeof Encoding]

/** Header fields by lower-case name, as HTTP parsers hand them over beside the raw list. */
export type IndexedHeaders = Readonly<Record<string, string | string[] | undefined>>

// Field values: no control characters but tab (RFC 9110 section 5.5); bytes above 127 travel as Latin-1.
const INVALID_VALUE = /[^\t\x20-\x7e\x80-\xff]/

/** Names keep the spelling they were given or received with; lookups ignore letter case; order is kept. */
export class MessageHeaders implements Iterable<[name: string, value: string]> {
  readonly headersType: MessageHeadersType
  // Name, value, name, value…: the very list the HTTP/1 writer takes.
  #fields: string[] = []
  // What was received stays undecoded until somebody walks the list; most responses are only asked for single fields.
  #received: readonly (Buffer | string)[] | null = null
  #index: IndexedHeaders | null = null

  constructor(headersType: MessageHeadersType = MessageHeadersType.REQUEST) {
    this.headersType = headersType
  }

  /**
   * Wraps a parser's output without decoding it: `raw` is name, value, name, value… in wire order, `index` the same
   * fields by lower-case name. Both are kept, not copied.
   */
  static fromReceived(
    headersType: MessageHeadersType,
    raw: readonly (Buffer | string)[],
    index: IndexedHeaders | null,
  ): MessageHeaders {
    const headers = new MessageHeaders(headersType)
    headers.#received = raw
    headers.#index = index
    return headers
  }

  /** Number of fields; a name given twice counts twice. */
  get size(): number {
    return this.#list().length / 2
  }

  /**
   * Adds a field after those there are. A second `Content-Length` that says the same is left out.
   *
   * @throws {TypeError} When the name is no token or the value has a control character; for a second `Host` of a request;
   *   for a second `Content-Length` that says something else.
   */
  append(name: string, value: string): void {
    checkField(name, value)
    if ((name.length === 4 || name.length === 14) && this.#isRepeated(name, value)) return
    const fields = this.#list()
    this.#index = null
    fields.push(name, value)
  }

  /** Sets the one value of `name`, in the place of its first occurrence; others of the name go. Throws as `append`. */
  replace(name: string, value: string): void {
    checkField(name, value)
    const fields = this.#list()
    const at = find(fields, name, 0)
    if (at < 0) {
      this.#index = null
      fields.push(name, value)
      return
    }
    this.#removeFrom(fields, name, at + 2)
    fields[at] = name
    fields[at + 1] = value
  }

  /** Takes every field of `name` away; nothing happens if there is none. */
  remove(name: string): void {
    this.#removeFrom(this.#list(), name, 0)
  }

  clear(): void {
    this.#received = null
    this.#index = null
    this.#fields = []
  }

  /** The value of `name`, the last one if it came more than once, or null. */
  getOne(name: string): string | null {
    if (this.#index !== null) {
      const value = this.#indexed(name)
      if (value === undefined) return null
      return typeof value === 'string' ? value : (value.at(-1) ?? null)
    }
    const fields = this.#list()
    for (let i = fields.length - 2; i >= 0; i -= 2) {
      if (sameName(fields[i], name)) return fields[i + 1] ?? null
    }
    return null
  }

  /** All values of `name` joined with `', '`, or null. Not for `Set-Cookie`, whose values hold commas: see `getAll`. */
  getList(name: string): string | null {
    const values = this.getAll(name)
    return values.length === 0 ? null : values.join(', ')
  }

  /** The values of `name` one by one, in order; empty if there is none. */
  getAll(name: string): string[] {
    if (this.#index !== null) {
      const value = this.#indexed(name)
      if (value === undefined) return []
      return typeof value === 'string' ? [value] : value
    }
    const fields = this.#list()
    const values: string[] = []
    for (let i = find(fields, name, 0); i >= 0; i = find(fields, name, i + 2)) values.push(fields[i + 1] as string)
    return values
  }

  has(name: string): boolean {
    if (this.#index !== null) return this.#indexed(name) !== undefined
    return find(this.#list(), name, 0) >= 0
  }

  /** Whether the comma-separated list in `name` has `token`, in any letter case. */
  headerContains(name: string, token: string): boolean {
    const list = this.getList(name)
    return list !== null && headerContains(list, token)
  }

  /** Whether `name` has exactly this value, in any letter case. */
  headerEquals(name: string, value: string): boolean {
    return this.getList(name)?.toLowerCase() === value.toLowerCase()
  }

  /** Takes away what only concerned the connection: the fields that `Connection` names (RFC 9110 section 7.6.1). */
  cleanConnectionHeaders(): void {
    for (const name of headerParseList(this.getList('connection') ?? '')) this.remove(name)
  }

  forEach(callback: (name: string, value: string) => void): void {
    const fields = this.#list()
    for (let i = 0; i < fields.length; i += 2) callback(fields[i] as string, fields[i + 1] as string)
  }

  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    const fields = this.#list()
    for (let i = 0; i < fields.length; i += 2) yield [fields[i] as string, fields[i + 1] as string]
  }

  /** Name, value, name, value… in order. The array is the live one: read it, do not change it. */
  toRawList(): readonly string[] {
    return this.#list()
  }

  /**
   * `Content-Length` in bytes, or null if it is missing, malformed, or overruled by a `Transfer-Encoding`. Setting it
   * takes the `Transfer-Encoding` away; setting null takes both away.
   */
  get contentLength(): number | null {
    const value = this.getOne('content-length')
    return value !== null && isLength(value) && !this.has('transfer-encoding') ? Number(value) : null
  }

  set contentLength(length: number | null) {
    if (length === null) this.remove('Content-Length')
    else this.replace('Content-Length', String(length))
    if (this.has('transfer-encoding')) this.remove('Transfer-Encoding')
  }

  /** The media type of `Content-Type` in lower case, without parameters, or null if it is missing or malformed. */
  get contentType(): string | null {
    return this.getContentType()?.type ?? null
  }

  getContentType(): HeaderValueWithParams | null {
    const value = this.getOne('content-type')
    return value === null ? null : parseContentType(value)
  }

  setContentType(contentType: string, params?: Iterable<readonly [string, string]>): void {
    this.replace('Content-Type', formatWithParams(contentType, params))
  }

  /** Null if there is none. A `filename` in it is made safe: it has no directories, control characters and the like. */
  getContentDisposition(): HeaderValueWithParams | null {
    const value = this.getOne('content-disposition')
    return value === null ? null : parseContentDisposition(value)
  }

  /** A `filename` is made safe; parameters that are not ASCII are written as RFC 8187 says. */
  setContentDisposition(disposition: string, params?: Iterable<readonly [string, string]>): void {
    this.replace('Content-Disposition', formatContentDisposition(disposition, params))
  }

  /** Bits of {@link Expectation}: what `Expect` asks for. Only `Expectation.CONTINUE` and `NONE` can be set. */
  get expectations(): Expectation {
    const value = this.getOne('expect')
    if (value === null) return Expectation.NONE
    return value.toLowerCase() === '100-continue' ? Expectation.CONTINUE : Expectation.UNRECOGNIZED
  }

  set expectations(expectations: Expectation) {
    if (expectations === Expectation.CONTINUE) this.replace('Expect', '100-continue')
    else if (expectations === Expectation.NONE) this.remove('Expect')
    else throw new TypeError('Only the expectation CONTINUE can be asked for.')
  }

  /**
   * What `Range` asks for of a body of `totalLength` bytes, sorted, cut to it and joined where they overlap; null when
   * there is nothing to honour: no such field, another unit, a malformed field, more than 200 ranges, or none within
   * the body.
   */
  getRanges(totalLength: number): readonly Range[] | null {
    const value = this.getOne('range')
    return value === null ? null : parseRange(value, totalLength).ranges
  }

  /** @throws {RangeError} For an empty list, or numbers that make no range. */
  setRanges(ranges: readonly Range[]): void {
    this.replace('Range', formatRange(ranges))
  }

  /** Asks for the bytes from `start` to `end`; up to the last one without `end`; the last ones with a negative `start`. */
  setRange(start: number, end = -1): void {
    this.setRanges([{ start, end }])
  }

  /** Null when it is missing, malformed or of another unit than bytes. */
  getContentRange(): ContentRange | null {
    const value = this.getOne('content-range')
    return value === null ? null : parseContentRange(value)
  }

  /**
   * @param totalLength Of the whole body, -1 if it is not known.
   * @throws {RangeError} When `end` is before `start` or beyond `totalLength`.
   */
  setContentRange(start: number, end: number, totalLength = -1): void {
    this.replace('Content-Range', formatContentRange(start, end, totalLength))
  }

  /** The framing these headers declare; what is neither declared chunked nor given a length depends on the type. */
  get encoding(): Encoding {
    const transfer = this.getList('transfer-encoding')?.toLowerCase() ?? null
    if (transfer !== null && transfer !== 'identity') {
      return transfer === 'chunked' ? Encoding.CHUNKED : Encoding.UNRECOGNIZED
    }
    if (transfer === null && this.has('content-length')) {
      return this.contentLength === null ? Encoding.UNRECOGNIZED : Encoding.CONTENT_LENGTH
    }
    return this.headersType === MessageHeadersType.RESPONSE ? Encoding.EOF : Encoding.NONE
  }

  set encoding(encoding: Encoding) {
    if (encoding !== Encoding.CONTENT_LENGTH) this.remove('Content-Length')
    if (encoding === Encoding.CHUNKED) this.replace('Transfer-Encoding', 'chunked')
    else this.remove('Transfer-Encoding')
  }

  #list(): string[] {
    if (this.#received === null) return this.#fields
    this.#fields = this.#received.map((part, i) => {
      const text = typeof part === 'string' ? part : part.toString('latin1')
      return i % 2 === 0 ? text : withoutTrailingSpace(text)
    })
    this.#received = null
    return this.#fields
  }

  #indexed(name: string): string | string[] | undefined {
    const index = this.#index as IndexedHeaders
    const value = index[name] ?? index[name.toLowerCase()]
    if (typeof value === 'string') return withoutTrailingSpace(value)
    return Array.isArray(value) ? value.map(withoutTrailingSpace) : undefined
  }

  #removeFrom(fields: string[], name: string, start: number): void {
    for (let i = find(fields, name, start); i >= 0; i = find(fields, name, i)) fields.splice(i, 2)
    this.#index = null
  }

  /** Whether a field that may come once is there already and says the same. */
  #isRepeated(name: string, value: string): boolean {
    const lower = name.toLowerCase()
    if (lower === 'host' && this.headersType === MessageHeadersType.REQUEST && this.has('host')) {
      throw new TypeError('A request has one Host header.')
    }
    const known = lower === 'content-length' ? this.getOne(lower) : null
    if (known === null) return false
    if (isLength(known) && isLength(value) && Number(known) === Number(value)) return true
    throw new TypeError('A message has one Content-Length header.')
  }
}

/** Parsers leave it on, though it is no part of the value (RFC 9110 section 5.5). */
function withoutTrailingSpace(value: string): string {
  let end = value.length
  while (end > 0 && (value.charCodeAt(end - 1) === 0x20 || value.charCodeAt(end - 1) === 0x09)) end--
  return end === value.length ? value : value.slice(0, end)
}

function isLength(value: string): boolean {
  return /^\d{1,15}$/.test(value)
}

function checkField(name: string, value: string): void {
  if (!isToken(name)) throw new TypeError(`The header name ${JSON.stringify(name)} is not a token.`)
  if (INVALID_VALUE.test(value)) throw new TypeError(`The value of the header ${name} has a character HTTP forbids.`)
}

function find(fields: readonly string[], name: string, start: number): number {
  for (let i = start; i < fields.length; i += 2) if (sameName(fields[i], name)) return i
  return -1
}

function sameName(a: string | undefined, b: string): boolean {
  if (a === b) return true
  return a !== undefined && a.length === b.length && a.toLowerCase() === b.toLowerCase()
}
