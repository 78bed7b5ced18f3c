// Whether a resource that is known already serves another request: one function, one reason a line.
// Called by CachedResourceLoader. Upstream: CachedResourceLoader::determineRevalidationPolicy.

import type { CachedResource } from './cached-resource.ts'
import type { CachedResourceRequest } from './cached-resource-request.ts'

export type RevalidationPolicy = 'use' | 'load'

/**
 * @param isInDocument Whether the document asking has this very resource; then it is used whatever its age.
 * @param now Ms since the epoch.
 */
export function determineRevalidationPolicy(
  request: CachedResourceRequest,
  existing: CachedResource | null,
  isInDocument: boolean,
  now: number,
): RevalidationPolicy {
  if (existing === null) return 'load'
  // An icon that is also an image on the page is one load; any other change of type would misread the body.
  if (imageOr(existing.type) !== imageOr(request.type)) return 'load'
  // A body fetched without CORS, or with other credentials, is not what this request may see.
  if (existing.options.mode !== request.options.mode) return 'load'
  if (existing.options.credentials !== request.options.credentials) return 'load'
  // Within a document even a failure is shared: asking again for each mention would not mend it.
  if (isInDocument) return 'use'
  // Its document may go away and take the load with it.
  if (existing.isLoading) return 'load'
  if (!existing.isUsable || !existing.hasData) return 'load'
  if (!existing.redirectChainAllowsReuse) return 'load'
  // Bodies are not told apart by request fields here, so one that depends on them is not shared.
  if (existing.response?.httpHeaderFields.contains('Vary') === true && !varyIsHarmless(existing)) return 'load'
  return existing.response?.isFresh(now) === true ? 'use' : 'load'
}

function imageOr(type: CachedResource['type']): CachedResource['type'] {
  return type === 'Icon' ? 'ImageResource' : type
}

/** Fields that are the same for every request of a page. */
function varyIsHarmless(resource: CachedResource): boolean {
  const constant = new Set(['accept-encoding', 'user-agent', 'accept-language'])
  const vary = resource.response?.httpHeaderFields.get('Vary') ?? ''
  return vary.split(',').every((name) => constant.has(name.trim().toLowerCase()))
}
