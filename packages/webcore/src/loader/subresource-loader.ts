// The load behind a CachedResource: passes what comes from the network on to it, and tells CachedResourceLoader when it is
// over. Upstream: WebCore/loader/SubresourceLoader.cpp

import type { ResourceRequest } from '../platform/network/resource-request.ts'
import type { ResourceResponse } from '../platform/network/resource-response.ts'
import type { CachedResource } from './cache/cached-resource.ts'
import { ResourceLoader } from './resource-loader.ts'
import type { ResourceLoaderOptions } from './resource-loader.ts'

export interface SubresourceLoaderClient {
  /** Adapts a redirected request to the document's policy. */
  updateRequestAfterRedirection(loader: SubresourceLoader, request: ResourceRequest, from: string): void
  /** Called after the load is over and before the resource's clients are told. */
  subresourceLoaderWillFinish(loader: SubresourceLoader): void
  /** Called after the resource's clients were told, so that what they asked for is counted already. */
  subresourceLoaderDidFinish(loader: SubresourceLoader): void
}

export class SubresourceLoader extends ResourceLoader {
  readonly cachedResource: CachedResource
  readonly #client: SubresourceLoaderClient

  constructor(options: ResourceLoaderOptions, resource: CachedResource, client: SubresourceLoaderClient) {
    super(options)
    this.cachedResource = resource
    this.#client = client
  }

  protected override willFollowRedirect(
    request: ResourceRequest,
    redirectResponse: ResourceResponse,
  ): Promise<ResourceRequest | null> | ResourceRequest | null {
    this.#client.updateRequestAfterRedirection(this, request, this.redirects.at(-1)?.url ?? this.originalRequest.url)
    return this.cachedResource.redirectReceived(request, redirectResponse)
  }

  protected override didReceiveResponse(response: ResourceResponse): void {
    this.cachedResource.responseReceived(response)
  }

  protected override didReceiveBuffer(chunk: Uint8Array): void {
    this.cachedResource.updateBuffer(chunk)
  }

  protected override didEnd(): void {
    this.#client.subresourceLoaderWillFinish(this)
    if (this.error === null) this.cachedResource.finishLoading()
    else this.cachedResource.setError(this.error)
    this.#client.subresourceLoaderDidFinish(this)
  }
}
