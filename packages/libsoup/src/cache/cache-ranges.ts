// Parts of stored responses. Part of the cache's policy. RFC 9110 sections 13.1.5 and 14, RFC 9111 section 3.3 and 4.
// Parts themselves are not stored: RFC 9111 leaves that to the cache, and upstream does not either.

import type { MessageHeaders } from '../headers/message-headers.ts'
import { formatContentRange, parseRange } from '../headers/ranges.ts'
import type { Range } from '../headers/ranges.ts'
import { dateOf } from './stored-head.ts'
import type { StoredHead } from './stored-head.ts'

/** A time of last change identifies a response only if another could not have been made in the same second. */
const STRONG_AFTER_MS = 1000

/** A part to be answered with; `'whole'`; or null when the server has to answer. */
export type RangeChoice = Range | 'whole' | null

/** What the `Range` of a request gets from a stored response with `length` bytes of body. */
export function chooseRange(request: MessageHeaders, head: StoredHead, length: number): RangeChoice {
  const value = request.getOne('range')
  if (value === null || head.data.statusCode !== 200) return 'whole'
  if (!isRangeOf(request.getOne('if-range'), head)) return 'whole'
  const verdict = parseRange(value, length)
  if (verdict.status === 200) return 'whole'
  // Several parts need a multipart body, and beyond the end there may be more by now.
  return verdict.status === 206 && verdict.ranges.length === 1 ? (verdict.ranges[0] as Range) : null
}

/** Makes the headers of a stored response those of a part of it. */
export function setPartHeaders(headers: MessageHeaders, part: Range, length: number): void {
  headers.replace('Content-Range', formatContentRange(part.start, part.end, length))
  headers.replace('Content-Length', String(part.end - part.start + 1))
}

/** Whether `If-Range` (RFC 9110 section 13.1.5) names this very response; strong comparison. */
function isRangeOf(condition: string | null, head: StoredHead): boolean {
  if (condition === null) return true
  if (condition.startsWith('"')) return condition === head.etag
  const modified = dateOf(head.headers, 'last-modified')
  return modified !== null && condition === head.lastModified && head.date - modified >= STRONG_AFTER_MS
}
