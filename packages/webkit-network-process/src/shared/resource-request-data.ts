// A request as it crosses the process boundary. WebCore's ResourceRequest wraps it; NetworkDataTaskSoup turns it into a
// Soup.Message. Upstream: WebCore/platform/network/ResourceRequestBase.h (RequestData).
import { Type, type Static } from 'typebox'
import { BytesSchema, HTTPHeaderFieldsSchema } from './wire-types.ts'

/** How urgent a load is, as WebCore ranks resource types. */
export const ResourceLoadPrioritySchema = Type.Enum(['VeryLow', 'Low', 'Medium', 'High', 'VeryHigh'])
export type ResourceLoadPriority = Static<typeof ResourceLoadPrioritySchema>

/** What a cache may answer, as in WebCore's ResourceRequestCachePolicy. */
export const ResourceRequestCachePolicySchema = Type.Enum([
  'UseProtocolCachePolicy',
  'ReloadIgnoringCacheData',
  'ReturnCacheDataElseLoad',
  'ReturnCacheDataDontLoad',
  'DoNotUseAnyCache',
  'RefreshAnyCacheData',
])
export type ResourceRequestCachePolicy = Static<typeof ResourceRequestCachePolicySchema>

export const ResourceRequestDataSchema = Type.Object(
  {
    /** Absolute, as the URL standard serialises it. */
    url: Type.String({ minLength: 1 }),
    /** A token (RFC 9110 section 9.1); case is kept. */
    httpMethod: Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$" }),
    httpHeaderFields: HTTPHeaderFieldsSchema,
    httpBody: Type.Union([Type.Null(), BytesSchema]),
    priority: ResourceLoadPrioritySchema,
    cachePolicy: ResourceRequestCachePolicySchema,
    /** URL of the top document, null when there is none. */
    firstPartyForCookies: Type.Union([Type.Null(), Type.String()]),
    isSameSite: Type.Boolean(),
    isTopSite: Type.Boolean(),
    allowCookies: Type.Boolean(),
    /** Seconds without any answer before the load fails; 0 waits for ever. */
    timeoutInterval: Type.Number({ minimum: 0, maximum: 0x7fffffff / 1000 }),
  },
  { additionalProperties: false },
)
export type ResourceRequestData = Static<typeof ResourceRequestDataSchema>
