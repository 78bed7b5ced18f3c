// Which responses are stored, and which of their fields. Part of the cache's policy. RFC 9111 sections 3 and 5.2.2;
// the fields left out are those that browsers leave out.

import { headerParseList } from '../headers/header-params.ts'
import type { MessageHeaders } from '../headers/message-headers.ts'
import { Status } from '../message/status.ts'
import type { CacheControl } from './cache-control.ts'
import { isHeuristicallyCacheable } from './cache-freshness.ts'
import { CacheType } from './cache-type.ts'
import { dateOf, validEtag } from './stored-head.ts'

export interface ResponseToStore {
  readonly method: string
  readonly requestHeaders: MessageHeaders
  readonly requestControl: CacheControl
  readonly statusCode: number
  readonly headers: MessageHeaders
  readonly control: CacheControl
}

/** Parts, what stands for a stored response, and what is about one user's credentials. */
const NEVER_STORED: ReadonlySet<number> = new Set([
  Status.PARTIAL_CONTENT,
  Status.NOT_MODIFIED,
  Status.UNAUTHORIZED,
  Status.PROXY_AUTHENTICATION_REQUIRED,
  Status.REQUESTED_RANGE_NOT_SATISFIABLE,
])

const UNDERSTOOD: ReadonlySet<number> = new Set(Object.values(Status))

/** Section 3.1; `Set-Cookie` too: a cookie is taken from the network once, not at each use of the response. */
const UNSTORED_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'set-cookie',
  'set-cookie2',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Whether the response may be stored, and would be of use. */
export function isStorable(response: ResponseToStore, type: CacheType): boolean {
  const { method, statusCode, control, requestControl, requestHeaders } = response
  if (method !== 'GET' || statusCode < 200 || statusCode > 599 || NEVER_STORED.has(statusCode)) return false
  if (requestControl.noStore || requestHeaders.has('range')) return false
  if (response.headers.headerContains('vary', '*')) return false // it would be found for no request
  if (control.mustUnderstand ? !UNDERSTOOD.has(statusCode) : control.noStore) return false
  if (type === CacheType.SHARED) {
    if (control.isPrivate) return false
    if (requestHeaders.has('authorization') && !allowsAuthorization(control)) return false
  }
  return isMeantToBeStored(response, type) && isOfUse(response, type)
}

/** Fields of the response that are kept, as name, value, name, value…. */
export function storedFields(headers: MessageHeaders, control: CacheControl, type: CacheType): string[] {
  const named = headerParseList(headers.getList('connection') ?? '').map((name) => name.toLowerCase())
  const left = new Set([
    ...named,
    ...control.noCacheFields,
    ...(type === CacheType.SHARED ? control.privateFields : []),
  ])
  const fields: string[] = []
  headers.forEach((name, value) => {
    const lower = name.toLowerCase()
    if (!UNSTORED_FIELDS.has(lower) && !left.has(lower)) fields.push(name, value)
  })
  return fields
}

/** Section 3.5. */
function allowsAuthorization(control: CacheControl): boolean {
  return control.mustRevalidate || control.isPublic || control.sMaxage !== null
}

/** The last condition of section 3. */
function isMeantToBeStored({ statusCode, control, headers }: ResponseToStore, type: CacheType): boolean {
  if (control.isPublic || control.maxAge !== null || headers.has('expires')) return true
  if (type === CacheType.SHARED ? control.sMaxage !== null : control.isPrivate) return true
  return isHeuristicallyCacheable(statusCode)
}

/** It can be fresh, may be used stale, or can be validated. */
function isOfUse({ headers, control }: ResponseToStore, type: CacheType): boolean {
  if (validEtag(headers) !== null || dateOf(headers, 'last-modified') !== null) return true
  if (control.noCache) return false
  if ((control.staleWhileRevalidate ?? 0) > 0 || (control.staleIfError ?? 0) > 0) return true
  const explicit = (type === CacheType.SHARED ? control.sMaxage : null) ?? control.maxAge
  if (explicit !== null) return explicit > 0
  return headers.has('expires')
}
