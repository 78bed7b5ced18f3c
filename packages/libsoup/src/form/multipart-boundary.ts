// Finds the lines that part a multipart body: RFC 2046 section 5.1.1. Called by MultipartParser.
// Upstream: find_boundary of libsoup/soup-multipart.c.

import { Buffer } from 'node:buffer'

export interface FoundBoundary {
  /** `close` is the one behind the last part; `none`: not among these bytes. */
  readonly kind: 'open' | 'close' | 'none'
  /** Bytes before it that are certainly data: without the line break, which is the boundary's. */
  readonly dataEnd: number
  /** Index behind its line. */
  readonly end: number
}

/** White space behind a boundary that is taken for padding; with more it is no boundary. */
const MAX_PADDING = 64

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const TAB = 0x09
const DASH = 0x2d

/** What stands behind `--boundary`. */
type Tail = { readonly kind: 'open' | 'close'; readonly end: number } | 'no boundary' | 'need more'

export class MultipartBoundary {
  readonly #delimiter: Buffer

  /** @param boundary As the `Content-Type` gives it, of at least one character. */
  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`\n--${boundary}`, 'latin1')
  }

  /**
   * @param atLineStart Whether a line starts with the first byte.
   * @param ended Whether no more bytes will come.
   */
  find(bytes: Buffer, atLineStart: boolean, ended: boolean): FoundBoundary {
    const size = this.#delimiter.length
    // As if the line feed were there: the delimiter's own first byte is skipped.
    if (atLineStart) {
      const known = Math.min(bytes.length, size - 1)
      if (bytes.compare(this.#delimiter, 1, 1 + known, 0, known) === 0) {
        const isWhole = known === size - 1
        const tail = isWhole ? this.#tail(bytes, known, ended) : ended ? 'no boundary' : 'need more'
        if (typeof tail === 'object') return { ...tail, dataEnd: 0 }
        if (tail === 'need more') return { kind: 'none', dataEnd: 0, end: 0 }
      }
    }
    for (let from = 0; ;) {
      const at = bytes.indexOf(this.#delimiter, from)
      if (at < 0) return { kind: 'none', dataEnd: ended ? bytes.length : this.#certainData(bytes), end: 0 }
      const tail = this.#tail(bytes, at + size, ended)
      const dataEnd = at > 0 && bytes[at - 1] === CR ? at - 1 : at
      if (typeof tail === 'object') return { ...tail, dataEnd }
      if (tail === 'need more') return { kind: 'none', dataEnd, end: 0 }
      from = at + 1
    }
  }

  /** Two dashes, or nothing, then padding and the end of the line. */
  #tail(bytes: Buffer, at: number, ended: boolean): Tail {
    if (bytes[at] === DASH && bytes[at + 1] === DASH) return { kind: 'close', end: at + 2 }
    const limit = Math.min(bytes.length, at + MAX_PADDING)
    let end = at
    while (end < limit && (bytes[end] === SPACE || bytes[end] === TAB)) end++
    if (bytes[end] === CR && bytes[end + 1] === LF) return { kind: 'open', end: end + 2 }
    if (bytes[end] === LF) return { kind: 'open', end: end + 1 }
    if (ended && end === bytes.length) return { kind: 'open', end }
    const mayGoOn = end < at + MAX_PADDING && !ended
    const isCut =
      end === bytes.length || (end === bytes.length - 1 && (bytes[end] === CR || (end === at && bytes[end] === DASH)))
    return mayGoOn && isCut ? 'need more' : 'no boundary'
  }

  /** All but what could be the start of a line break and a boundary. */
  #certainData(bytes: Buffer): number {
    const start = Math.max(0, bytes.length - this.#delimiter.length)
    for (let at = start; at < bytes.length; at++) {
      const length = bytes.length - at
      if (bytes[at] === CR && length === 1) return at
      if (bytes[at] !== LF) continue
      if (length < this.#delimiter.length && bytes.compare(this.#delimiter, 0, length, at) === 0) {
        return at > 0 && bytes[at - 1] === CR ? at - 1 : at
      }
    }
    return bytes.length
  }
}
