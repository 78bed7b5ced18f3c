// A script. It is loaded as a browser loads it and never run. Upstream: WebCore/loader/cache/CachedScript.cpp

import { encodingForLabel } from '../text-resource-decoder.ts'
import { CachedResource } from './cached-resource.ts'

export class CachedScript extends CachedResource {
  /** The source text, or null when the load failed or the bytes had to make room. */
  get script(): string | null {
    const bytes = this.isUsable ? this.resourceBuffer : null
    if (bytes === null) return null
    return new TextDecoder(encodingForLabel(this.response?.textEncodingName ?? '') ?? 'utf-8').decode(bytes)
  }
}
