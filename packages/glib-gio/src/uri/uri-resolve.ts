// Resolves a reference against a base. Called by Uri.parseRelative. Upstream: glib/guri.c (g_uri_parse_relative).

import { removeDotSegments } from './uri-scheme.ts'
import type { UriComponents } from './uri-split.ts'

/** RFC 3986 sections 5.2.2 and 5.2.3. */
export function resolve(base: UriComponents, reference: UriComponents): UriComponents {
  if (reference.scheme !== null) return { ...reference, path: removeDotSegments(reference.path) }
  if (reference.host !== null) {
    return { ...reference, scheme: base.scheme, path: removeDotSegments(reference.path) }
  }
  const { fragment } = reference
  if (reference.path === '') return { ...base, query: reference.query ?? base.query, fragment }
  const path = reference.path.startsWith('/')
    ? reference.path
    : `${base.path.slice(0, Math.max(base.path.lastIndexOf('/'), 0))}/${reference.path}`
  return { ...base, path: removeDotSegments(path), query: reference.query, fragment }
}
