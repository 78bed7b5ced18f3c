// The enums of the cache. Upstream: libsoup/cache/soup-cache.h (SoupCacheType).

/** Whether what is stored is for one user or for several; decides which rules of RFC 9111 hold. */
export const CacheType = { SINGLE_USER: 0, SHARED: 1 } as const
export type CacheType = (typeof CacheType)[keyof typeof CacheType]

/** Where a message's response came from. */
export const CacheSource = {
  NETWORK: 'network',
  /** From the store, without asking the server. */
  CACHE: 'cache',
  /** The body from the store; the server said that it still holds (304). */
  VALIDATED: 'validated',
} as const
export type CacheSource = (typeof CacheSource)[keyof typeof CacheSource]
