// Which stored response is for which request: by URI, by partition and by the fields `Vary` names. Part of the cache's
// policy. RFC 9111 sections 2 and 4.1.

import { headerParseList } from '../headers/header-params.ts'
import type { MessageHeaders } from '../headers/message-headers.ts'
import type { RequestTarget } from '../uri/request-target.ts'
import type { StoredHead, VaryingField } from './stored-head.ts'

/** More than this is not worth a comparison at each request. */
const MAX_VARYING_FIELDS = 20

/** The request field of this lower-case name: its value, null without it, undefined when that is not known yet. */
export type RequestFieldReader = (name: string) => string | null | undefined

/** The primary key: partition and URI without its fragment. The method is GET throughout. */
export function cacheKey(target: RequestTarget, isolationKey: string | null): string {
  const partition = isolationKey === null ? '-' : `+${isolationKey}`
  return `${partition}\n${target.hostKey}${target.path}`
}

/** What the response was chosen by; null when nobody can tell (`Vary: *`), or by too much. */
export function varyingFields(response: MessageHeaders, read: RequestFieldReader): VaryingField[] | null {
  const vary = response.getList('vary')
  if (vary === null) return []
  const names = [...new Set(headerParseList(vary).map((name) => name.toLowerCase()))].sort()
  if (names.includes('*') || names.length > MAX_VARYING_FIELDS) return null
  return names.map((name) => [name, normalized(read(name) ?? null)])
}

/** Whether `head` was chosen by the same fields as the request has. One that is not known yet matches none. */
export function matchesVarying(head: StoredHead, read: RequestFieldReader): boolean {
  for (const [name, stored] of head.data.varying) {
    const value = read(name)
    if (value === undefined || normalized(value) !== stored) return false
  }
  return true
}

/** Two responses with the same take each other's place. */
export function sameVarying(one: StoredHead, two: StoredHead): boolean {
  const { varying } = two.data
  if (one.data.varying.length !== varying.length) return false
  return one.data.varying.every(([name, value], i) => varying[i]?.[0] === name && varying[i][1] === value)
}

/** The stored response to use, the newest of those that match (section 4.1), or null. */
export function selectStored<T extends { readonly head: StoredHead }>(
  entries: readonly T[],
  read: RequestFieldReader,
): T | null {
  let selected: T | null = null
  for (const entry of entries) {
    if (!matchesVarying(entry.head, read)) continue
    if (selected === null || entry.head.date >= selected.head.date) selected = entry
  }
  return selected
}

/** White space around the members of a list makes no difference. */
function normalized(value: string | null): string | null {
  if (value === null || !/[,\s]/.test(value)) return value
  return headerParseList(value).join(', ')
}
