// The three wrappings of deflated data. Upstream: glib/gio/gioenums.h (GZlibCompressorFormat).

/**
 * - `ZLIB`: RFC 1950, which HTTP calls "deflate".
 * - `GZIP`: RFC 1952.
 * - `RAW`: RFC 1951, without header or checksum.
 */
export const ZlibCompressorFormat = { ZLIB: 0, GZIP: 1, RAW: 2 } as const
export type ZlibCompressorFormat = (typeof ZlibCompressorFormat)[keyof typeof ZlibCompressorFormat]
