// One thing a document wants loaded, as the parsers that find it describe it. DocumentLoader turns it into a
// CachedResourceRequest. Upstream: WebCore/html/parser/HTMLResourcePreloader.h (PreloadRequest)

import type { ResourceLoadPriority } from '../platform/network/resource-load-priority.ts'
import type { CachedResourceType } from './cache/cached-resource-type.ts'
import type { ResourceLoadInitiator } from './resource-load-entry.ts'

export interface SubresourceRequest {
  readonly type: CachedResourceType
  /** Absolute. */
  readonly url: string
  readonly initiator: ResourceLoadInitiator
  /** Style sheets only: false for one loaded ahead of use or for another medium, whose own subresources can wait. */
  readonly applies?: boolean
  /** Loaded ahead of use. */
  readonly isPreload?: boolean
  /** The `crossorigin` attribute, null when absent. */
  readonly crossOrigin?: string | null
  /** `script` elements of type module and other loads that are CORS requests by themselves. */
  readonly alwaysCORS?: boolean
  /** `fetchpriority`. */
  readonly fetchPriority?: string | null
  /** Where it is not the type's own: a sheet for another medium, an async script, a lazy image. */
  readonly priority?: ResourceLoadPriority
  /** Wait until the document is parsed: `loading=lazy`. */
  readonly afterParsing?: boolean
  /** Style sheets only: nested `@import`s above this one. */
  readonly importDepth?: number
  /** Media only: stop after the first part, which is what `preload=metadata` asks for. */
  readonly metadataOnly?: boolean
}
