// The policy of the cache: pure functions that say what RFC 9111 with RFC 5861 and RFC 8246 make of a request and of what
// is stored; clocks and stores are their callers'. Called by Cache. Upstream: soup_cache_get_cacheability,
// soup_cache_has_response and soup_cache_entry_set_freshness of libsoup/cache/soup-cache.c.

export { parseCacheControl, requestControl, responseControl } from './cache-control.ts'
export type { CacheControl } from './cache-control.ts'
export { currentAge, formatAge, freshnessLifetime } from './cache-freshness.ts'
export { cacheKey, matchesVarying, sameVarying, selectStored, varyingFields } from './cache-key.ts'
export type { RequestFieldReader } from './cache-key.ts'
export { chooseRange, setPartHeaders } from './cache-ranges.ts'
export { decideReuse, evaluateConditions, mayUseOnError } from './cache-reuse.ts'
export type { Reuse } from './cache-reuse.ts'
export { isStorable, storedFields } from './cache-storage-rules.ts'
export type { ResponseToStore } from './cache-storage-rules.ts'
export {
  conditionalFields,
  describesSame,
  freshenedHead,
  hasConditions,
  invalidates,
  relatedUris,
  replaces,
  selectFreshened,
} from './cache-validation.ts'
export { StoredHead } from './stored-head.ts'
export type { StoredHeadData, VaryingField } from './stored-head.ts'
