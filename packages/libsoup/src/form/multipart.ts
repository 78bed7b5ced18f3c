// A multipart body in memory, built or taken apart: RFC 2046, and RFC 7578 for forms. For callers of Message and of
// Server. Upstream: libsoup/soup-multipart.c.

import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { isToken, quote } from '../headers/header-params.ts'
import { MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'
import { SessionError } from '../errors.ts'
import { MultipartParser } from './multipart-parser.ts'

export interface MultipartPart {
  readonly headers: MessageHeaders
  readonly body: Buffer
}

const MAX_PARTS = 10_000
const MAX_HEADER_BYTES = 64 * 1024

export class Multipart implements Iterable<MultipartPart> {
  readonly mimeType: string
  readonly #parts: MultipartPart[] = []
  #boundary = newBoundary()

  /**
   * @param mimeType Such as `multipart/form-data`.
   * @throws {TypeError} When it is no type of that kind.
   */
  constructor(mimeType: string) {
    const [type, subtype = '', ...more] = mimeType.split('/')
    if (type?.toLowerCase() !== 'multipart' || !isToken(subtype) || more.length > 0) {
      throw new TypeError(`${JSON.stringify(mimeType)} is no multipart type.`)
    }
    this.mimeType = mimeType.toLowerCase()
  }

  /**
   * The parts of `body`, whose `Content-Type` is in `headers`; they share its memory. Null when that is no multipart type
   * with a boundary, or the body lacks its last boundary, or has parts with malformed headers, with more than 64 KiB of
   * them, or more than 10,000 parts.
   */
  static newFromMessage(headers: MessageHeaders, body: Uint8Array): Multipart | null {
    const contentType = headers.getContentType()
    const boundary = boundaryOf(headers)
    if (contentType === null || boundary === null) return null
    const multipart = new Multipart(contentType.type)
    multipart.#boundary = boundary
    try {
      return multipart.#parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength)) ? multipart : null
    } catch (error) {
      if (error instanceof SessionError) return null // what the parser refuses
      throw error
    }
  }

  /** Number of parts. */
  get length(): number {
    return this.#parts.length
  }

  /** The part at `index`, counted from 0, or null. */
  getPart(index: number): MultipartPart | null {
    return this.#parts[index] ?? null
  }

  [Symbol.iterator](): IterableIterator<MultipartPart> {
    return this.#parts.values()
  }

  /** Adds a field of a form. */
  appendFormString(controlName: string, data: string): void {
    this.appendFormFile(controlName, null, null, Buffer.from(data))
  }

  /**
   * Adds a file of a form. Names may hold anything: they are sent as UTF-8, control characters as browsers escape them.
   *
   * @throws {TypeError} When `contentType` has a character HTTP forbids.
   */
  appendFormFile(controlName: string, filename: string | null, contentType: string | null, body: Uint8Array): void {
    const headers = new MessageHeaders(MessageHeadersType.MULTIPART)
    const file = filename === null ? '' : `; filename=${formName(filename)}`
    headers.append('Content-Disposition', `form-data; name=${formName(controlName)}${file}`)
    if (contentType !== null) headers.append('Content-Type', contentType)
    this.#append(headers, body)
  }

  /** Adds a part with a copy of `headers`. `body` is not copied. */
  appendPart(headers: MessageHeaders, body: Uint8Array): void {
    const copy = new MessageHeaders(MessageHeadersType.MULTIPART)
    for (const [name, value] of headers) copy.append(name, value)
    this.#append(copy, body)
  }

  /** The body, and its type with the boundary put in `destHeaders`. No part has the boundary in it. */
  toMessage(destHeaders: MessageHeaders): Buffer {
    while (this.#parts.some(({ body }) => body.includes(`--${this.#boundary}`, 0, 'latin1'))) {
      this.#boundary = newBoundary()
    }
    destHeaders.setContentType(this.mimeType, [['boundary', this.#boundary]])
    const chunks: Buffer[] = []
    for (const { headers, body } of this.#parts) {
      let head = `${chunks.length === 0 ? '' : '\r\n'}--${this.#boundary}\r\n`
      for (const [name, value] of headers) head += `${name}: ${value}\r\n`
      chunks.push(Buffer.from(`${head}\r\n`, 'latin1'), body)
    }
    chunks.push(Buffer.from(`\r\n--${this.#boundary}--\r\n`, 'latin1'))
    return Buffer.concat(chunks)
  }

  #append(headers: MessageHeaders, body: Uint8Array): void {
    this.#parts.push({ headers, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) })
  }

  /** False when the last boundary is missing. */
  #parse(body: Buffer): boolean {
    const parser = new MultipartParser(this.#boundary, { maxHeaderBytes: MAX_HEADER_BYTES, maxParts: MAX_PARTS })
    parser.push(body)
    parser.finish()
    let headers: MessageHeaders | null = null
    let chunks: Buffer[] = []
    for (;;) {
      const event = parser.read()
      if (event === null || event.kind === 'end') return event?.closed === true
      if (event.kind === 'part') headers = event.headers
      else if (event.kind === 'data') chunks.push(event.chunk)
      else if (headers !== null) {
        this.#append(headers, chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
        headers = null
        chunks = []
      }
    }
  }
}

/** The boundary a multipart `Content-Type` gives, or null. RFC 2046 allows 70 characters; some send more. */
export function boundaryOf(headers: MessageHeaders): string | null {
  const contentType = headers.getContentType()
  const boundary = contentType?.params.get('boundary') ?? ''
  if (contentType?.type.startsWith('multipart/') !== true) return null
  return /^[\x20-\x7e]{1,200}$/.test(boundary) ? boundary : null
}

function newBoundary(): string {
  return randomBytes(32).toString('hex')
}

/** Quoted; in UTF-8 as header fields hold bytes. RFC 7578 section 4.2 forbids the ext-value that upstream sends. */
function formName(name: string): string {
  // eslint-disable-next-line no-control-regex -- what must not get into a header
  const escaped = name.replace(/[\x00-\x1f\x7f]/g, (char) => {
    return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  })
  return quote(Buffer.from(escaped, 'utf8').toString('latin1'))
}
