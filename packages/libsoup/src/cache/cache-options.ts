// What Cache is made with, and what it tells. Upstream: the properties of libsoup/cache/soup-cache.c.

import type { Message } from '../message/message.ts'
import type { CacheType } from './cache-type.ts'

export interface CacheOptions {
  /** Directory to keep responses in, made if it is not there; default null, which keeps them in memory. */
  readonly cacheDir?: string | null
  /** Default `SINGLE_USER`. */
  readonly cacheType?: CacheType
  /** Bytes to keep at most; default 50 MiB. */
  readonly maxSize?: number
  /** Longest body to keep, in bytes; default a tenth of `maxSize`. */
  readonly maxEntrySize?: number
}

export interface CacheEvents {
  /** The disk refused something; the response it was about is not stored, or not found. */
  'store-failed': [error: Error]
  /** A response that was used stale could not be asked about afterwards; it stays as it is. */
  'revalidation-failed': [message: Message, error: Error]
}
