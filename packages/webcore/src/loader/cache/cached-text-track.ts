// Subtitles or captions of a media element. Upstream: WebCore/loader/cache/CachedTextTrack.cpp

import { CachedResource } from './cached-resource.ts'

export class CachedTextTrack extends CachedResource {
  /** The WebVTT text, or null when the load failed or the bytes had to make room. */
  get text(): string | null {
    const bytes = this.isUsable ? this.resourceBuffer : null
    return bytes === null ? null : new TextDecoder().decode(bytes)
  }
}
