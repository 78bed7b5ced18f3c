// What a cookie jar does about third parties. Upstream: libsoup/cookies/soup-cookie-jar.h (SoupCookieJarAcceptPolicy).

/**
 * Which cookies of responses are kept: all; none; those of the first party's site; those and the ones of sites that have a
 * cookie already.
 */
export const CookieJarAcceptPolicy = { ALWAYS: 0, NEVER: 1, NO_THIRD_PARTY: 2, GRANDFATHERED_THIRD_PARTY: 3 } as const
export type CookieJarAcceptPolicy = (typeof CookieJarAcceptPolicy)[keyof typeof CookieJarAcceptPolicy]
