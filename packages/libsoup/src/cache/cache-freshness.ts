// How long a stored response is fresh, and how old it is. Part of the cache's policy. RFC 9111 section 4.2.

import { CacheType } from './cache-type.ts'
import { MAX_SECONDS, parseSeconds } from './cache-control.ts'
import { dateOf } from './stored-head.ts'
import type { StoredHead } from './stored-head.ts'

/** Part of the time since its last change that a response is taken to be fresh for (section 4.2.2). */
const HEURISTIC_FRACTION = 0.1

/** Seconds; however old a resource is, look again after a week. */
const MAX_HEURISTIC_LIFETIME = 7 * 24 * 3600

/** RFC 9110 section 15.1, and 308 (section 15.4.9); 206 is not stored. */
const HEURISTICALLY_CACHEABLE: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])

/** The three forms of RFC 9110 section 5.6.7. What other dates mean is a guess, and here a guess is stale (section 5.3). */
const HTTP_DATE = new RegExp(
  [
    /^[a-z]{3}, \d\d [a-z]{3} \d{4} \d\d:\d\d:\d\d GMT$/,
    /^[a-z]{6,9}, \d\d-[a-z]{3}-\d\d \d\d:\d\d:\d\d GMT$/,
    /^[a-z]{3} [a-z]{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
)

export function isHeuristicallyCacheable(statusCode: number): boolean {
  return HEURISTICALLY_CACHEABLE.has(statusCode)
}

/** Seconds from its creation for which the response is fresh (section 4.2.1); invalid information makes it 0. */
export function freshnessLifetime(head: StoredHead, type: CacheType): number {
  const { control, headers } = head
  if (type === CacheType.SHARED && control.sMaxage !== null) return control.sMaxage
  if (control.maxAge !== null) return control.maxAge
  const expires = headers.getAll('expires')
  if (expires.length === 0) return heuristicLifetime(head)
  if (expires.some((value) => value !== expires[0])) return 0
  const until = HTTP_DATE.test(expires[0] as string) ? dateOf(headers, 'expires') : null
  return until === null ? 0 : Math.max(0, (until - head.date) / 1000)
}

/** Seconds since the response was made or last validated (section 4.2.3), at `now` in milliseconds since the epoch. */
export function currentAge(head: StoredHead, now: number): number {
  const { requestTime, responseTime } = head.data
  const apparentAge = Math.max(0, responseTime - head.date) / 1000
  const correctedAge = ageValue(head) + Math.max(0, responseTime - requestTime) / 1000
  return Math.max(apparentAge, correctedAge) + Math.max(0, now - responseTime) / 1000
}

/** Value of an `Age` field. */
export function formatAge(seconds: number): string {
  return String(Math.min(Math.floor(seconds), MAX_SECONDS))
}

/** Without a time of its last change there is nothing to guess by. */
function heuristicLifetime(head: StoredHead): number {
  if (!isHeuristicallyCacheable(head.data.statusCode) && !head.control.isPublic) return 0
  const modified = dateOf(head.headers, 'last-modified')
  if (modified === null) return 0
  const age = Math.max(0, head.date - modified) / 1000
  return Math.min(age * HEURISTIC_FRACTION, MAX_HEURISTIC_LIFETIME)
}

/** The first member of `Age`; one that is no time is ignored (section 5.1). */
function ageValue(head: StoredHead): number {
  const first = head.headers.getAll('age')[0]
  if (first === undefined) return 0
  const comma = first.indexOf(',')
  return parseSeconds((comma < 0 ? first : first.slice(0, comma)).trim()) ?? 0
}
