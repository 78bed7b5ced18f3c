// Whether a request comes from the site it goes to, and which cookies it may carry if not. Called by CookieJar.
// RFC 6265bis sections 5.2 and 5.6.7. Upstream: cookie_is_valid_for_same_site_policy in soup-cookie-jar.c, which compares
// hosts where the RFC, and this, compare sites.

import type { Uri } from '@wpe-networking/glib-gio'
import type { RequestTarget } from '../uri/request-target.ts'
import { siteOf } from '../uri/tld.ts'
import { hasDefaultSameSite } from './cookie.ts'
import { isSecureScheme } from './cookie-matching.ts'
import type { StoredCookie } from './cookie-store.ts'
import { SameSitePolicy } from './same-site-policy.ts'

/** Who asks for cookies; see `getCookieListWithSameSiteInfo`. */
export interface SameSiteInfo {
  /** The top-level page; null enforces no SameSite policy. */
  readonly topLevel: Uri | null
  /** Null is another site than any. */
  readonly siteForCookies: Uri | null
  /** For a request, rather than for a script, which must not see HttpOnly cookies. */
  readonly forHttp: boolean
  readonly isSafeMethod: boolean
  readonly isTopLevelNavigation: boolean
}

/** What a request may carry, each with what comes before it: every cookie, or those of the SameSite policy said. */
export const SameSiteContext = { NONE: 0, LAX_UNSAFE: 1, LAX: 2, STRICT: 3 } as const
export type SameSiteContext = (typeof SameSiteContext)[keyof typeof SameSiteContext]

/**
 * How long a cookie whose server named no SameSite policy goes with a POST from another site that navigates: logins are
 * made of such. Milliseconds. RFC 6265bis section 5.6.7.2.
 */
const LAX_ALLOWING_UNSAFE_AGE = 120_000

export function sameSiteContext(target: RequestTarget, info: SameSiteInfo): SameSiteContext {
  if (info.topLevel === null || isSameSite(target, info.siteForCookies)) return SameSiteContext.STRICT
  if (!info.isTopLevelNavigation) return SameSiteContext.NONE
  return info.isSafeMethod || !info.forHttp ? SameSiteContext.LAX : SameSiteContext.LAX_UNSAFE
}

/** @param now Milliseconds since the epoch. */
export function mayGoWith(stored: StoredCookie, context: SameSiteContext, now: number): boolean {
  const { cookie } = stored
  if (context === SameSiteContext.STRICT || cookie.sameSitePolicy === SameSitePolicy.NONE) return true
  if (cookie.sameSitePolicy === SameSitePolicy.STRICT || context === SameSiteContext.NONE) return false
  if (context === SameSiteContext.LAX) return true
  return hasDefaultSameSite(cookie) && now - stored.created <= LAX_ALLOWING_UNSAFE_AGE
}

/** Same registrable domain and both or neither of the schemes secure (HTML, "same site"). */
export function isSameSite(target: RequestTarget, uri: Uri | null): boolean {
  const host = uri?.host ?? ''
  if (uri === null || host === '') return false
  if (isSecureScheme(uri.scheme) !== isSecureScheme(target.uri.scheme)) return false
  return siteOf(host.toLowerCase()) === siteOf(target.hostname)
}
