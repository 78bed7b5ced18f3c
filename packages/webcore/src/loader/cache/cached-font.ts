// A web font, the source of its @font-face that was picked. Upstream: WebCore/loader/cache/CachedFont.cpp

import { CachedResource } from './cached-resource.ts'

export class CachedFont extends CachedResource {
  /** The font file, or null when the load failed or the bytes had to make room. */
  get fontData(): Uint8Array | null {
    return this.isUsable ? this.resourceBuffer : null
  }
}
