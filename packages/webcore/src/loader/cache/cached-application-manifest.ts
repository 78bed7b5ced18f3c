// A web app manifest. The icons it names are not loaded. Upstream: WebCore/loader/cache/CachedApplicationManifest.cpp

import { CachedResource } from './cached-resource.ts'

export class CachedApplicationManifest extends CachedResource {
  /** The manifest's text, or null when the load failed or the bytes had to make room. */
  get text(): string | null {
    const bytes = this.isUsable ? this.resourceBuffer : null
    return bytes === null ? null : new TextDecoder().decode(bytes)
  }
}
