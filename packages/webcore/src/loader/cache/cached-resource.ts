// One resource a page has asked for, while it loads and after: its response, its data while the memory cache has room, its
// clients. Made by CachedResourceLoader, fed by SubresourceLoader. Upstream: WebCore/loader/cache/CachedResource.cpp

import type { FetchOptions } from '@wpe-networking/webkit-network-process/connection'
import type { ResourceError } from '../../platform/network/resource-error.ts'
import type { ResourceRequest } from '../../platform/network/resource-request.ts'
import type { ResourceResponse } from '../../platform/network/resource-response.ts'
import type { CachedResourceClient } from './cached-resource-client.ts'
import type { CachedResourceType } from './cached-resource-type.ts'
import type { MemoryCache } from './memory-cache.ts'

export type CachedResourceStatus = 'pending' | 'cached' | 'load-error'

export interface CachedResourceInit {
  readonly request: ResourceRequest
  readonly type: CachedResourceType
  readonly options: FetchOptions
  readonly memoryCache: MemoryCache
}

export class CachedResource {
  readonly type: CachedResourceType
  readonly resourceRequest: ResourceRequest
  readonly options: FetchOptions
  response: ResourceResponse | null = null
  error: ResourceError | null = null
  status: CachedResourceStatus = 'pending'
  protected readonly clients = new Set<CachedResourceClient>()
  readonly #memoryCache: MemoryCache
  #chunks: Uint8Array[] | null = []
  #encodedSize = 0
  #finalURL: string | null = null
  #redirectChainAllowsReuse = true

  constructor(init: CachedResourceInit) {
    this.type = init.type
    this.resourceRequest = init.request
    this.options = init.options
    this.#memoryCache = init.memoryCache
  }

  /** Without the fragment. */
  get url(): string {
    return this.resourceRequest.url
  }

  get isLoading(): boolean {
    return this.status === 'pending'
  }

  /** `url` after redirects; what relative URLs inside the resource are resolved against. */
  get finalURL(): string {
    return this.#finalURL ?? this.url
  }

  /** Whether every redirect on the way was one that may be remembered; when not, the URL may lead elsewhere next time. */
  get redirectChainAllowsReuse(): boolean {
    return this.#redirectChainAllowsReuse
  }

  /** Whether the body may be used: the load succeeded and so did the request it was. */
  get isUsable(): boolean {
    return this.status === 'cached' && (this.response?.isSuccessful ?? false)
  }

  /** Bytes of the body held here. */
  get encodedSize(): number {
    return this.#encodedSize
  }

  /** The body, or null when it is not all in yet or had to make room. */
  get resourceBuffer(): Uint8Array | null {
    if (this.status !== 'cached' || this.#chunks === null) return null
    const joined = new Uint8Array(this.#encodedSize)
    let at = 0
    for (const chunk of this.#chunks) {
      joined.set(chunk, at)
      at += chunk.byteLength
    }
    this.#chunks = [joined]
    return joined
  }

  /** Whether the whole body is still here for another use. */
  get hasData(): boolean {
    return this.#chunks !== null
  }

  addClient(client: CachedResourceClient): void {
    this.clients.add(client)
    if (!this.isLoading) client.notifyFinished(this)
  }

  removeClient(client: CachedResourceClient): void {
    this.clients.delete(client)
  }

  /** @returns The request to go on with; null after the load was cancelled. */
  redirectReceived(
    request: ResourceRequest,
    redirectResponse: ResourceResponse,
  ): Promise<ResourceRequest | null> | ResourceRequest | null {
    this.#finalURL = request.url
    this.#redirectChainAllowsReuse &&= redirectResponse.isFresh(Date.now())
    return request
  }

  responseReceived(response: ResourceResponse): void {
    this.response = response
    if (response.cacheControlContainsNoStore) this.#memoryCache.remove(this)
  }

  updateBuffer(chunk: Uint8Array): void {
    if (this.#chunks === null) return
    // A copy: the chunk may be a small view of a large receive buffer.
    this.#chunks.push(new Uint8Array(chunk))
    this.#encodedSize += chunk.byteLength
    this.#memoryCache.adjustSize(this, chunk.byteLength)
  }

  finishLoading(): void {
    this.status = 'cached'
    this.#notifyClients()
  }

  setError(error: ResourceError): void {
    this.status = 'load-error'
    this.error = error
    this.#memoryCache.remove(this)
    this.#notifyClients()
  }

  /** Forgets the body to make room. Called by MemoryCache. */
  destroyData(): void {
    this.#chunks = null
    this.#encodedSize = 0
  }

  #notifyClients(): void {
    for (const client of [...this.clients]) client.notifyFinished(this)
  }
}
