// A style sheet: decoded as it comes, and read for its own subresources when a document applies it.
// Upstream: WebCore/loader/cache/CachedCSSStyleSheet.cpp

import { MAX_STYLE_SHEET_LENGTH, parseCSSSubresources } from '../../css/css-subresource-parser.ts'
import type { CSSSubresource } from '../../css/css-subresource-parser.ts'
import type { Viewport } from '../../page/settings.ts'
import { TextResourceDecoder } from '../text-resource-decoder.ts'
import { CachedResource } from './cached-resource.ts'

export class CachedCSSStyleSheet extends CachedResource {
  #decoder: TextResourceDecoder | null = null
  #text = ''
  #parsed: readonly CSSSubresource[] | null = null

  /**
   * What the sheet makes a document load, at most 8 Mi characters into it. Empty when it may not be used: it is still
   * loading, the load failed, or the server says it is something else and forbids guessing (`nosniff`).
   */
  subresources(viewport: Viewport): readonly CSSSubresource[] {
    if (!this.isUsable || !this.#mimeTypeAllowed) return []
    this.#parsed ??= parseCSSSubresources(this.#text, { viewport })
    this.#text = ''
    return this.#parsed
  }

  override updateBuffer(chunk: Uint8Array): void {
    super.updateBuffer(chunk)
    if (this.#text.length >= MAX_STYLE_SHEET_LENGTH) return
    this.#decoder ??= new TextResourceDecoder({
      contentKind: 'css',
      httpCharset: this.response?.textEncodingName ?? '',
      fallback: 'utf-8',
    })
    this.#text += this.#decoder.decode(chunk)
  }

  override finishLoading(): void {
    this.#text += this.#decoder?.flush() ?? ''
    super.finishLoading()
  }

  get #mimeTypeAllowed(): boolean {
    const mimeType = this.response?.mimeType ?? ''
    return mimeType === 'text/css' || mimeType === '' || this.response?.isNosniff !== true
  }
}
