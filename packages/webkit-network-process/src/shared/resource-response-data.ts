// A response as it crosses the process boundary, Set-Cookie already taken out. WebCore's ResourceResponse wraps it.
// Upstream: WebCore/platform/network/ResourceResponseBase.h.
import { Type, type Static } from 'typebox'
import { HTTPHeaderFieldsSchema, OptionalStringSchema } from './wire-types.ts'

/** Where a response came from. */
export const ResourceResponseSourceSchema = Type.Enum([
  'network',
  'disk-cache',
  'disk-cache-after-validation',
  'memory-cache',
  'data-url',
])
export type ResourceResponseSource = Static<typeof ResourceResponseSourceSchema>

/** What TLS agreed on, in the words of the TLS library: `{ backend: 'openssl', protocol: 'TLS 1.3', cipher: 'TLS_AES_256_GCM_SHA384' }`. */
export const TlsConnectionDataSchema = Type.Object(
  { backend: Type.String(), protocol: Type.String(), cipher: Type.String() },
  { additionalProperties: false },
)
export type TlsConnectionData = Static<typeof TlsConnectionDataSchema>

export const ResourceResponseDataSchema = Type.Object(
  {
    url: Type.String(),
    /** Essence only, lower case: `text/html`. Empty when unknown. */
    mimeType: Type.String(),
    /** The charset parameter as given; empty when there is none. */
    textEncodingName: Type.String(),
    /** Bytes of the body as sent, -1 when the sender did not say. */
    expectedContentLength: Type.Integer({ minimum: -1 }),
    /** 0 for schemes that have none. */
    httpStatusCode: Type.Integer({ minimum: 0, maximum: 999 }),
    httpStatusText: Type.String(),
    /** `HTTP/1.1`, `HTTP/2`; empty for schemes that have none. */
    httpVersion: Type.String(),
    httpHeaderFields: HTTPHeaderFieldsSchema,
    source: ResourceResponseSourceSchema,
    isRedirected: Type.Boolean(),
    /** `address:port` of the peer, null when there was none. */
    remoteAddress: OptionalStringSchema,
    tls: Type.Union([Type.Null(), TlsConnectionDataSchema]),
    /** ALPN-like name: `http/1.0`, `http/1.1`, `h2`, `data`. */
    protocol: Type.String(),
  },
  { additionalProperties: false },
)
export type ResourceResponseData = Static<typeof ResourceResponseDataSchema>
