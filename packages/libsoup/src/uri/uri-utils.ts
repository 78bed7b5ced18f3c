// Comparing and changing URIs as HTTP means them. For callers of Message, and called by it. Upstream:
// libsoup/soup-uri-utils.c.

import { Uri, UriFlags } from '@wpe-networking/glib-gio'

/** The parts of a URI under their names in {@link UriChanges}: `uriCopy(uri, { [URIComponent.PATH]: '/' })`. */
export const URIComponent = {
  NONE: 'none',
  SCHEME: 'scheme',
  USER: 'user',
  PASSWORD: 'password',
  AUTH_PARAMS: 'authParams',
  HOST: 'host',
  PORT: 'port',
  PATH: 'path',
  QUERY: 'query',
  FRAGMENT: 'fragment',
} as const
export type URIComponent = (typeof URIComponent)[keyof typeof URIComponent]

/** New parts of a URI, escaped; null takes one away. */
export interface UriChanges {
  readonly scheme?: string
  readonly user?: string | null
  readonly password?: string | null
  readonly authParams?: string | null
  readonly host?: string | null
  /** -1 for the scheme's own. */
  readonly port?: number
  readonly path?: string
  readonly query?: string | null
  readonly fragment?: string | null
}

/** Flags that change what the parts hold. */
const NORMALIZING =
  UriFlags.ENCODED |
  UriFlags.ENCODED_PATH |
  UriFlags.ENCODED_QUERY |
  UriFlags.ENCODED_FRAGMENT |
  UriFlags.SCHEME_NORMALIZE

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, ws: 80, https: 443, wss: 443 }

/** Whether all parts are the same; hosts in any letter case, no path being `/`. */
export function uriEqual(one: Uri, two: Uri): boolean {
  return (
    (one.flags & NORMALIZING) === (two.flags & NORMALIZING) &&
    one.scheme === two.scheme &&
    one.port === two.port &&
    one.user === two.user &&
    one.password === two.password &&
    one.host?.toLowerCase() === two.host?.toLowerCase() &&
    (one.path || '/') === (two.path || '/') &&
    one.query === two.query &&
    one.fragment === two.fragment
  )
}

/**
 * `uri` with some parts changed. A port that is the scheme's own (http, https, ws, wss) becomes that of a new scheme.
 *
 * @throws {UriError} `BAD_SCHEME`, `BAD_PORT`.
 */
export function uriCopy(uri: Uri, changes: UriChanges): Uri {
  const { user, password, authParams, host, path, query, fragment } = uri
  const scheme = changes.scheme ?? uri.scheme
  const port = uri.port === DEFAULT_PORTS[uri.scheme] ? -1 : uri.port
  let { flags } = uri
  if (changes.password !== undefined) flags |= UriFlags.HAS_PASSWORD
  if (changes.authParams !== undefined) flags |= UriFlags.HAS_AUTH_PARAMS
  if (changes.path !== undefined) flags |= UriFlags.ENCODED_PATH
  if (changes.query !== undefined) flags |= UriFlags.ENCODED_QUERY
  if (changes.fragment !== undefined) flags |= UriFlags.ENCODED_FRAGMENT
  const parts = { user, password, authParams, host, port, path, query, fragment, ...changes, scheme }
  return Uri.buildWithUser(parts, flags)
}
