// The kinds of resource a page loads, each with WebKit's priority, Accept field and request destination.
// Read by CachedResourceLoader. Upstream: WebCore/loader/cache/CachedResource.cpp (defaultPriorityForResourceType) and
// CachedResourceRequest.cpp (acceptHeaderValueFromType).

import type { FetchOptions } from '@wpe-networking/webkit-network-process/connection'
import type { ResourceLoadPriority } from '../../platform/network/resource-load-priority.ts'
import type { ResourceLoadType } from '../resource-load-entry.ts'

export type CachedResourceType =
  | 'MainResource'
  | 'ImageResource'
  | 'CSSStyleSheet'
  | 'Script'
  | 'FontResource'
  | 'MediaResource'
  | 'TextTrackResource'
  | 'Icon'
  | 'ApplicationManifest'
  | 'RawResource'

interface TypeTraits {
  readonly priority: ResourceLoadPriority
  readonly accept: string
  readonly destination: FetchOptions['destination']
  readonly entryType: ResourceLoadType
}

const ACCEPT_ANY = '*/*'
const ACCEPT_DOCUMENT = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const ACCEPT_IMAGE = 'image/webp,image/avif,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5'
const ACCEPT_STYLE = 'text/css,*/*;q=0.1'

/** One row per type. */
export const CACHED_RESOURCE_TYPES: Readonly<Record<CachedResourceType, TypeTraits>> = {
  MainResource: { priority: 'VeryHigh', accept: ACCEPT_DOCUMENT, destination: 'document', entryType: 'document' },
  CSSStyleSheet: { priority: 'High', accept: ACCEPT_STYLE, destination: 'style', entryType: 'stylesheet' },
  Script: { priority: 'High', accept: ACCEPT_ANY, destination: 'script', entryType: 'script' },
  FontResource: { priority: 'Medium', accept: ACCEPT_ANY, destination: 'font', entryType: 'font' },
  MediaResource: { priority: 'Medium', accept: ACCEPT_ANY, destination: 'video', entryType: 'media' },
  RawResource: { priority: 'Medium', accept: ACCEPT_ANY, destination: '', entryType: 'other' },
  Icon: { priority: 'Medium', accept: ACCEPT_ANY, destination: 'image', entryType: 'icon' },
  ImageResource: { priority: 'Low', accept: ACCEPT_IMAGE, destination: 'image', entryType: 'image' },
  TextTrackResource: { priority: 'Low', accept: ACCEPT_ANY, destination: 'track', entryType: 'media' },
  ApplicationManifest: { priority: 'Low', accept: ACCEPT_ANY, destination: 'manifest', entryType: 'manifest' },
}
