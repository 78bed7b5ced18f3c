// How long a response may be used again without asking: what MemoryCache needs of RFC 9111 sections 4.2 and 5.2.
// Upstream: WebCore/platform/network/CacheValidation.cpp

import type { HTTPHeaderMap } from './http-header-map.ts'

/** Seconds; a delta-seconds above this is taken as this (RFC 9111 section 1.2.2). */
const MAX_AGE_SECONDS = 2 ** 31

export interface CacheControlDirectives {
  noCache: boolean
  noStore: boolean
  mustRevalidate: boolean
  immutable: boolean
  /** Seconds, or null when absent or malformed. */
  maxAge: number | null
  /** Seconds, or null. */
  staleWhileRevalidate: number | null
}

/** The Cache-Control directives of a response; `Pragma: no-cache` counts when there is no Cache-Control. */
export function parseCacheControlDirectives(headers: HTTPHeaderMap): CacheControlDirectives {
  const value = headers.get('Cache-Control')
  const names = new Map<string, string>()
  for (const part of (value ?? headers.get('Pragma') ?? '').split(',')) {
    const equals = part.indexOf('=')
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase()
    const argument =
      equals < 0
        ? ''
        : part
            .slice(equals + 1)
            .trim()
            .replace(/^"|"$/g, '')
    if (!names.has(name)) names.set(name, argument)
  }
  return {
    // A no-cache with field names only forbids those fields.
    noCache: names.get('no-cache') === '',
    noStore: names.has('no-store'),
    mustRevalidate: names.has('must-revalidate'),
    immutable: names.has('immutable'),
    maxAge: deltaSeconds(names.get('max-age')),
    staleWhileRevalidate: deltaSeconds(names.get('stale-while-revalidate')),
  }
}

/** Seconds for which the response stays fresh: max-age, else Expires minus Date, else a tenth of its age since change. */
export function computeFreshnessLifetime(headers: HTTPHeaderMap, receivedAtMs: number): number {
  const { maxAge } = parseCacheControlDirectives(headers)
  if (maxAge !== null) return maxAge
  const date = parseDateMs(headers.get('Date')) ?? receivedAtMs
  if (headers.contains('Expires')) {
    const expires = parseDateMs(headers.get('Expires'))
    return expires === null ? 0 : Math.max(0, (expires - date) / 1000)
  }
  const lastModified = parseDateMs(headers.get('Last-Modified'))
  return lastModified === null ? 0 : Math.max(0, (date - lastModified) * 0.1) / 1000
}

/** Seconds since the origin made the response, at `nowMs` (RFC 9111 section 4.2.3). */
export function computeCurrentAge(headers: HTTPHeaderMap, receivedAtMs: number, nowMs: number): number {
  const date = parseDateMs(headers.get('Date'))
  const apparentAge = date === null ? 0 : Math.max(0, (receivedAtMs - date) / 1000)
  const age = deltaSeconds(headers.get('Age') ?? undefined) ?? 0
  return Math.max(apparentAge, age) + Math.max(0, (nowMs - receivedAtMs) / 1000)
}

function deltaSeconds(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Math.min(Number(text), MAX_AGE_SECONDS) : null
}

function parseDateMs(text: string | null): number | null {
  const time = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(time) ? null : time
}
