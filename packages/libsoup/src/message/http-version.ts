// HTTP versions as messages carry them. Upstream: libsoup/soup-status.h (SoupHTTPVersion).

/** The version a message was exchanged in. */
export const HTTPVersion = { HTTP_1_0: 0, HTTP_1_1: 1, HTTP_2_0: 2 } as const
export type HTTPVersion = (typeof HTTPVersion)[keyof typeof HTTPVersion]
