// What a URI is built from. Called by Uri. Upstream: glib/guri.c (g_uri_build, g_uri_build_with_user).

import { UriError } from './uri-error.ts'
import type { UriComponents } from './uri-split.ts'

/** Parts to build a URI from; what is left out is absent. Give `userinfo`, or `user` and `password`, not both. */
export interface UriParts {
  /** Only {@link Uri.join} takes null, for a relative reference. */
  readonly scheme: string | null
  readonly userinfo?: string | null
  readonly user?: string | null
  readonly password?: string | null
  readonly authParams?: string | null
  readonly host?: string | null
  /** -1 or left out: none. */
  readonly port?: number
  readonly path?: string
  readonly query?: string | null
  readonly fragment?: string | null
}

/** Fills in what is left out. Throws `BAD_SCHEME`, `BAD_PORT`. */
export function completeParts(parts: UriParts): UriComponents {
  if (parts.scheme !== null && !/^[A-Za-z][A-Za-z0-9+.-]*$/.test(parts.scheme)) {
    throw new UriError('BAD_SCHEME', 'The scheme of the URI is not valid.')
  }
  const port = parts.port ?? -1
  if (!Number.isInteger(port) || port < -1 || port > 65535) {
    throw new UriError('BAD_PORT', 'The port of the URI is out of range.')
  }
  const { user = null, password = null, authParams = null } = parts
  const userinfo =
    parts.userinfo ??
    (user === null ? null : user + (password === null ? '' : `:${password}`) + (authParams ? `;${authParams}` : ''))
  return {
    scheme: parts.scheme?.toLowerCase() ?? null,
    userinfo,
    user,
    password,
    authParams,
    host: parts.host ?? null,
    port,
    path: parts.path ?? '',
    query: parts.query ?? null,
    fragment: parts.fragment ?? null,
  }
}
