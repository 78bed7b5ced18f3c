// A resource whose client reads it as it comes: the main resource, media, objects. Nothing of it is kept.
// Upstream: WebCore/loader/cache/CachedRawResource.cpp

import type { ResourceRequest } from '../../platform/network/resource-request.ts'
import type { ResourceResponse } from '../../platform/network/resource-response.ts'
import type { CachedRawResourceClient } from './cached-resource-client.ts'
import { CachedResource } from './cached-resource.ts'
import type { CachedResourceInit } from './cached-resource.ts'

export class CachedRawResource extends CachedResource {
  constructor(init: CachedResourceInit) {
    super(init)
    this.destroyData()
  }

  override redirectReceived(
    request: ResourceRequest,
    redirectResponse: ResourceResponse,
  ): Promise<ResourceRequest | null> | ResourceRequest | null {
    for (const client of this.#rawClients) {
      if (client.redirectReceived !== undefined) return client.redirectReceived(request, redirectResponse)
    }
    return super.redirectReceived(request, redirectResponse)
  }

  override responseReceived(response: ResourceResponse): void {
    super.responseReceived(response)
    for (const client of this.#rawClients) client.responseReceived?.(response)
  }

  override updateBuffer(chunk: Uint8Array): void {
    for (const client of this.#rawClients) client.dataReceived?.(chunk)
  }

  get #rawClients(): CachedRawResourceClient[] {
    return [...this.clients]
  }
}
