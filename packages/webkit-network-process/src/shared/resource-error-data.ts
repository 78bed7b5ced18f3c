// Why a load failed, as it crosses the process boundary: the domain, code and sentence of the layer that noticed, unchanged.
// Upstream: WebCore/platform/network/ResourceErrorBase.h, soup/ResourceErrorSoup.cpp.
import { Type, type Static } from 'typebox'

export const ResourceErrorTypeSchema = Type.Enum(['General', 'AccessControl', 'Cancellation', 'Timeout'])
export type ResourceErrorType = Static<typeof ResourceErrorTypeSchema>

export const ResourceErrorDataSchema = Type.Object(
  {
    /** GError quark string of the layer that failed, `WebKitNetworkError` for this one's own. */
    domain: Type.String(),
    code: Type.String(),
    failingURL: Type.String(),
    /** One plain sentence. */
    localizedDescription: Type.String(),
    type: ResourceErrorTypeSchema,
    /** TlsCertificateFlags of the peer's certificate, 0 when that is not what failed. */
    tlsErrors: Type.Integer({ minimum: 0, maximum: 127 }),
  },
  { additionalProperties: false },
)
export type ResourceErrorData = Static<typeof ResourceErrorDataSchema>

/** Domain of the errors that are this layer's own. */
export const NETWORK_ERROR_DOMAIN = 'WebKitNetworkError'

/**
 * Codes in {@link NETWORK_ERROR_DOMAIN}. The first five are WPE's WebKitNetworkError; the others tell apart what WebKit keeps in
 * separate domains or leaves to the message.
 */
export const NetworkErrorCode = {
  FAILED: 'FAILED',
  TRANSPORT: 'TRANSPORT',
  UNKNOWN_PROTOCOL: 'UNKNOWN_PROTOCOL',
  CANCELLED: 'CANCELLED',
  FILE_DOES_NOT_EXIST: 'FILE_DOES_NOT_EXIST',
  BAD_URL: 'BAD_URL',
  TOO_MANY_REDIRECTS: 'TOO_MANY_REDIRECTS',
  BAD_REDIRECT: 'BAD_REDIRECT',
  CROSS_SITE_NAVIGATION: 'CROSS_SITE_NAVIGATION',
  NETWORK_PROCESS_CRASHED: 'NETWORK_PROCESS_CRASHED',
} as const
export type NetworkErrorCode = (typeof NetworkErrorCode)[keyof typeof NetworkErrorCode]

/** An error of this layer's own, type General unless said otherwise. */
export function networkError(
  code: NetworkErrorCode,
  failingURL: string,
  localizedDescription: string,
  type: ResourceErrorType = 'General',
): ResourceErrorData {
  return { domain: NETWORK_ERROR_DOMAIN, code, failingURL, localizedDescription, type, tlsErrors: 0 }
}

/** What a load that was cancelled on this side ends with. */
export function cancelledError(failingURL: string): ResourceErrorData {
  return networkError(NetworkErrorCode.CANCELLED, failingURL, 'The load was cancelled.', 'Cancellation')
}
