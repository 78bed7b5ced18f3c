// Puts together what the embedder is told of a load that is over. Called by CachedResourceLoader.
// Upstream: WebCore/loader/ResourceTiming.cpp (fromLoad, fromMemoryCache)

import { now } from '../diagnostics.ts'
import { HTTPHeaderMap } from '../platform/network/http-header-map.ts'
import type { ResourceError } from '../platform/network/resource-error.ts'
import type { CachedResource } from './cache/cached-resource.ts'
import type { ResourceLoadEntry, ResourceLoadStart } from './resource-load-entry.ts'
import type { ResourceLoader } from './resource-loader.ts'

export function entryFromLoad(start: ResourceLoadStart, loader: ResourceLoader): ResourceLoadEntry {
  const { metrics, receivedBytes } = loader
  const response = loader.response?.data() ?? null
  return {
    ...start,
    requestHeaders: loader.request.httpHeaderFields.data(),
    method: loader.request.httpMethod,
    finalUrl: loader.request.url,
    response,
    metrics,
    error: loader.error?.data() ?? null,
    startedAt: loader.startedAt,
    finishedAt: loader.finishedAt ?? now(),
    redirects: loader.redirects,
    source: response?.source ?? (/^data:/i.test(start.url) ? 'data-url' : 'network'),
    sizes: {
      headers: metrics?.responseHeaderBytesReceived ?? loader.response?.httpHeaderFields.sizeInBytes ?? 0,
      encoded: metrics?.responseBodyBytesReceived ?? receivedBytes,
      decoded: metrics?.responseBodyDecodedSize ?? receivedBytes,
    },
  }
}

export function entryFromMemoryCache(start: ResourceLoadStart, resource: CachedResource): ResourceLoadEntry {
  const response = resource.response?.data() ?? null
  return {
    ...start,
    finalUrl: resource.finalURL,
    response: response === null ? null : { ...response, source: 'memory-cache' },
    metrics: null,
    error: null,
    startedAt: null,
    finishedAt: now(),
    redirects: [],
    source: 'memory-cache',
    sizes: {
      headers: new HTTPHeaderMap(response?.httpHeaderFields).sizeInBytes,
      encoded: 0,
      decoded: resource.encodedSize,
    },
  }
}

/** A load that was refused before it began. */
export function entryFromRefusal(start: ResourceLoadStart, error: ResourceError): ResourceLoadEntry {
  return {
    ...start,
    finalUrl: start.url,
    response: null,
    metrics: null,
    error: error.data(),
    startedAt: null,
    finishedAt: now(),
    redirects: [],
    source: 'network',
    sizes: { headers: 0, encoded: 0, decoded: 0 },
  }
}
