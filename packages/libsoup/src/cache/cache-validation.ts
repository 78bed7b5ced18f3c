// Asking the server whether stored responses still hold, and what its answer changes. Part of the cache's policy.
// RFC 9111 sections 3.2, 4.3 and 4.4.

import type { MessageHeaders } from '../headers/message-headers.ts'
import { opaqueTag } from './cache-reuse.ts'
import { storedFields } from './cache-storage-rules.ts'
import type { ResponseToStore } from './cache-storage-rules.ts'
import type { CacheType } from './cache-type.ts'
import { responseControl } from './cache-control.ts'
import { StoredHead, validEtag } from './stored-head.ts'

/** The fields by which a caller asks on his own behalf. */
export const CONDITIONAL_FIELDS = [
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
] as const

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'REPORT', 'SEARCH'])

/** What the stored body depends on stays as it was (section 3.2). */
const KEPT_FIELDS: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-length',
  'content-md5',
  'content-range',
  'content-type',
])

/**
 * The fields that ask whether any of `heads` holds (section 4.3.1); empty when there is nothing to ask by.
 *
 * @param selected The one the request would be answered with, if any.
 */
export function conditionalFields(heads: readonly StoredHead[], selected: StoredHead | null): [string, string][] {
  const fields: [string, string][] = []
  const tags = new Set(heads.map(({ etag }) => etag).filter((etag) => etag !== null))
  if (tags.size > 0) fields.push(['If-None-Match', [...tags].join(', ')])
  const modified = selected?.lastModified ?? null
  // With tags of several, a time would be about one of them only.
  if (modified !== null && (tags.size === 0 || selected?.etag !== null)) fields.push(['If-Modified-Since', modified])
  return fields
}

/** The stored response that a 304 with these `headers` is about (section 4.3.4), or null. */
export function selectFreshened<T extends { readonly head: StoredHead }>(
  entries: readonly T[],
  selected: T | null,
  headers: MessageHeaders,
): T | null {
  const etag = validEtag(headers)
  if (etag !== null) {
    const isSame = ({ head }: T): boolean => head.etag !== null && opaqueTag(head.etag) === opaqueTag(etag)
    return selected !== null && isSame(selected) ? selected : (entries.find(isSame) ?? null)
  }
  const modified = headers.getOne('last-modified')
  if (modified !== null) {
    if (selected !== null && selected.head.lastModified === modified) return selected
    return entries.find(({ head }) => head.lastModified === modified) ?? null
  }
  // Many servers do not say which one they mean; where only one was asked about there is no doubt.
  return selected ?? (entries.length === 1 ? (entries[0] as T) : null)
}

/** `head` with the fields of a 304, or of the response to HEAD, in the place of its own (section 3.2). */
export function freshenedHead(
  head: StoredHead,
  headers: MessageHeaders,
  type: CacheType,
  times: { readonly requestTime: number; readonly responseTime: number },
): StoredHead {
  const updates = storedFields(headers, responseControl(headers), type)
  const fields: string[] = []
  const replaced = new Set(KEPT_FIELDS)
  const added: string[] = []
  for (let i = 0; i < updates.length; i += 2) {
    const lower = (updates[i] as string).toLowerCase()
    if (KEPT_FIELDS.has(lower)) continue
    replaced.add(lower)
    added.push(updates[i] as string, updates[i + 1] as string)
  }
  // An Age that was not sent again is not that of this response.
  replaced.add('age')
  const old = head.data.fields
  for (let i = 0; i < old.length; i += 2) {
    const lower = (old[i] as string).toLowerCase()
    if (KEPT_FIELDS.has(lower) || !replaced.has(lower)) fields.push(old[i] as string, old[i + 1] as string)
  }
  return new StoredHead({ ...head.data, ...times, fields: [...fields, ...added] })
}

/** Whether the response to HEAD is of the same representation as `head`, which it then freshens (section 4.3.5). */
export function describesSame(head: StoredHead, headers: MessageHeaders): boolean {
  for (const name of ['etag', 'last-modified', 'content-length', 'content-encoding']) {
    const told = headers.getOne(name)
    if (told !== null && told !== head.headers.getOne(name)) return false
  }
  return true
}

/** Whether this response, which is not stored, shows that what is stored for its URI is over. */
export function replaces({ method, statusCode, requestHeaders }: ResponseToStore): boolean {
  if (method !== 'GET' || requestHeaders.has('range')) return false
  return (statusCode >= 200 && statusCode < 300 && statusCode !== 206) || statusCode === 404 || statusCode === 410
}

/** Whether the caller asks on his own behalf. */
export function hasConditions(headers: MessageHeaders): boolean {
  return CONDITIONAL_FIELDS.some((name) => headers.has(name))
}

/** Whether a response with this status to this method makes what is stored out of date (section 4.4). */
export function invalidates(method: string, statusCode: number): boolean {
  return !SAFE_METHODS.has(method) && statusCode >= 200 && statusCode < 400
}

/** The URIs in `Location` and `Content-Location`, which may be out of date as well where they are of the same origin. */
export function relatedUris(headers: MessageHeaders): string[] {
  const values = [headers.getOne('location'), headers.getOne('content-location')]
  return values.filter((value) => value !== null && value !== '') as string[]
}
