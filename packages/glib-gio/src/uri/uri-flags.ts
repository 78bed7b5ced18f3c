// How a URI is parsed, built and printed. Upstream: glib/guri.h (GUriFlags, GUriHideFlags, GUriParamsFlags).

/** Bits to be or-ed; the same values as upstream. */
export const UriFlags = {
  NONE: 0,
  /** Take what RFC 3986 forbids: stray `%`, white space, several `@`, an unescaped IPv6 zone. */
  PARSE_RELAXED: 1,
  /** `userinfo` is `user:password`. */
  HAS_PASSWORD: 2,
  /** `userinfo` may end in `;auth-params`. */
  HAS_AUTH_PARAMS: 4,
  /** Leave percent-encoding in every part (normalised) instead of decoding it. */
  ENCODED: 8,
  /** The host is no DNS name: do not decode, check or convert it. */
  NON_DNS: 16,
  ENCODED_QUERY: 32,
  ENCODED_PATH: 64,
  ENCODED_FRAGMENT: 128,
  /** Know the schemes http, https, ws, wss, ftp: default port, and `/` for an empty path. */
  SCHEME_NORMALIZE: 256,
} as const
export type UriFlags = number

/** What `toStringPartial` leaves out. */
export const UriHideFlags = { NONE: 0, USERINFO: 1, PASSWORD: 2, AUTH_PARAMS: 4, QUERY: 8, FRAGMENT: 16 } as const
export type UriHideFlags = number

/** How `Uri.parseParams` reads `name=value` lists. */
export const UriParamsFlags = { NONE: 0, CASE_INSENSITIVE: 1, WWW_FORM: 2, PARSE_RELAXED: 4 } as const
export type UriParamsFlags = number
