// Per-message switches, combined with `|`. Upstream: libsoup/soup-message.h (SoupMessageFlags).

/** How one message is to be treated; values are upstream's bits. */
export const MessageFlags = {
  NONE: 0,
  /** Deliver 3xx responses instead of following them. */
  NO_REDIRECT: 1 << 1,
  /** Do not reuse a kept-alive connection. */
  NEW_CONNECTION: 1 << 2,
  /** The request may be repeated, whatever its method says. */
  IDEMPOTENT: 1 << 3,
  /** Neither use nor fill the cache of credentials. */
  DO_NOT_USE_AUTH_CACHE: 1 << 4,
  /** Fill `message.metrics`. */
  COLLECT_METRICS: 1 << 5,
} as const
export type MessageFlags = number
