// `Cache-Control` of requests and responses taken apart. Part of the cache's policy; called by its other parts.
// RFC 9111 section 5.2, RFC 5861, RFC 8246.

import { headerParseList, isToken } from '../headers/header-params.ts'
import type { MessageHeaders } from '../headers/message-headers.ts'

/** Times in seconds; null where there is no such directive. */
export interface CacheControl {
  readonly maxAge: number | null
  readonly sMaxage: number | null
  readonly minFresh: number | null
  /** Infinity when it has no limit. */
  readonly maxStale: number | null
  readonly staleWhileRevalidate: number | null
  readonly staleIfError: number | null
  readonly noStore: boolean
  /** The whole response; not set when only `noCacheFields` are named. */
  readonly noCache: boolean
  readonly noCacheFields: readonly string[]
  /** The whole response; not set when only `privateFields` are named. */
  readonly isPrivate: boolean
  readonly privateFields: readonly string[]
  readonly isPublic: boolean
  readonly mustRevalidate: boolean
  readonly proxyRevalidate: boolean
  readonly mustUnderstand: boolean
  readonly immutable: boolean
  readonly onlyIfCached: boolean
}

type Draft = { -readonly [Name in keyof CacheControl]: CacheControl[Name] }

/** What is longer is as good as for ever (RFC 9111 section 1.2.2). */
export const MAX_SECONDS = 2 ** 31

/** As many elements of a list as are looked at. */
const MAX_DIRECTIVES = 1000

const NOTHING: CacheControl = {
  maxAge: null,
  sMaxage: null,
  minFresh: null,
  maxStale: null,
  staleWhileRevalidate: null,
  staleIfError: null,
  noStore: false,
  noCache: false,
  noCacheFields: [],
  isPrivate: false,
  privateFields: [],
  isPublic: false,
  mustRevalidate: false,
  proxyRevalidate: false,
  mustUnderstand: false,
  immutable: false,
  onlyIfCached: false,
}

/** Directives without a value; one given all the same is ignored. */
const FLAGS: Readonly<
  Record<
    string,
    'noStore' | 'isPublic' | 'mustRevalidate' | 'proxyRevalidate' | 'mustUnderstand' | 'immutable' | 'onlyIfCached'
  >
> = {
  'no-store': 'noStore',
  public: 'isPublic',
  'must-revalidate': 'mustRevalidate',
  'proxy-revalidate': 'proxyRevalidate',
  'must-understand': 'mustUnderstand',
  immutable: 'immutable',
  'only-if-cached': 'onlyIfCached',
}

/** Directives that give seconds. A malformed value, and one that another contradicts, counts as 0 (section 4.2.1). */
const TIMES: Readonly<Record<string, 'maxAge' | 'sMaxage' | 'minFresh' | 'staleWhileRevalidate' | 'staleIfError'>> = {
  'max-age': 'maxAge',
  's-maxage': 'sMaxage',
  'min-fresh': 'minFresh',
  'stale-while-revalidate': 'staleWhileRevalidate',
  'stale-if-error': 'staleIfError',
}

/** What a response says; `Pragma` in it means nothing (section 5.4). */
export function responseControl(headers: MessageHeaders): CacheControl {
  return parseCacheControl(headers.getList('cache-control'))
}

/** What a request says; `Pragma: no-cache` stands in where there is no `Cache-Control` (section 5.4). */
export function requestControl(headers: MessageHeaders): CacheControl {
  const value = headers.getList('cache-control')
  if (value !== null) return parseCacheControl(value)
  return headers.headerContains('pragma', 'no-cache') ? { ...NOTHING, noCache: true } : NOTHING
}

/** Directives that are not known are ignored, and so are malformed ones that give no time. */
export function parseCacheControl(value: string | null): CacheControl {
  if (value === null || value === '') return NOTHING
  const draft: Draft = { ...NOTHING }
  const elements = headerParseList(value)
  // There may be more, and one of them may say this.
  if (elements.length >= MAX_DIRECTIVES) draft.noStore = true
  for (const element of elements) {
    const equals = element.indexOf('=')
    const name = (equals < 0 ? element : element.slice(0, equals)).toLowerCase()
    addDirective(draft, name, equals < 0 ? null : unquoted(element.slice(equals + 1)))
  }
  return draft
}

function addDirective(draft: Draft, name: string, argument: string | null): void {
  const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined
  const time = Object.hasOwn(TIMES, name) ? TIMES[name] : undefined
  if (flag !== undefined) draft[flag] = true
  else if (time !== undefined) draft[time] = agreed(draft[time], parseSeconds(argument ?? '') ?? 0)
  else if (name === 'max-stale') draft.maxStale = argument === null ? Infinity : (parseSeconds(argument) ?? 0)
  else if (name === 'no-cache') {
    const fields = fieldNames(argument)
    if (fields.length === 0) draft.noCache = true
    draft.noCacheFields = [...draft.noCacheFields, ...fields]
  } else if (name === 'private') {
    const fields = fieldNames(argument)
    if (fields.length === 0) draft.isPrivate = true
    draft.privateFields = [...draft.privateFields, ...fields]
  }
}

/** Seconds as digits, cut at `MAX_SECONDS`, or null. */
export function parseSeconds(text: string): number | null {
  return /^\d+$/.test(text) ? Math.min(Number(text), MAX_SECONDS) : null
}

function agreed(before: number | null, seconds: number): number {
  return before === null || before === seconds ? seconds : 0
}

/** Lower-case names of fields; none means that the directive is about the whole response. */
function fieldNames(argument: string | null): string[] {
  if (argument === null) return []
  const names = headerParseList(argument).map((name) => name.toLowerCase())
  return names.every(isToken) ? names : []
}

function unquoted(argument: string): string {
  return argument.length > 1 && argument.startsWith('"') && argument.endsWith('"') ? argument.slice(1, -1) : argument
}
