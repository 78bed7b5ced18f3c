// How much Logger prints. Upstream: SoupLoggerLogLevel of libsoup/soup-logger.h.

export const LoggerLogLevel = {
  NONE: 0,
  /** The request line or status line, and the `Soup-Debug` fields. */
  MINIMAL: 1,
  /** All headers too. */
  HEADERS: 2,
  /** Bodies too. */
  BODY: 3,
} as const
export type LoggerLogLevel = (typeof LoggerLogLevel)[keyof typeof LoggerLogLevel]
