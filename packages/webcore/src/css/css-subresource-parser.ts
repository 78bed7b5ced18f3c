// The URLs a style sheet, a <style> element or a style attribute makes a page load, found on the token stream in one pass.
// Called by CachedCSSStyleSheet and HTMLSubresourceFinder. Upstream: WebCore/css/parser/CSSParser.cpp and
// css/CSSFontFaceSrcValue.cpp. CSS Syntax Level 3, CSS Cascade Level 5 section 2 (@import), CSS Fonts Level 4 section 4.

import { TokenType, tokenizer } from '@csstools/css-tokenizer'
import type { CSSToken } from '@csstools/css-tokenizer'
import type { Viewport } from '../page/settings.ts'
import { FontFaceSource } from './font-face-source.ts'
import { evaluateMediaQueryList } from './media-query-evaluator.ts'

/** URLs taken from one sheet; the rest is dropped. */
export const MAX_STYLE_SHEET_URLS = 10_000

/** Characters of one sheet that are read. */
export const MAX_STYLE_SHEET_LENGTH = 8 * 1024 * 1024

export interface CSSSubresource {
  readonly kind: 'import' | 'image' | 'font'
  /** As written, to be resolved against the sheet's base URL. Never empty and never only a fragment. */
  readonly url: string
}

export interface CSSParserOptions {
  readonly viewport: Viewport
  /** A style attribute holds declarations only, so nothing in it is an @import. */
  readonly declarationsOnly?: boolean
}

/** What an at-rule does with the blocks it opens. */
type BlockKind = 'plain' | 'font-face' | 'skipped'

/** The at-rules after which a top-level @import is still heard (CSS Cascade Level 5, section 2). */
const BEFORE_IMPORT = new Set(['charset', 'layer', 'import'])

/** Finds every URL that would be loaded, in order of appearance. Any text is accepted; it never throws and is linear. */
export function parseCSSSubresources(css: string, options: CSSParserOptions): CSSSubresource[] {
  return new CSSSubresourceParser(css.slice(0, MAX_STYLE_SHEET_LENGTH), options).parse()
}

class CSSSubresourceParser {
  readonly #css: string
  readonly #options: CSSParserOptions
  readonly #found: CSSSubresource[] = []
  readonly #blocks: BlockKind[] = []
  /** The function each open parenthesis belongs to, in lower case; '' for a bare one. */
  readonly #functions: string[] = []
  #atRule: { name: string; preludeStart: number; importSeen: boolean } | null = null
  #fontFace: FontFaceSource | null = null
  #importsAllowed: boolean

  constructor(css: string, options: CSSParserOptions) {
    this.#css = css
    this.#options = options
    this.#importsAllowed = options.declarationsOnly !== true
  }

  parse(): CSSSubresource[] {
    const tokens = tokenizer({ css: this.#css })
    while (!tokens.endOfFile() && this.#found.length < MAX_STYLE_SHEET_URLS) this.#token(tokens.nextToken())
    this.#closeFontFace()
    return this.#found
  }

  #token(token: CSSToken): void {
    this.#fontFace?.token(token)
    switch (token[0]) {
      case TokenType.AtKeyword:
        this.#beginAtRule(token[4].value.toLowerCase(), token[3] + 1)
        break
      case TokenType.Function:
        this.#functions.push(token[4].value.toLowerCase())
        break
      case TokenType.OpenParen:
        this.#functions.push('')
        break
      case TokenType.CloseParen:
        this.#functions.pop()
        break
      case TokenType.URL:
        this.#url(token[4].value)
        break
      case TokenType.String:
        this.#string(token[4].value)
        break
      case TokenType.OpenCurly:
        this.#openBlock(token[2])
        break
      case TokenType.CloseCurly:
        if (this.#blocks.pop() === 'font-face') this.#closeFontFace()
        this.#functions.length = 0
        this.#atRule = null
        break
      case TokenType.Semicolon:
        this.#atRule = null
        if (this.#blocks.length > 0) this.#functions.length = 0
        break
      default:
        if (this.#atRule === null && this.#blocks.length === 0 && endsImports(token)) this.#importsAllowed = false
    }
  }

  #beginAtRule(name: string, preludeStart: number): void {
    if (this.#blocks.length === 0 && !BEFORE_IMPORT.has(name)) this.#importsAllowed = false
    this.#atRule = { name, preludeStart, importSeen: false }
  }

  #openBlock(at: number): void {
    const rule = this.#atRule
    let kind: BlockKind = this.#blocks.at(-1) === 'skipped' ? 'skipped' : 'plain'
    if (kind === 'plain' && rule?.name === 'media') {
      const query = this.#css.slice(rule.preludeStart, at)
      if (!evaluateMediaQueryList(query, this.#options.viewport)) kind = 'skipped'
    }
    if (kind === 'plain' && rule?.name === 'font-face') {
      kind = 'font-face'
      this.#fontFace = new FontFaceSource()
    }
    if (this.#blocks.length === 0 && rule === null) this.#importsAllowed = false
    this.#blocks.push(kind)
    this.#atRule = null
    this.#functions.length = 0
  }

  #url(url: string): void {
    if (this.#atRule !== null && this.#blocks.length === 0) this.#import(url)
    else this.#image(url)
  }

  #string(value: string): void {
    const enclosing = this.#functions.at(-1)
    if (this.#atRule !== null && this.#blocks.length === 0) {
      if (enclosing === undefined || enclosing === 'url') this.#import(value)
    } else if (
      enclosing === 'url' ||
      enclosing === 'src' ||
      enclosing === 'image-set' ||
      enclosing === '-webkit-image-set'
    ) {
      this.#image(value)
    }
  }

  #import(url: string): void {
    const rule = this.#atRule
    if (rule?.name !== 'import' || rule.importSeen || !this.#importsAllowed) return
    rule.importSeen = true
    this.#add('import', url)
  }

  #image(url: string): void {
    // A face's sources go through FontFaceSource, which picks one; `type()` in image-set is not a URL.
    if (this.#fontFace !== null || this.#blocks.at(-1) === 'skipped' || this.#functions.includes('type')) return
    if (this.#blocks.length === 0 && this.#options.declarationsOnly !== true) return
    this.#add('image', url)
  }

  #closeFontFace(): void {
    const url = this.#fontFace?.finish() ?? null
    this.#fontFace = null
    if (url !== null) this.#add('font', url)
  }

  #add(kind: CSSSubresource['kind'], url: string): void {
    const trimmed = url.trim()
    // A bare fragment names something in this document, such as an SVG filter.
    if (trimmed !== '' && !trimmed.startsWith('#')) this.#found.push({ kind, url: trimmed })
  }
}

function endsImports(token: CSSToken): boolean {
  switch (token[0]) {
    case TokenType.Whitespace:
    case TokenType.Comment:
    case TokenType.CDO:
    case TokenType.CDC:
    case TokenType.EOF:
      return false
    default:
      return true
  }
}
