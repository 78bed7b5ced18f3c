// What may be done with a stored response for a request: use it, use it and look for a newer one, or ask the server
// first. Part of the cache's policy. RFC 9111 sections 4, 4.2.4 and 5.2, RFC 5861, RFC 8246.

import type { MessageHeaders } from '../headers/message-headers.ts'
import { dateTimeNewFromHttpString } from '../headers/date-time.ts'
import { headerParseList } from '../headers/header-params.ts'
import type { CacheControl } from './cache-control.ts'
import { currentAge, freshnessLifetime } from './cache-freshness.ts'
import { CacheType } from './cache-type.ts'
import type { StoredHead } from './stored-head.ts'
import { dateOf } from './stored-head.ts'

export type Reuse =
  | 'use'
  | 'use-and-revalidate' // stale, but the server allows it to be used once more (RFC 5861 section 3)
  | 'validate'

/** Responses for which a stale one may be used in their place (RFC 5861 section 4). */
const ERRORS: ReadonlySet<number> = new Set([500, 502, 503, 504])

/** `now` in milliseconds since the epoch. */
export function decideReuse(head: StoredHead, request: CacheControl, type: CacheType, now: number): Reuse {
  const { control } = head
  if (request.noCache || control.noCache) return 'validate'
  const age = currentAge(head, now)
  const left = freshnessLifetime(head, type) - age
  if (isTooOld(age, request, control.immutable && left > 0)) return 'validate'
  if (left > 0) return left >= (request.minFresh ?? 0) ? 'use' : 'validate'
  if (mustNotBeStale(control, type)) return 'validate'
  if (request.maxStale !== null && -left <= request.maxStale) return 'use'
  if (request.maxAge !== null || request.minFresh !== null) return 'validate'
  return -left < (control.staleWhileRevalidate ?? 0) ? 'use-and-revalidate' : 'validate'
}

/** Whether `head` may be used because the server answers `statusCode`, or not at all (null). */
export function mayUseOnError(
  head: StoredHead,
  request: CacheControl,
  type: CacheType,
  now: number,
  statusCode: number | null,
): boolean {
  if (statusCode !== null && !ERRORS.has(statusCode)) return false
  const { control } = head
  if (request.noCache || control.noCache || mustNotBeStale(control, type)) return false
  const allowed = Math.max(control.staleIfError ?? 0, request.staleIfError ?? 0)
  return allowed > 0 && currentAge(head, now) - freshnessLifetime(head, type) <= allowed
}

/** What the caller's own conditions make of a stored response (section 4.3.2); null: the server has to say. */
export function evaluateConditions(request: MessageHeaders, head: StoredHead): 200 | 304 | null {
  if (request.has('if-match') || request.has('if-unmodified-since')) return null
  const tags = request.getList('if-none-match')
  const since = request.getOne('if-modified-since')
  if (tags === null && since === null) return 200
  if (head.data.statusCode !== 200) return null
  if (tags !== null) return matchesAnyTag(tags, head.etag) ? 304 : 200
  const sinceTime = dateTimeNewFromHttpString(since as string)?.getTime()
  if (sinceTime === undefined) return 200
  return (dateOf(head.headers, 'last-modified') ?? head.date) <= sinceTime ? 304 : 200
}

/** Reloading is no reason to ask about what never changes (RFC 8246 section 2). */
function isTooOld(age: number, request: CacheControl, isImmutable: boolean): boolean {
  if (request.maxAge === null) return false
  if (request.maxAge === 0) return !isImmutable
  return age > request.maxAge
}

function mustNotBeStale(control: CacheControl, type: CacheType): boolean {
  if (control.mustRevalidate) return true
  return type === CacheType.SHARED && (control.proxyRevalidate || control.sMaxage !== null)
}

function matchesAnyTag(list: string, etag: string | null): boolean {
  if (list.trim() === '*') return true
  return etag !== null && headerParseList(list).some((tag) => opaqueTag(tag) === opaqueTag(etag))
}

/** Without the mark of a weak one. */
export function opaqueTag(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag
}
