// Whom the tickets of this machine's user may be shown to. Used by AuthNegotiate; both lists have the form of upstream's
// environment variables SOUP_GSSAPI_TRUSTED_URIS and SOUP_GSSAPI_BLOCKLISTED_URIS.
// Upstream: libsoup/auth/soup-auth-negotiate.c (check_auth_trusted_uri, match_base_uri).

import { Uri, UriError } from '@wpe-networking/glib-gio'
import { HTTP_URI_FLAGS } from '../../uri/request-target.ts'

/**
 * URIs without a path: `http://intranet:8080` is one server, `https://.example.com` those of a domain, `https://` every
 * one. A port that is left out is the scheme's own.
 */
export class TrustedUris {
  readonly #trusted: readonly Uri[]
  readonly #blocked: readonly Uri[]

  /** What is no URI is left out, as upstream does. */
  constructor(trusted: readonly string[], blocked: readonly string[]) {
    this.#trusted = parseAll(trusted)
    this.#blocked = parseAll(blocked)
  }

  static fromEnvironment(environment: NodeJS.ProcessEnv = process.env): TrustedUris {
    return new TrustedUris(
      environment['SOUP_GSSAPI_TRUSTED_URIS']?.split(',') ?? [],
      environment['SOUP_GSSAPI_BLOCKLISTED_URIS']?.split(',') ?? [],
    )
  }

  /** Without a list of trusted ones these are all over TLS; a blocked one is never trusted. */
  includes(uri: Uri): boolean {
    if (this.#blocked.some((pattern) => matches(pattern, uri))) return false
    if (this.#trusted.length === 0) return uri.scheme === 'https' || uri.scheme === 'wss'
    return this.#trusted.some((pattern) => matches(pattern, uri))
  }
}

function matches(pattern: Uri, uri: Uri): boolean {
  if (pattern.scheme !== uri.scheme || pattern.port !== uri.port) return false
  return pattern.host === null || pattern.host === '' || matchesHost(uri.host ?? '', pattern.host.toLowerCase())
}

function matchesHost(host: string, pattern: string): boolean {
  const name = host.toLowerCase()
  if (name === pattern) return true
  return pattern.startsWith('.') && (name.endsWith(pattern) || name === pattern.slice(1))
}

function parseAll(texts: readonly string[]): Uri[] {
  const uris: Uri[] = []
  for (const text of texts) {
    try {
      uris.push(Uri.parse(text.trim(), HTTP_URI_FLAGS))
    } catch (error) {
      if (!(error instanceof UriError)) throw error
    }
  }
  return uris
}
