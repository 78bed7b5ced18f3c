// What a request tells about where it came from: the Referer field under each referrer policy.
// Upstream: WebCore/page/SecurityPolicy.cpp. Referrer Policy standard, section 8.3.

import { SecurityOrigin } from './security-origin.ts'

export const ReferrerPolicy = {
  NO_REFERRER: 'no-referrer',
  NO_REFERRER_WHEN_DOWNGRADE: 'no-referrer-when-downgrade',
  SAME_ORIGIN: 'same-origin',
  ORIGIN: 'origin',
  STRICT_ORIGIN: 'strict-origin',
  ORIGIN_WHEN_CROSS_ORIGIN: 'origin-when-cross-origin',
  STRICT_ORIGIN_WHEN_CROSS_ORIGIN: 'strict-origin-when-cross-origin',
  UNSAFE_URL: 'unsafe-url',
} as const
export type ReferrerPolicy = (typeof ReferrerPolicy)[keyof typeof ReferrerPolicy]

/** What a document has that says nothing about referrers. */
export const DEFAULT_REFERRER_POLICY: ReferrerPolicy = ReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN

/** Longer referrers are cut down to their origin (Referrer Policy, section 8.4). */
const MAX_REFERRER_LENGTH = 4096

/** The last policy in a Referrer-Policy value that is known, or null. Unknown words are passed over. */
export function parseReferrerPolicy(value: string): ReferrerPolicy | null {
  const known: readonly string[] = Object.values(ReferrerPolicy)
  const words = value.split(',').map((word) => word.trim().toLowerCase())
  return (words.findLast((word) => known.includes(word)) as ReferrerPolicy | undefined) ?? null
}

/** The Referer for a request to `url` made by the document or sheet at `referrer`; empty means the field is left out. */
export function generateReferrerHeader(policy: ReferrerPolicy, url: string, referrer: string): string {
  const origin = SecurityOrigin.create(referrer)
  if (!/^https?:/i.test(referrer) || origin.isOpaque || policy === ReferrerPolicy.NO_REFERRER) return ''
  const target = SecurityOrigin.create(url)
  const sameOrigin = origin.isSameOriginAs(target)
  const downgrade = origin.isPotentiallyTrustworthy && !target.isPotentiallyTrustworthy
  const originOnly = `${origin.toString()}/`
  const stripped = stripForReferrer(referrer)
  const full = stripped.length > MAX_REFERRER_LENGTH ? originOnly : stripped
  switch (policy) {
    case ReferrerPolicy.UNSAFE_URL:
      return full
    case ReferrerPolicy.ORIGIN:
      return originOnly
    case ReferrerPolicy.SAME_ORIGIN:
      return sameOrigin ? full : ''
    case ReferrerPolicy.ORIGIN_WHEN_CROSS_ORIGIN:
      return sameOrigin ? full : originOnly
    case ReferrerPolicy.STRICT_ORIGIN:
      return downgrade ? '' : originOnly
    case ReferrerPolicy.NO_REFERRER_WHEN_DOWNGRADE:
      return downgrade ? '' : full
    case ReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN:
      return sameOrigin ? full : downgrade ? '' : originOnly
  }
}

function stripForReferrer(url: string): string {
  const stripped = new URL(url)
  stripped.username = ''
  stripped.password = ''
  stripped.hash = ''
  return stripped.href
}
