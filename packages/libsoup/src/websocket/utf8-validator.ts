// Says as soon as a byte makes it certain that a text is not UTF-8, however the text is cut (RFC 6455 section 8.1).
// Used by the frame parser for text that does not come in one piece. UTF-8: RFC 3629 section 4.

import { isUtf8 } from 'node:buffer'

/** Checks one text piece by piece; `reset` starts the next. */
export class Utf8Validator {
  // The start of a character whose rest has not come, at most three bytes.
  readonly #partial = new Uint8Array(4)
  #have = 0

  reset(): void {
    this.#have = 0
  }

  /** Whether the text may end here. */
  get isComplete(): boolean {
    return this.#have === 0
  }

  /** Whether the text can still become UTF-8 after `piece`. Not to be called again once it said no. */
  push(piece: Uint8Array): boolean {
    let start = 0
    while (this.#have > 0 && start < piece.length) {
      this.#partial[this.#have++] = piece[start++] as number
      if (!isPrefix(this.#partial, 0, this.#have)) return false
      if (this.#have === sequenceLength(this.#partial[0] as number)) this.#have = 0
    }
    const end = wholeCharactersEnd(piece, start)
    if (end > start && !isUtf8(start === 0 && end === piece.length ? piece : piece.subarray(start, end))) return false
    for (let i = end; i < piece.length; i++) this.#partial[this.#have++] = piece[i] as number
    return this.#have === 0 || isPrefix(this.#partial, 0, this.#have)
  }
}

// Where the last character that is whole ends: only a lead byte among the last three can be one whose rest is missing.
function wholeCharactersEnd(piece: Uint8Array, start: number): number {
  const { length } = piece
  for (let back = 1; back <= 3 && length - back >= start; back++) {
    const byte = piece[length - back] as number
    if (byte >= 0xc0) return sequenceLength(byte) > back ? length - back : length
    if (byte < 0x80) return length
  }
  return length
}

function sequenceLength(lead: number): number {
  if (lead < 0xc0) return 1
  if (lead < 0xe0) return 2
  return lead < 0xf0 ? 3 : 4
}

// Whether these bytes begin a character: overlong forms, surrogates and what is above U+10FFFF show in the second byte.
function isPrefix(bytes: Uint8Array, start: number, length: number): boolean {
  const lead = bytes[start] as number
  if (lead < 0xc2 || lead > 0xf4) return false
  for (let i = 1; i < length; i++) {
    const byte = bytes[start + i] as number
    if ((byte & 0xc0) !== 0x80) return false
    if (i > 1) continue
    if (lead === 0xe0 && byte < 0xa0) return false
    if (lead === 0xed && byte > 0x9f) return false
    if (lead === 0xf0 && byte < 0x90) return false
    if (lead === 0xf4 && byte > 0x8f) return false
  }
  return true
}
