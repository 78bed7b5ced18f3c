// Who waits for a cached resource. Upstream: WebCore/loader/cache/CachedResourceClient.h and CachedRawResourceClient.h

import type { ResourceRequest } from '../../platform/network/resource-request.ts'
import type { ResourceResponse } from '../../platform/network/resource-response.ts'
import type { CachedResource } from './cached-resource.ts'

export interface CachedResourceClient {
  /** The load is over; `resource.error` says how. At once when the client is added to a resource that is over already. */
  notifyFinished(resource: CachedResource): void
}

/** A client that reads the body as it comes. */
export interface CachedRawResourceClient extends CachedResourceClient {
  /** @returns The request to go on with; null after having cancelled the load. */
  redirectReceived?(
    request: ResourceRequest,
    redirectResponse: ResourceResponse,
  ): Promise<ResourceRequest | null> | ResourceRequest | null
  responseReceived?(response: ResourceResponse): void
  dataReceived?(chunk: Uint8Array): void
}
