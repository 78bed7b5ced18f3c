// Takes the bytes of a multipart body apart as they come: RFC 2046 section 5.1. Called by Multipart and
// MultipartInputStream, which so agree on what is a part. Holds no more of a body than could be the start of a boundary;
// takes linear time however the bytes are cut. Upstream: libsoup/soup-multipart.c and soup-multipart-input-stream.c.

import { Buffer } from 'node:buffer'
import { SessionError } from '../errors.ts'
import { headersParse } from '../headers/headers-parse.ts'
import { MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'
import { MultipartBoundary } from './multipart-boundary.ts'

export interface MultipartLimits {
  /** Bytes of the headers of one part. */
  readonly maxHeaderBytes: number
  readonly maxParts: number
}

export type MultipartEvent =
  | { readonly kind: 'part'; readonly headers: MessageHeaders }
  /** Some of the body of the part. */
  | { readonly kind: 'data'; readonly chunk: Buffer }
  /** A boundary: ends the part, or what comes before the first. */
  | { readonly kind: 'boundary' }
  /** Behind the last part; comes again and again. `closed` tells whether the sender said so. */
  | { readonly kind: 'end'; readonly closed: boolean }

/** preamble → headers → body → headers → body → … → epilogue */
type State = 'preamble' | 'headers' | 'body' | 'epilogue'

const LF = 0x0a
const CR = 0x0d
const EMPTY = Buffer.alloc(0)

export class MultipartParser {
  readonly #boundary: MultipartBoundary
  readonly #limits: MultipartLimits
  #state: State = 'preamble'
  #pending: Buffer = EMPTY
  #atLineStart = true
  #ended = false
  #closed = false
  #headerChunks: Buffer[] = []
  #headerBytes = 0
  /** Of the header line so far, without the line feed; and whether all of it is a carriage return. */
  #lineBytes = 0
  #lineIsReturn = false
  #parts = 0

  constructor(boundary: string, limits: MultipartLimits) {
    this.#boundary = new MultipartBoundary(boundary)
    this.#limits = limits
  }

  /** More of the body. Call once `read` has returned null. */
  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
  }

  /** There is no more. */
  finish(): void {
    this.#ended = true
  }

  /**
   * What comes next; null when more bytes are needed.
   *
   * @throws {SessionError} `PARSING` for headers that are malformed or beyond the limit, and for too many parts.
   */
  read(): MultipartEvent | null {
    if (this.#state === 'preamble') {
      const event = this.#readUntilBoundary()
      if (event === null || event.kind === 'end') return event
    }
    if (this.#state === 'headers') return this.#readHeaders()
    if (this.#state === 'body') return this.#readUntilBoundary()
    this.#pending = EMPTY
    return { kind: 'end', closed: this.#closed }
  }

  /** The next data of a body; that of the preamble is thrown away. */
  #readUntilBoundary(): MultipartEvent | null {
    const found = this.#boundary.find(this.#pending, this.#atLineStart, this.#ended)
    const inBody = this.#state === 'body'
    if (inBody && found.dataEnd > 0) {
      const chunk = this.#pending.subarray(0, found.dataEnd)
      this.#pending = this.#pending.subarray(found.dataEnd)
      this.#atLineStart = false
      return { kind: 'data', chunk }
    }
    if (found.kind === 'none') {
      if (!inBody) this.#dropPreamble(found.dataEnd)
      return this.#ended ? this.#endOfInput(inBody) : null
    }
    this.#pending = this.#pending.subarray(found.end)
    this.#closed = found.kind === 'close'
    this.#state = this.#closed ? 'epilogue' : 'headers'
    if (inBody) return { kind: 'boundary' }
    return this.#closed ? { kind: 'end', closed: true } : { kind: 'boundary' }
  }

  #dropPreamble(length: number): void {
    if (length === 0) return
    this.#pending = this.#pending.subarray(length)
    this.#atLineStart = false
  }

  /** The sender forgot the last boundary. */
  #endOfInput(inBody: boolean): MultipartEvent {
    this.#state = 'epilogue'
    return inBody ? { kind: 'boundary' } : { kind: 'end', closed: false }
  }

  #readHeaders(): MultipartEvent | null {
    const end = this.#endOfHeaders()
    this.#takeHeaderBytes(end < 0 ? this.#pending.length : end)
    if (end < 0) return this.#ended ? this.#endOfInput(false) : null
    if (++this.#parts > this.#limits.maxParts) {
      throw new SessionError('PARSING', `The multipart body has more than ${this.#limits.maxParts} parts.`)
    }
    const headers = this.#parseHeaders()
    this.#state = 'body'
    this.#atLineStart = true
    return { kind: 'part', headers }
  }

  /** Index behind the empty line, or -1. Looks at each byte once. */
  #endOfHeaders(): number {
    for (let start = 0; start < this.#pending.length;) {
      const end = this.#pending.indexOf(LF, start)
      const stop = end < 0 ? this.#pending.length : end
      if (stop > start) {
        this.#lineIsReturn = this.#lineBytes === 0 && stop - start === 1 && this.#pending[start] === CR
        this.#lineBytes += stop - start
      }
      if (end < 0) return -1
      const isEmpty = this.#lineBytes === 0 || this.#lineIsReturn
      this.#lineBytes = 0
      this.#lineIsReturn = false
      if (isEmpty) return end + 1
      start = end + 1
    }
    return -1
  }

  #takeHeaderBytes(length: number): void {
    this.#headerBytes += length
    if (this.#headerBytes > this.#limits.maxHeaderBytes) {
      throw new SessionError('PARSING', `A part has more than ${this.#limits.maxHeaderBytes} bytes of headers.`)
    }
    this.#headerChunks.push(this.#pending.subarray(0, length))
    this.#pending = this.#pending.subarray(length)
  }

  #parseHeaders(): MessageHeaders {
    const headers = new MessageHeaders(MessageHeadersType.MULTIPART)
    // `headersParse` passes over a first line: here it is the boundary's.
    const section = Buffer.concat([Buffer.of(LF), ...this.#headerChunks])
    this.#headerChunks = []
    this.#headerBytes = 0
    if (!headersParse(section, headers)) {
      throw new SessionError('PARSING', 'The headers of a part of the multipart body are malformed.')
    }
    return headers
  }
}
