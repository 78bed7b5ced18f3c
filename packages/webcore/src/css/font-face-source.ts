// One @font-face block: which of its sources a page loads. Fed with the block's tokens by the CSS subresource parser.
// Upstream: WebCore/css/CSSFontFaceSrcValue.cpp. CSS Fonts Level 4 sections 4.3 (src) and 4.5 (unicode-range).

import { TokenType } from '@csstools/css-tokenizer'
import type { CSSToken } from '@csstools/css-tokenizer'

const SUPPORTED_FORMATS = new Set([
  'woff2',
  'woff2-variations',
  'woff',
  'woff-variations',
  'truetype',
  'truetype-variations',
  'opentype',
  'opentype-variations',
  'collection',
])

interface Source {
  url: string | null
  formats: string[]
}

/**
 * Picks the first source whose format is supported. A face whose `unicode-range` leaves out all of ASCII is not loaded:
 * no text is laid out here, and a browser loads such a face only when the page has one of its characters.
 */
export class FontFaceSource {
  #property = ''
  #expectsName = true
  #sources: Source[] = []
  #range = ''
  /** The function whose arguments are being read, or ''. */
  #function = ''
  #depth = 0

  token(token: CSSToken): void {
    switch (token[0]) {
      case TokenType.Semicolon:
        if (this.#depth === 0) this.#endDeclaration()
        break
      case TokenType.Comment:
      case TokenType.Whitespace:
      case TokenType.CloseCurly:
        break
      case TokenType.Colon:
        if (this.#expectsName && this.#property !== '') this.#beginValue()
        else this.#value(token)
        break
      case TokenType.Ident:
        if (this.#expectsName) this.#property = token[4].value.toLowerCase()
        else this.#value(token)
        break
      default:
        this.#value(token)
    }
  }

  /** @returns The URL to load, or null when there is none. */
  finish(): string | null {
    if (this.#range !== '' && !intersectsASCII(this.#range)) return null
    const usable = this.#sources.find(
      ({ url, formats }) =>
        url !== null && (formats.length === 0 || formats.some((format) => SUPPORTED_FORMATS.has(format))),
    )
    return usable?.url ?? null
  }

  #endDeclaration(): void {
    this.#property = ''
    this.#expectsName = true
    this.#function = ''
  }

  #beginValue(): void {
    this.#expectsName = false
    // A later src replaces an earlier one, as in the cascade.
    if (this.#property === 'src') this.#sources = [{ url: null, formats: [] }]
    if (this.#property === 'unicode-range') this.#range = ''
  }

  #value(token: CSSToken): void {
    if (this.#expectsName) return
    if (this.#property === 'unicode-range') this.#range += token[1]
    if (this.#property !== 'src') return
    const source = this.#sources.at(-1)
    if (source === undefined) return
    switch (token[0]) {
      case TokenType.Comma:
        if (this.#depth === 0) this.#sources.push({ url: null, formats: [] })
        break
      case TokenType.URL:
        source.url ??= token[4].value
        break
      case TokenType.Function:
        this.#function = token[4].value.toLowerCase()
        this.#depth++
        break
      case TokenType.OpenParen:
        this.#depth++
        break
      case TokenType.CloseParen:
        this.#depth = Math.max(0, this.#depth - 1)
        if (this.#depth === 0) this.#function = ''
        break
      case TokenType.String:
      case TokenType.Ident:
        this.#argument(source, token[4].value)
        break
      default:
    }
  }

  #argument(source: Source, value: string): void {
    if (this.#function === 'url' || this.#function === 'src') source.url ??= value
    else if (this.#function === 'format') source.formats.push(value.toLowerCase())
  }
}

/** Whether a unicode-range value covers any of U+0000 to U+007F. One that cannot be read does. */
export function intersectsASCII(range: string): boolean {
  const parts = range.toLowerCase().split(',')
  return parts.some((part) => {
    const match = /^\s*u\+([0-9a-f?]{1,6})(?:-[0-9a-f]{1,6})?\s*$/.exec(part)
    return match === null || Number.parseInt((match[1] ?? '').replaceAll('?', '0'), 16) <= 0x7f
  })
}
