// One response head as WebCore sees it, with the questions loaders ask of it. Wraps the ResourceResponseData that came over
// the process boundary. Upstream: WebCore/platform/network/ResourceResponseBase.cpp

import type { ResourceResponseData } from '@wpe-networking/webkit-network-process/connection'
import { computeCurrentAge, computeFreshnessLifetime, parseCacheControlDirectives } from './cache-validation.ts'
import type { CacheControlDirectives } from './cache-validation.ts'
import { HTTPHeaderMap } from './http-header-map.ts'
import { HTTPHeaderName } from './http-header-names.ts'

const REDIRECTION_STATUS_CODES = [301, 302, 303, 307, 308]

/** A response head. It does not change. */
export class ResourceResponse {
  readonly httpHeaderFields: HTTPHeaderMap
  readonly #data: ResourceResponseData
  /** When it came, in ms since the epoch. */
  readonly #receivedAt: number
  #cacheControl: CacheControlDirectives | null = null

  constructor(data: ResourceResponseData, receivedAt: number = Date.now()) {
    this.#data = data
    this.#receivedAt = receivedAt
    this.httpHeaderFields = new HTTPHeaderMap(data.httpHeaderFields)
  }

  get url(): string {
    return this.#data.url
  }

  /** The media type without parameters, in lower case; empty when nobody could tell. */
  get mimeType(): string {
    return this.#data.mimeType.toLowerCase()
  }

  /** The charset the Content-Type named, or an empty string. */
  get textEncodingName(): string {
    return this.#data.textEncodingName
  }

  /** Bytes announced, or -1. */
  get expectedContentLength(): number {
    return this.#data.expectedContentLength
  }

  get httpStatusCode(): number {
    return this.#data.httpStatusCode
  }

  get isInHTTPFamily(): boolean {
    return /^https?:/i.test(this.url)
  }

  /** Whether a subresource may be used: a 2xx status, or a scheme that has no status. */
  get isSuccessful(): boolean {
    if (!this.isInHTTPFamily) return true
    return this.httpStatusCode >= 200 && this.httpStatusCode < 300
  }

  get isRedirection(): boolean {
    return REDIRECTION_STATUS_CODES.includes(this.httpStatusCode)
  }

  get isNosniff(): boolean {
    return (
      this.httpHeaderFields.get(HTTPHeaderName.XContentTypeOptions)?.split(',')[0]?.trim().toLowerCase() === 'nosniff'
    )
  }

  get cacheControlContainsNoStore(): boolean {
    return this.#directives.noStore
  }

  /** Whether it may be used at `now` (ms since the epoch) without asking the origin. */
  isFresh(now: number): boolean {
    if (!this.isInHTTPFamily) return true
    const { noCache, noStore } = this.#directives
    if (noCache || noStore) return false
    const lifetime = computeFreshnessLifetime(this.httpHeaderFields, this.#receivedAt)
    return computeCurrentAge(this.httpHeaderFields, this.#receivedAt, now) < lifetime
  }

  data(): ResourceResponseData {
    return this.#data
  }

  get #directives(): CacheControlDirectives {
    return (this.#cacheControl ??= parseCacheControlDirectives(this.httpHeaderFields))
  }
}
