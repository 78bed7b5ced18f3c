// The SameSite attribute of a cookie. Upstream: libsoup/cookies/soup-cookie.h. RFC 6265bis section 5.6.7.

/** Which requests from other sites a cookie goes with: all, navigations only, none. */
export const SameSitePolicy = { NONE: 0, LAX: 1, STRICT: 2 } as const
export type SameSitePolicy = (typeof SameSitePolicy)[keyof typeof SameSitePolicy]

/**
 * The policy of a cookie in a file. Native libsoup up to 3.2 wrote None for every cookie whose server named no policy, and
 * files from before there was SameSite count as that; but a cookie with None that is not Secure would be refused.
 */
export function sameSitePolicyFromFile(policy: SameSitePolicy, secure: boolean): SameSitePolicy {
  return policy === SameSitePolicy.NONE && !secure ? SameSitePolicy.LAX : policy
}
