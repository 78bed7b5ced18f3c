// What of a response a WebProcess may not see. Called by NetworkResourceLoader.
// Upstream: WebCore/platform/network/ResourceResponseBase.cpp (sanitizeHTTPHeaderFields); Fetch "forbidden response-header name".
import type { ResourceResponseData } from '../shared/resource-response-data.ts'

/** `response` without Set-Cookie and Set-Cookie2: cookies are the NetworkProcess's, HttpOnly ones always. */
export function sanitisedResponse(response: ResourceResponseData): ResourceResponseData {
  const isHidden = ([name]: readonly [string, string]): boolean => /^set-cookie2?$/i.test(name)
  if (!response.httpHeaderFields.some(isHidden)) return response
  return { ...response, httpHeaderFields: response.httpHeaderFields.filter((field) => !isHidden(field)) }
}
