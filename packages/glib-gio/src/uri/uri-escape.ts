// Percent-encoding: the one place where bytes become %XX and back. Called by the URI parser and printer.
// Upstream: glib/guri.c (uri_decoder, _uri_encoder). RFC 3986 section 2.

import { UriError } from './uri-error.ts'
import type { UriErrorCode } from './uri-error.ts'
import { UriFlags } from './uri-flags.ts'

/** Characters that separate the parts of a URI (RFC 3986 section 2.2). */
export const URI_RESERVED_CHARS_GENERIC_DELIMITERS = ':/?#[]@'
/** Characters that separate what is within a part. */
export const URI_RESERVED_CHARS_SUBCOMPONENT_DELIMITERS = "!$&'()*+,;="
/** What may stand in a path element, so `/` may not. */
export const URI_RESERVED_CHARS_ALLOWED_IN_PATH_ELEMENT = `${URI_RESERVED_CHARS_SUBCOMPONENT_DELIMITERS}:@`
/** What may stand in a path. */
export const URI_RESERVED_CHARS_ALLOWED_IN_PATH = `${URI_RESERVED_CHARS_ALLOWED_IN_PATH_ELEMENT}/`
/** What may stand in a userinfo. */
export const URI_RESERVED_CHARS_ALLOWED_IN_USERINFO = `${URI_RESERVED_CHARS_SUBCOMPONENT_DELIMITERS}:`

const SUB_DELIMS = URI_RESERVED_CHARS_SUBCOMPONENT_DELIMITERS

/** Reserved characters that may stand unescaped in each part. Upstream: the _ALLOWED_CHARS macros of guri.c. */
export const ALLOWED = {
  userinfo: `${SUB_DELIMS}:`,
  /** `:` and `;` would be taken for the start of a password or of parameters later. */
  user: "!$&'()*+,=",
  password: "!$&'()*+,=:",
  authParams: `${SUB_DELIMS}:`,
  host: SUB_DELIMS,
  path: `${SUB_DELIMS}:@/`,
  query: `${SUB_DELIMS}:@/?`,
  fragment: `${SUB_DELIMS}:@/?`,
} as const

const NOT_PLAIN = /[^!-$&-~]/ // anything but visible ASCII without '%'
const UNRESERVED = /^[A-Za-z0-9\-._~]$/
const NOT_UNRESERVED = /[^A-Za-z0-9\-._~]/
const HEX_PAIR = /^[0-9A-Fa-f]{2}$/

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `text` as UTF-8 bytes with its %XX replaced, or null when a `%` starts no hex pair and `relaxed` is false. */
export function decodeToBytes(text: string, relaxed: boolean): Uint8Array | null {
  const source = Buffer.from(text, 'utf8')
  const out = new Uint8Array(source.length)
  let length = 0
  for (let i = 0; i < source.length; i++) {
    const byte = source[i] as number
    if (byte !== 0x25) {
      out[length++] = byte
      continue
    }
    const pair = source.toString('latin1', i + 1, i + 3)
    if (HEX_PAIR.test(pair)) {
      out[length++] = Number.parseInt(pair, 16)
      i += 2
    } else if (relaxed) {
      out[length++] = byte
    } else {
      return null
    }
  }
  return out.subarray(0, length)
}

/** `bytes` as text, or null when they are not UTF-8 or hold a NUL, which no part of a URI may. */
export function bytesToText(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

/** Decodes all of `text`. Throws `code` for a bad `%` (unless relaxed) and for bytes that are not UTF-8. */
export function decodeComponent(text: string, flags: UriFlags, code: UriErrorCode): string {
  if (!NOT_PLAIN.test(text)) return text
  const bytes = decodeToBytes(text, (flags & UriFlags.PARSE_RELAXED) !== 0)
  if (!bytes) throw new UriError(code, 'The URI has a "%" that is not followed by two hex digits.')
  const decoded = bytesToText(bytes)
  if (decoded === null) throw new UriError(code, 'The URI holds bytes that are not UTF-8 text.')
  return decoded
}

/**
 * Without `ENCODED`, the same as {@link decodeComponent}. With it, the text stays encoded but in one normal form:
 * unreserved characters decoded, hex digits upper case, everything that is not visible ASCII encoded (RFC 3986 section
 * 6.2.2).
 */
export function normalizeComponent(text: string, flags: UriFlags, code: UriErrorCode): string {
  if (!NOT_PLAIN.test(text)) return text
  if ((flags & UriFlags.ENCODED) === 0) return decodeComponent(text, flags, code)
  const strict = (flags & UriFlags.PARSE_RELAXED) === 0
  if (strict && /%(?![0-9A-Fa-f]{2})/.test(text)) {
    throw new UriError(code, 'The URI has a "%" that is not followed by two hex digits.')
  }
  return text.replace(/%[0-9A-Fa-f]{2}|[^!-~]+/g, (match) => {
    if (!match.startsWith('%')) return percentEncodeAll(match)
    const character = String.fromCharCode(Number.parseInt(match.slice(1), 16))
    return UNRESERVED.test(character) ? character : match.toUpperCase()
  })
}

/** Escapes every byte of `bytes` that is neither unreserved nor in `allowed`. */
export function escapeBytes(bytes: Uint8Array, allowed = ''): string {
  let out = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    out += UNRESERVED.test(character) || (byte < 0x80 && allowed.includes(character)) ? character : hex(byte)
  }
  return out
}

/**
 * Escapes what is neither unreserved nor in `allowed`. With `allowUtf8` characters beyond ASCII stay as they are;
 * otherwise their UTF-8 bytes are escaped.
 */
export function escapeText(text: string, allowed = '', allowUtf8 = false): string {
  if (!NOT_UNRESERVED.test(text)) return text
  return text.replace(/[^A-Za-z0-9\-._~]/gu, (character) => {
    if (allowed.includes(character)) return character
    if (allowUtf8 && (character.codePointAt(0) as number) >= 0x80) return character
    return percentEncodeAll(character)
  })
}

function percentEncodeAll(text: string): string {
  let out = ''
  for (const byte of Buffer.from(text, 'utf8')) out += hex(byte)
  return out
}

const hex = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
