// One applied style sheet: once it is in, asks for what it imports and refers to. Made by DocumentLoader.
// Upstream: WebCore/css/StyleSheetContents.cpp and css/StyleRuleImport.cpp

import { CachedCSSStyleSheet } from '../loader/cache/cached-css-style-sheet.ts'
import type { CachedResourceClient } from '../loader/cache/cached-resource-client.ts'
import type { CachedResource } from '../loader/cache/cached-resource.ts'
import type { SubresourceRequest } from '../loader/subresource-request.ts'
import type { Viewport } from '../page/settings.ts'

/** How deep `@import`s may nest; a sheet below that is not asked for. */
export const MAX_IMPORT_DEPTH = 10

export class StyleSheetContents implements CachedResourceClient {
  readonly #viewport: Viewport
  readonly #importDepth: number
  readonly #load: (request: SubresourceRequest) => void

  /** @param importDepth How many @imports led here. */
  constructor(viewport: Viewport, importDepth: number, load: (request: SubresourceRequest) => void) {
    this.#viewport = viewport
    this.#importDepth = importDepth
    this.#load = load
  }

  notifyFinished(resource: CachedResource): void {
    if (!(resource instanceof CachedCSSStyleSheet)) return
    const base = resource.finalURL
    const initiator = { type: 'css', url: base } as const
    for (const { kind, url } of resource.subresources(this.#viewport)) {
      if (!URL.canParse(url, base)) continue
      const absolute = new URL(url, base).href
      if (kind === 'font') this.#load({ type: 'FontResource', url: absolute, initiator, alwaysCORS: true })
      else if (kind === 'image') this.#load({ type: 'ImageResource', url: absolute, initiator })
      else if (this.#importDepth < MAX_IMPORT_DEPTH) {
        this.#load({ type: 'CSSStyleSheet', url: absolute, initiator, importDepth: this.#importDepth + 1 })
      }
    }
  }
}
