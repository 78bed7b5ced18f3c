// The request that a redirect asks for. Called by NetworkDataTaskSoup.
// Upstream: WebKit/NetworkProcess/soup/NetworkDataTaskSoup.cpp (continueHTTPRedirection); Fetch section 4.4, RFC 9110 section 15.4.
import type { ResourceRequestData } from '../shared/resource-request-data.ts'

const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const BODY_HEADERS: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
])
/** What was meant for one origin and may not reach another. */
const ORIGIN_HEADERS: ReadonlySet<string> = new Set(['authorization', 'origin', 'proxy-authorization'])

export function isRedirect(status: number, location: string | null): location is string {
  return location !== null && REDIRECT_STATUSES.has(status)
}

/**
 * The request after `request` was answered with `status` and `location`. Null when the location is no URL.
 *
 * @param isMainFrameNavigation Such a load is its own first party, at each hop anew.
 */
export function redirectedRequest(
  request: ResourceRequestData,
  status: number,
  location: string,
  isMainFrameNavigation: boolean,
): ResourceRequestData | null {
  const from = new URL(request.url)
  const to = URL.parse(location, from)
  if (!to) return null
  if (to.hash === '' && !location.includes('#')) to.hash = from.hash
  const becomesGet = redirectsAsGet(status, request.httpMethod)
  const leavesSecurity = from.protocol === 'https:' && to.protocol !== 'https:'
  const isDropped = (name: string): boolean =>
    (becomesGet && BODY_HEADERS.has(name)) ||
    (to.origin !== from.origin && ORIGIN_HEADERS.has(name)) ||
    (leavesSecurity && name === 'referer')
  return {
    ...request,
    url: to.href,
    httpMethod: becomesGet ? 'GET' : request.httpMethod,
    httpBody: becomesGet ? null : request.httpBody,
    httpHeaderFields: request.httpHeaderFields.filter(([name]) => !isDropped(name.toLowerCase())),
    firstPartyForCookies: isMainFrameNavigation ? to.href : request.firstPartyForCookies,
  }
}

/** 303 turns everything but HEAD into GET; 301 and 302 turn POST into GET, as every browser does. */
function redirectsAsGet(status: number, method: string): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD'
  return (status === 301 || status === 302) && method === 'POST'
}
