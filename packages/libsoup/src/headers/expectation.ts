// What a request's `Expect` asks for, RFC 9110 section 10.1.1. Read through MessageHeaders.expectations.
// Upstream: SoupExpectation of libsoup/soup-message-headers.h.

/** Bits; values are upstream's. */
export const Expectation = {
  NONE: 0,
  /** Something this library does not know: the request is to be answered with 417. */
  UNRECOGNIZED: 1 << 0,
  CONTINUE: 1 << 1,
} as const
export type Expectation = number
