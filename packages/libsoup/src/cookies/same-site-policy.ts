// The SameSite attribute of a cookie. Upstream: libsoup/cookies/soup-cookie.h. RFC 6265bis section 5.6.7.

/** Which requests from other sites a cookie goes with: all, navigations only, none. */
export const SameSitePolicy = { NONE: 0, LAX: 1, STRICT: 2 } as const
export type SameSitePolicy = (typeof SameSitePolicy)[keyof typeof SameSitePolicy]
