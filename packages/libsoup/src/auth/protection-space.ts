// Which paths of a server take the same credentials: prefixes that end at a slash. Used by the schemes, which name them,
// and by AuthCache, which looks paths up. RFC 7617 section 2.2, RFC 7616 section 3.3 (domain).

import { Uri } from '@wpe-networking/glib-gio'
import { HTTP_URI_FLAGS, requestTarget } from '../uri/request-target.ts'

/** Most URIs of a `domain` that are looked at. */
const MAX_DOMAIN_URIS = 32

/** `path` without its last segment; it ends in a slash. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1) || '/'
}

/** Whether `path` is `space` or below. */
export function isInSpace(path: string, space: string): boolean {
  if (!path.startsWith(space)) return false
  return path.length === space.length || space.endsWith('/') || path[space.length] === '/'
}

/**
 * The paths of `uri`'s own server that the `domain` of a challenge from there names, or all of it (`/`) without one.
 * Other servers are left out: nobody but they themselves can say that they take the credentials.
 */
export function spacesOfDomain(uri: Uri, domain: string | null): string[] {
  const names = (domain ?? '').split(' ', MAX_DOMAIN_URIS).filter((name) => name !== '')
  if (names.length === 0) return ['/']
  const { hostKey } = requestTarget(uri)
  const spaces: string[] = []
  for (const name of names) {
    const target = resolve(uri, name)
    if (target !== null && requestTarget(target).hostKey === hostKey) spaces.push(target.path || '/')
  }
  return spaces
}

function resolve(base: Uri, name: string): Uri | null {
  try {
    return Uri.parseRelative(base, name, HTTP_URI_FLAGS)
  } catch {
    return null // it names nothing then
  }
}
