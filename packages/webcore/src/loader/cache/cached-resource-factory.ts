// The class of each resource type. Called by CachedResourceLoader. Upstream: createResource in CachedResourceLoader.cpp

import { CachedApplicationManifest } from './cached-application-manifest.ts'
import { CachedCSSStyleSheet } from './cached-css-style-sheet.ts'
import { CachedFont } from './cached-font.ts'
import { CachedImage } from './cached-image.ts'
import { CachedRawResource } from './cached-raw-resource.ts'
import type { CachedResourceRequest } from './cached-resource-request.ts'
import type { CachedResource } from './cached-resource.ts'
import { CachedScript } from './cached-script.ts'
import { CachedTextTrack } from './cached-text-track.ts'
import type { MemoryCache } from './memory-cache.ts'

export function createCachedResource(request: CachedResourceRequest, memoryCache: MemoryCache): CachedResource {
  const { resourceRequest, type, options } = request
  const init = { request: resourceRequest, type, options, memoryCache }
  switch (type) {
    case 'ImageResource':
    case 'Icon':
      return new CachedImage(init)
    case 'CSSStyleSheet':
      return new CachedCSSStyleSheet(init)
    case 'Script':
      return new CachedScript(init)
    case 'FontResource':
      return new CachedFont(init)
    case 'TextTrackResource':
      return new CachedTextTrack(init)
    case 'ApplicationManifest':
      return new CachedApplicationManifest(init)
    case 'MainResource':
    case 'MediaResource':
    case 'RawResource':
      return new CachedRawResource(init)
  }
}
