// One request as WebCore sees it: where, how, with which fields, and the policy that travels with it. Made by the loaders,
// sent to the NetworkProcess as ResourceRequestData. Upstream: WebCore/platform/network/ResourceRequestBase.cpp

import type { ResourceRequestData } from '@wpe-networking/webkit-network-process/connection'
import { HTTPHeaderMap } from './http-header-map.ts'
import { HTTPHeaderName } from './http-header-names.ts'
import { ResourceLoadPriority } from './resource-load-priority.ts'

export interface ResourceRequestInit {
  url: string
  /** Default `GET`. */
  httpMethod?: string
  httpHeaderFields?: Iterable<readonly [name: string, value: string]>
  httpBody?: Uint8Array | null
  priority?: ResourceLoadPriority
  /** Seconds without a byte before the load fails; 0, the default, waits for ever. */
  timeoutInterval?: number
}

/** A request. It is a value that its owner changes until it is handed to a loader; `copy()` before keeping one. */
export class ResourceRequest {
  url: string
  httpMethod: string
  readonly httpHeaderFields: HTTPHeaderMap
  httpBody: Uint8Array | null
  priority: ResourceLoadPriority
  cachePolicy: ResourceRequestData['cachePolicy'] = 'UseProtocolCachePolicy'
  /** The URL of the main document, which decides whose cookies these are; null for a main resource not yet begun. */
  firstPartyForCookies: string | null = null
  isSameSite = false
  /** Whether this is the navigation of a top frame. */
  isTopSite = false
  allowCookies = true
  timeoutInterval: number

  constructor(init: ResourceRequestInit | string) {
    const options = typeof init === 'string' ? { url: init } : init
    this.url = options.url
    this.httpMethod = options.httpMethod ?? 'GET'
    this.httpHeaderFields = new HTTPHeaderMap(options.httpHeaderFields)
    this.httpBody = options.httpBody ?? null
    this.priority = options.priority ?? ResourceLoadPriority.Low
    this.timeoutInterval = options.timeoutInterval ?? 0
  }

  static fromData(data: ResourceRequestData): ResourceRequest {
    const request = new ResourceRequest(data)
    request.cachePolicy = data.cachePolicy
    request.firstPartyForCookies = data.firstPartyForCookies
    request.isSameSite = data.isSameSite
    request.isTopSite = data.isTopSite
    request.allowCookies = data.allowCookies
    return request
  }

  copy(): ResourceRequest {
    return ResourceRequest.fromData(this.data())
  }

  get httpReferrer(): string | null {
    return this.httpHeaderFields.get(HTTPHeaderName.Referer)
  }

  setHTTPReferrer(referrer: string): void {
    if (referrer === '') this.httpHeaderFields.remove(HTTPHeaderName.Referer)
    else this.httpHeaderFields.set(HTTPHeaderName.Referer, referrer)
  }

  setHTTPOrigin(origin: string): void {
    this.httpHeaderFields.set(HTTPHeaderName.Origin, origin)
  }

  /** Whether the request asks the server to answer only if something changed (RFC 9110 section 13.1). */
  get isConditional(): boolean {
    return ['If-Match', 'If-Modified-Since', 'If-None-Match', 'If-Range', 'If-Unmodified-Since'].some((name) =>
      this.httpHeaderFields.contains(name),
    )
  }

  data(): ResourceRequestData {
    return {
      url: this.url,
      httpMethod: this.httpMethod,
      httpHeaderFields: this.httpHeaderFields.data(),
      httpBody: this.httpBody,
      priority: this.priority,
      cachePolicy: this.cachePolicy,
      firstPartyForCookies: this.firstPartyForCookies,
      isSameSite: this.isSameSite,
      isTopSite: this.isTopSite,
      allowCookies: this.allowCookies,
      timeoutInterval: this.timeoutInterval,
    }
  }
}
