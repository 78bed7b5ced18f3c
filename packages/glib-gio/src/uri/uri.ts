// A parsed URI: what every layer above passes around. Upstream: glib/guri.c (GUri). RFC 3986.

import { bytesToText, decodeToBytes, escapeBytes, escapeText } from './uri-escape.ts'
import { UriError } from './uri-error.ts'
import { UriFlags, UriHideFlags } from './uri-flags.ts'
import type { UriParamsFlags } from './uri-flags.ts'
import { joinUri } from './uri-join.ts'
import { parseUriParams } from './uri-params.ts'
import { completeParts } from './uri-parts.ts'
import type { UriParts } from './uri-parts.ts'
import { resolve } from './uri-resolve.ts'
import { defaultSchemePort, normalizePath, normalizePort, removeDotSegments } from './uri-scheme.ts'
import { splitUri } from './uri-split.ts'
import type { UriComponents } from './uri-split.ts'

/** Whatever a caller may hand over where a URI is wanted. */
export type UriLike = string | URL | Uri

/**
 * An absolute URI. Immutable. Parts come decoded unless the flags it was parsed with hold `ENCODED…`; decoding loses the
 * difference between `/` and `%2F`, so anything that is sent on should be parsed `ENCODED`.
 */
export class Uri {
  readonly #parts: UriComponents
  readonly flags: UriFlags
  #text: string | undefined

  private constructor(parts: UriComponents, flags: UriFlags) {
    this.#parts = parts
    this.flags = flags
  }

  /** Parses an absolute URI. Throws `UriError`, with the bad part in `code`. */
  static parse(text: string, flags: UriFlags = UriFlags.NONE): Uri {
    return Uri.parseRelative(null, text, flags)
  }

  /** A `Uri` comes back as it is, whatever its flags; a `URL` or a string is parsed. */
  static from(uri: UriLike, flags: UriFlags = UriFlags.NONE): Uri {
    if (uri instanceof Uri) return uri
    return Uri.parse(typeof uri === 'string' ? uri : uri.href, flags)
  }

  /** Resolves `reference` against `base` (RFC 3986 section 5.2.2). Without a base it must be absolute. */
  static parseRelative(base: Uri | null, reference: string, flags: UriFlags = UriFlags.NONE): Uri {
    const split = splitUri(reference, flags)
    if (base) return Uri.#create(resolve(base.#parts, split), flags)
    if (split.scheme === null) {
      throw new UriError('FAILED', 'The URI is not absolute and there is no base to resolve it against.')
    }
    const path = removeDotSegments(split.path)
    return Uri.#create(path === split.path ? split : { ...split, path }, flags)
  }

  /** {@link Uri.parseRelative} from text to text; percent-encoding stays as it is. */
  static resolveRelative(base: string | null, reference: string, flags: UriFlags = UriFlags.NONE): string {
    const encoded = flags | UriFlags.ENCODED
    return Uri.parseRelative(base === null ? null : Uri.parse(base, encoded), reference, encoded).toString()
  }

  /**
   * Makes a URI of parts, which are taken as already escaped where `flags` say `ENCODED`. Dots are not resolved.
   *
   * @throws {UriError} `BAD_SCHEME`, `BAD_PORT`.
   */
  static build(parts: UriParts & { readonly scheme: string }, flags: UriFlags = UriFlags.NONE): Uri {
    if (parts.user !== undefined) return Uri.buildWithUser(parts, flags)
    return new Uri(completeParts(parts), flags)
  }

  /** {@link Uri.build} for parts with `user`, `password` and `authParams`; the URI has the flag `HAS_PASSWORD`. */
  static buildWithUser(parts: UriParts & { readonly scheme: string }, flags: UriFlags = UriFlags.NONE): Uri {
    return new Uri(completeParts(parts), flags | UriFlags.HAS_PASSWORD)
  }

  /**
   * Parts straight to text; without a scheme, to a relative reference.
   *
   * @throws {UriError} `BAD_SCHEME`, `BAD_PORT`; `BAD_PATH` when the path would be read back as something else.
   */
  static join(parts: UriParts, flags: UriFlags = UriFlags.NONE): string {
    return joinUri(completeParts(parts), flags, parts.user === undefined)
  }

  /** {@link Uri.join} for parts with `user`, `password` and `authParams`. */
  static joinWithUser(parts: UriParts, flags: UriFlags = UriFlags.NONE): string {
    return joinUri(completeParts(parts), flags, false)
  }

  /** The parts of an absolute or relative reference; as they are but for what `SCHEME_NORMALIZE` fills in. */
  static split(reference: string, flags: UriFlags = UriFlags.NONE): UriComponents {
    const parts = splitUri(reference, flags)
    const { scheme } = parts
    if (!(flags & UriFlags.SCHEME_NORMALIZE) || scheme === null) return parts
    const port = parts.port === -1 ? defaultSchemePort(scheme) : parts.port
    return { ...parts, port, path: normalizePath(scheme, parts.path) }
  }

  /** {@link Uri.split} under upstream's name for it with `user`, `password` and `authParams`. */
  static splitWithUser(reference: string, flags: UriFlags = UriFlags.NONE): UriComponents {
    return Uri.split(reference, flags)
  }

  /** What is needed to connect. Throws `BAD_SCHEME` for a relative URI and `BAD_HOST` for one without a host. */
  static splitNetwork(text: string, flags: UriFlags = UriFlags.NONE): { scheme: string; host: string; port: number } {
    const { scheme, host, port } = Uri.split(text, flags)
    if (scheme === null) throw new UriError('BAD_SCHEME', 'The URI is not absolute.')
    if (host === null) throw new UriError('BAD_HOST', 'The URI has no host.')
    return { scheme, host, port }
  }

  /** True if {@link Uri.parse} would take it. */
  static isValid(text: string, flags: UriFlags = UriFlags.NONE): boolean {
    try {
      return splitUri(text, flags).scheme !== null
    } catch {
      return false
    }
  }

  /** The scheme in lower case, or null when `text` has none. Looks no further. */
  static parseScheme(text: string): string | null {
    return /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase() ?? null
  }

  /** {@link Uri.parseScheme}; upstream this one saves a copy. */
  static peekScheme(text: string): string | null {
    return Uri.parseScheme(text)
  }

  /** The URIs in a list of the type text/uri-list: one a line, `#` before remarks (RFC 2483 section 5). Not checked. */
  static listExtractUris(uriList: string): string[] {
    const lines = uriList.split(/[\r\n]+/).map((line) => line.trim())
    return lines.filter((line) => line !== '' && !line.startsWith('#'))
  }

  /**
   * The attributes in `params`, decoded; a name that comes twice keeps its last value. With `CASE_INSENSITIVE` names
   * come in lower case.
   *
   * @param separators Each character in it separates attributes.
   * @throws {UriError} `FAILED` for an attribute without `=` or with a bad `%`.
   */
  static parseParams(params: string, separators = '&', flags: UriParamsFlags = 0): Map<string, string> {
    return parseUriParams(params, separators, flags)
  }

  /** Escapes what is neither unreserved nor in `reservedCharsAllowed`; with `allowUtf8`, non-ASCII text stays. */
  static escapeString(text: string, reservedCharsAllowed = '', allowUtf8 = false): string {
    return escapeText(text, reservedCharsAllowed, allowUtf8)
  }

  static escapeBytes(bytes: Uint8Array, reservedCharsAllowed = ''): string {
    return escapeBytes(bytes, reservedCharsAllowed)
  }

  /** null when a `%` starts no hex pair, the result is not UTF-8, or it holds NUL or one of `illegalCharacters`. */
  static unescapeString(text: string, illegalCharacters = ''): string | null {
    const bytes = Uri.unescapeBytes(text, illegalCharacters)
    return bytes && bytesToText(bytes)
  }

  /** {@link Uri.unescapeString} under its name for one path segment; give '/' as illegal to keep it one. */
  static unescapeSegment(text: string, illegalCharacters = ''): string | null {
    return Uri.unescapeString(text, illegalCharacters)
  }

  /** null when a `%` starts no hex pair, or one of `illegalCharacters` was escaped in `text`. */
  static unescapeBytes(text: string, illegalCharacters = ''): Uint8Array | null {
    const escapedIllegal = (text.match(/%[0-9A-Fa-f]{2}/g) ?? []).some((pair) =>
      illegalCharacters.includes(String.fromCharCode(Number.parseInt(pair.slice(1), 16))),
    )
    return escapedIllegal ? null : decodeToBytes(text, false)
  }

  static #create(parts: UriComponents, flags: UriFlags): Uri {
    const scheme = parts.scheme ?? ''
    let { path, port } = parts
    if (flags & UriFlags.SCHEME_NORMALIZE) {
      path = normalizePath(scheme, path)
      port = normalizePort(scheme, port)
    }
    // Taking out dots can leave 'data:/.//x' as 'data://x', whose path would be read back as a host.
    if (parts.host === null && path.startsWith('//')) path = `/.${path}`
    // Relaxed parsing lets ';' end the host; the path that follows it still has to start with '/'.
    if (parts.host !== null && path !== '' && !path.startsWith('/')) path = `/${path}`
    const unchanged = path === parts.path && port === parts.port
    return new Uri(unchanged ? parts : { ...parts, path, port }, flags)
  }

  /** Lower case. */
  get scheme(): string {
    return this.#parts.scheme ?? ''
  }

  get userinfo(): string | null {
    return this.#parts.userinfo
  }

  /** All of the userinfo, unless parsed with `HAS_PASSWORD` or `HAS_AUTH_PARAMS`. */
  get user(): string | null {
    return this.#parts.user
  }

  /** Always null unless parsed with `HAS_PASSWORD`. */
  get password(): string | null {
    return this.#parts.password
  }

  /** Always null unless parsed with `HAS_AUTH_PARAMS`. */
  get authParams(): string | null {
    return this.#parts.authParams
  }

  /** IPv6 addresses come without brackets, internationalised names in their ASCII form. */
  get host(): string | null {
    return this.#parts.host
  }

  /** -1 when there is none; with `SCHEME_NORMALIZE`, the default port of the scheme then. */
  get port(): number {
    const { port } = this.#parts
    return port === -1 && this.flags & UriFlags.SCHEME_NORMALIZE ? defaultSchemePort(this.scheme) : port
  }

  get path(): string {
    return this.#parts.path
  }

  /** Without the `?`; null when there is none, '' when it is empty. */
  get query(): string | null {
    return this.#parts.query
  }

  /** Without the `#`. */
  get fragment(): string | null {
    return this.#parts.fragment
  }

  toString(): string {
    const split = this.flags & (UriFlags.HAS_PASSWORD | UriFlags.HAS_AUTH_PARAMS)
    this.#text ??= joinUri(this.#parts, this.flags, split === 0 && this.#parts.userinfo !== null)
    return this.#text
  }

  /** Passwords and parameters can only be hidden if the flags had them split off; hide all of the userinfo otherwise. */
  toStringPartial(hide: UriHideFlags): string {
    const parts = { ...this.#parts }
    const hidden: Partial<UriComponents> = {
      ...(hide & UriHideFlags.USERINFO ? { userinfo: null, user: null, password: null, authParams: null } : {}),
      ...(hide & UriHideFlags.PASSWORD ? { password: null } : {}),
      ...(hide & UriHideFlags.AUTH_PARAMS ? { authParams: null } : {}),
      ...(hide & UriHideFlags.QUERY ? { query: null } : {}),
      ...(hide & UriHideFlags.FRAGMENT ? { fragment: null } : {}),
    }
    const split = this.flags & (UriFlags.HAS_PASSWORD | UriFlags.HAS_AUTH_PARAMS)
    const merged = { ...parts, ...hidden }
    return joinUri(merged, this.flags, split === 0 && merged.userinfo !== null)
  }

  toJSON(): string {
    return this.toString()
  }

  /** The same text, but for the case of the host (RFC 3986 section 6.2.2.1). */
  equal(other: Uri): boolean {
    const lowerHost = (uri: Uri): UriComponents => ({ ...uri.#parts, host: uri.host?.toLowerCase() ?? null })
    return (
      this === other ||
      joinUri(lowerHost(this), this.flags, this.password === null) ===
        joinUri(lowerHost(other), other.flags, other.password === null)
    )
  }
}
