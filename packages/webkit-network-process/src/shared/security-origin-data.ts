// An origin as plain data. Upstream: WebCore/page/SecurityOriginData.h; HTML section 7.1.1.
import { Type, type Static } from 'typebox'

export const SecurityOriginDataSchema = Type.Object(
  {
    /** Scheme without the colon. */
    protocol: Type.String(),
    host: Type.String(),
    /** Null for the scheme's default port. */
    port: Type.Union([Type.Null(), Type.Integer({ minimum: 0, maximum: 65535 })]),
  },
  { additionalProperties: false },
)
export type SecurityOriginData = Static<typeof SecurityOriginDataSchema>

/** The origin of `url`; null when it has an opaque one (`data:`, `about:` and whatever does not parse). */
export function securityOriginFromURL(url: string): SecurityOriginData | null {
  const parsed = URL.parse(url)
  if (!parsed || parsed.origin === 'null') return null
  return {
    protocol: parsed.protocol.slice(0, -1),
    host: parsed.hostname,
    port: parsed.port === '' ? null : Number(parsed.port),
  }
}
