// A request on its way into CachedResourceLoader: the type's defaults, the page's fields and the document's policy put into
// one ResourceRequest. Upstream: WebCore/loader/cache/CachedResourceRequest.cpp

import { siteFromURL } from '@wpe-networking/webkit-network-process/connection'
import type { FetchOptions } from '@wpe-networking/webkit-network-process/connection'
import type { Document } from '../../dom/document.ts'
import { SecurityOrigin } from '../../page/security-origin.ts'
import { generateReferrerHeader } from '../../page/security-policy.ts'
import type { PageSettings } from '../../page/settings.ts'
import { HTTPHeaderName } from '../../platform/network/http-header-names.ts'
import { applyFetchPriority } from '../../platform/network/resource-load-priority.ts'
import { ResourceRequest } from '../../platform/network/resource-request.ts'
import type { ResourceLoadInitiator, ResourceLoadType } from '../resource-load-entry.ts'
import type { SubresourceRequest } from '../subresource-request.ts'
import { CACHED_RESOURCE_TYPES } from './cached-resource-type.ts'
import type { CachedResourceType } from './cached-resource-type.ts'

export interface CachedResourceRequest {
  readonly type: CachedResourceType
  readonly entryType: ResourceLoadType
  readonly initiator: ResourceLoadInitiator
  readonly resourceRequest: ResourceRequest
  readonly options: FetchOptions
}

/** Fields an embedder sets for the page that say nothing secret, and so may cross to another origin. */
const HARMLESS_EXTRA_HEADERS = new Set(['accept', 'accept-language', 'user-agent', 'dnt', 'cache-control', 'pragma'])

/** The request of a navigation: what the embedder asked for, with the fields every navigation has. */
export function mainResourceRequest(request: ResourceRequest, settings: PageSettings): CachedResourceRequest {
  const resourceRequest = request.copy()
  const traits = CACHED_RESOURCE_TYPES.MainResource
  resourceRequest.priority = traits.priority
  resourceRequest.isTopSite = true
  resourceRequest.isSameSite = true
  resourceRequest.firstPartyForCookies = request.url
  addPageHeaders(resourceRequest, settings, null)
  resourceRequest.httpHeaderFields.addIfNotPresent(HTTPHeaderName.Accept, traits.accept)
  if (/^http:/i.test(request.url)) {
    resourceRequest.httpHeaderFields.addIfNotPresent(HTTPHeaderName.UpgradeInsecureRequests, '1')
  }
  return {
    type: 'MainResource',
    entryType: traits.entryType,
    initiator: { type: 'navigation', url: null },
    resourceRequest,
    options: {
      mode: 'navigate',
      credentials: 'include',
      cache: 'default',
      redirect: 'follow',
      referrerPolicy: '',
      destination: traits.destination,
    },
  }
}

/** The request of a subresource of `document`. */
export function subresourceRequest(
  wanted: SubresourceRequest,
  document: Document,
  settings: PageSettings,
): CachedResourceRequest {
  const traits = CACHED_RESOURCE_TYPES[wanted.type]
  const url = removeFragmentIdentifier(wanted.url)
  const resourceRequest = new ResourceRequest({
    url,
    priority: applyFetchPriority(wanted.priority ?? traits.priority, wanted.fetchPriority ?? null),
    timeoutInterval: settings.timeoutInterval ?? 0,
  })
  resourceRequest.firstPartyForCookies = document.url
  resourceRequest.isSameSite = siteFromURL(url) === siteFromURL(document.url)
  const options = fetchOptions(wanted, document)
  updateReferrerAndOriginHeaders(resourceRequest, options, document, wanted.initiator.url ?? document.url)
  addPageHeaders(resourceRequest, settings, document.securityOrigin)
  resourceRequest.httpHeaderFields.addIfNotPresent(HTTPHeaderName.Accept, traits.accept)
  const entryType = wanted.isPreload === true && wanted.type === 'RawResource' ? 'preload' : traits.entryType
  return { type: wanted.type, entryType, initiator: wanted.initiator, resourceRequest, options }
}

/** Drops what the embedder set for its own origin when a redirect leads to another one. */
export function removeExtraHeadersForRedirect(request: ResourceRequest, from: string, settings: PageSettings): void {
  if (SecurityOrigin.create(from).canRequest(request.url)) return
  for (const [name] of settings.extraHeaders ?? []) {
    if (!HARMLESS_EXTRA_HEADERS.has(name.toLowerCase())) request.httpHeaderFields.remove(name)
  }
}

/** Sets Referer anew for where a redirect leads. */
export function updateReferrerAndOriginHeaders(
  request: ResourceRequest,
  options: FetchOptions,
  document: Document,
  referrer: string,
): void {
  request.setHTTPReferrer(generateReferrerHeader(document.referrerPolicy, request.url, referrer))
  // A cross-origin CORS request says whose it is (Fetch, "append a request Origin header").
  if (options.mode === 'cors' && !document.securityOrigin.canRequest(request.url) && !/^data:/i.test(request.url)) {
    request.setHTTPOrigin(document.securityOrigin.toString())
  }
}

function fetchOptions(wanted: SubresourceRequest, document: Document): FetchOptions {
  const crossOrigin = wanted.crossOrigin ?? null
  const isCORS = crossOrigin !== null || wanted.alwaysCORS === true
  const includesCredentials = !isCORS || crossOrigin?.toLowerCase() === 'use-credentials'
  return {
    mode: isCORS ? 'cors' : 'no-cors',
    credentials: includesCredentials ? 'include' : 'same-origin',
    cache: 'default',
    redirect: 'follow',
    referrerPolicy: document.referrerPolicy,
    destination: CACHED_RESOURCE_TYPES[wanted.type].destination,
  }
}

/** `origin` is the document's, or null for the main resource, which gets every extra field. */
function addPageHeaders(request: ResourceRequest, settings: PageSettings, origin: SecurityOrigin | null): void {
  const mayHaveAll = origin === null || origin.canRequest(request.url)
  for (const [name, value] of settings.extraHeaders ?? []) {
    if (mayHaveAll || HARMLESS_EXTRA_HEADERS.has(name.toLowerCase())) request.httpHeaderFields.append(name, value)
  }
  request.httpHeaderFields.addIfNotPresent(HTTPHeaderName.UserAgent, settings.userAgent)
  if (settings.acceptLanguage !== undefined) {
    request.httpHeaderFields.addIfNotPresent(HTTPHeaderName.AcceptLanguage, settings.acceptLanguage)
  }
}

function removeFragmentIdentifier(url: string): string {
  const hash = url.indexOf('#')
  return hash < 0 ? url : url.slice(0, hash)
}
