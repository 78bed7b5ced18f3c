// The loads of one document: makes each resource once, counts what is under way and reports begin and end of every load.
// Called by DocumentLoader. Upstream: WebCore/loader/cache/CachedResourceLoader.cpp

import { siteFromURL } from '@wpe-networking/webkit-network-process/connection'
import type { Document } from '../../dom/document.ts'
import { now, publishResourceEnd, publishResourceStart } from '../../diagnostics.ts'
import type { LocalFrame } from '../../page/local-frame.ts'
import { cannotShowURLError } from '../../platform/network/resource-error.ts'
import type { ResourceError } from '../../platform/network/resource-error.ts'
import type { ResourceRequest } from '../../platform/network/resource-request.ts'
import type { ResourceLoadEntry, ResourceLoadStart } from '../resource-load-entry.ts'
import { entryFromLoad, entryFromMemoryCache, entryFromRefusal } from '../resource-timing.ts'
import { SubresourceLoader } from '../subresource-loader.ts'
import type { SubresourceLoaderClient } from '../subresource-loader.ts'
import type { SubresourceRequest } from '../subresource-request.ts'
import { createCachedResource } from './cached-resource-factory.ts'
import {
  mainResourceRequest,
  removeExtraHeadersForRedirect,
  subresourceRequest,
  updateReferrerAndOriginHeaders,
} from './cached-resource-request.ts'
import type { CachedResourceRequest } from './cached-resource-request.ts'
import type { CachedResource } from './cached-resource.ts'
import { determineRevalidationPolicy } from './revalidation-policy.ts'

/** Subresources one document may load; further ones are counted and dropped. */
export const MAX_SUBRESOURCES = 10_000

/** Characters of a subresource's URL that is still loaded: it comes back in the response, whose IPC message holds 1 MiB. */
export const MAX_URL_LENGTH = 512 * 1024

/** Characters that are reported of a URL that is longer than that. */
const REPORTED_URL_LENGTH = 2048

interface Load {
  readonly start: ResourceLoadStart
  readonly request: CachedResourceRequest
}

export class CachedResourceLoader implements SubresourceLoaderClient {
  readonly #frame: LocalFrame
  readonly #loadsDone: () => void
  readonly #documentResources = new Map<string, CachedResource>()
  readonly #loads = new Map<SubresourceLoader, Load>()
  #document: Document | null = null
  #requested = 0
  #dropped = 0

  /** @param loadsDone Called each time no load is under way any more. */
  constructor(frame: LocalFrame, loadsDone: () => void) {
    this.#frame = frame
    this.#loadsDone = loadsDone
  }

  /** Loads under way, the main resource among them. */
  get requestCount(): number {
    return this.#loads.size
  }

  /** Subresources that were not loaded because the document has more than `MAX_SUBRESOURCES`. */
  get droppedRequestCount(): number {
    return this.#dropped
  }

  /** Subresources are resolved and judged against this document. */
  setDocument(document: Document): void {
    this.#document = document
  }

  /** Begins the load of the main resource. The client of the resource returned must be added in the same turn. */
  requestMainResource(request: ResourceRequest): { resource: CachedResource; loader: SubresourceLoader } {
    const wanted = mainResourceRequest(request, this.#frame.page.settings)
    const resource = createCachedResource(wanted, this.#frame.page.memoryCache)
    return { resource, loader: this.#startLoad(wanted, resource, now()) }
  }

  /**
   * @param queuedAt When the document asked, in ms since the epoch.
   * @returns The resource, shared with every other mention of it; null when it was refused, which has been reported.
   */
  requestSubresource(wanted: SubresourceRequest, queuedAt: number): CachedResource | null {
    if (this.#document === null) return null
    const request = subresourceRequest(wanted, this.#document, this.#frame.page.settings)
    const { url } = request.resourceRequest
    const key = `${request.type} ${request.options.mode} ${request.options.credentials} ${url}`
    const inDocument =
      this.#documentResources.get(key) ?? this.#documentResources.get(key.replace(/^Icon/, 'ImageResource'))
    if (determineRevalidationPolicy(request, inDocument ?? null, true, queuedAt) === 'use') return inDocument ?? null
    if (this.#requested >= MAX_SUBRESOURCES) {
      this.#dropped++
      return null
    }
    this.#requested++
    if (!canRequest(url)) {
      this.#refuse(request, queuedAt)
      return null
    }
    const { memoryCache } = this.#frame.page
    const cached = memoryCache.resourceForRequest(url)
    if (cached !== null && determineRevalidationPolicy(request, cached, false, queuedAt) === 'use') {
      this.#documentResources.set(key, cached)
      const start = this.#reportStart(request, queuedAt)
      this.#reportEnd(entryFromMemoryCache(start, cached))
      return cached
    }
    const resource = createCachedResource(request, memoryCache)
    this.#documentResources.set(key, resource)
    memoryCache.add(resource)
    this.#startLoad(request, resource, queuedAt)
    return resource
  }

  /** Stops every load under way; each is reported with `error`. */
  stopLoading(error?: ResourceError): void {
    for (const loader of [...this.#loads.keys()]) loader.cancel(error)
  }

  /** Ends the load of `resource` as done, when it is under way: the rest of it is not wanted. */
  finishEarly(resource: CachedResource): void {
    for (const loader of this.#loads.keys()) {
      if (loader.cachedResource === resource) {
        loader.finishEarly()
        return
      }
    }
  }

  updateRequestAfterRedirection(loader: SubresourceLoader, request: ResourceRequest, from: string): void {
    removeExtraHeadersForRedirect(request, from, this.#frame.page.settings)
    const load = this.#loads.get(loader)
    if (this.#document === null || load === undefined) return
    const { initiator, options } = load.request
    request.isSameSite &&= siteFromURL(request.url) === siteFromURL(this.#document.url)
    updateReferrerAndOriginHeaders(request, options, this.#document, initiator.url ?? this.#document.url)
  }

  subresourceLoaderWillFinish(loader: SubresourceLoader): void {
    const load = this.#loads.get(loader)
    if (load !== undefined) this.#reportEnd(entryFromLoad(load.start, loader))
  }

  subresourceLoaderDidFinish(loader: SubresourceLoader): void {
    this.#loads.delete(loader)
    if (this.#loads.size === 0) this.#loadsDone()
  }

  #startLoad(request: CachedResourceRequest, resource: CachedResource, queuedAt: number): SubresourceLoader {
    const { page } = this.#frame
    const loader = new SubresourceLoader(
      {
        strategy: page.loaderStrategy,
        request: request.resourceRequest,
        fetchOptions: request.options,
        pageID: page.identifier,
        frameID: this.#frame.identifier,
        isMainFrameNavigation: request.type === 'MainResource',
      },
      resource,
      this,
    )
    const start = this.#reportStart(request, queuedAt)
    this.#loads.set(loader, { start, request })
    loader.start()
    return loader
  }

  #refuse(request: CachedResourceRequest, queuedAt: number): void {
    const start = this.#reportStart(request, queuedAt)
    this.#reportEnd(entryFromRefusal(start, cannotShowURLError(start.url)))
  }

  #reportStart(request: CachedResourceRequest, queuedAt: number): ResourceLoadStart {
    const { page } = this.#frame
    const { resourceRequest } = request
    const { url } = resourceRequest
    const start: ResourceLoadStart = {
      identifier: page.nextResourceIdentifier(),
      url: url.length > MAX_URL_LENGTH ? url.slice(0, REPORTED_URL_LENGTH) : url,
      type: request.entryType,
      initiator: request.initiator,
      priority: resourceRequest.priority,
      method: resourceRequest.httpMethod,
      requestHeaders: resourceRequest.httpHeaderFields.data(),
      queuedAt,
    }
    publishResourceStart(page.identifier, start)
    page.frameLoaderClient.didInitiateResourceLoad(start)
    return start
  }

  #reportEnd(entry: ResourceLoadEntry): void {
    publishResourceEnd(this.#frame.page.identifier, entry)
    this.#frame.page.frameLoaderClient.didCompleteResourceLoad(entry)
  }
}

/** Web content loads from the web only: a page may not reach files or make up schemes. */
function canRequest(url: string): boolean {
  return /^(https?|data):/i.test(url) && url.length <= MAX_URL_LENGTH
}
