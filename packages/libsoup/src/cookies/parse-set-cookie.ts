// The syntax of a Set-Cookie field, without regard to who sent it. Called by Cookie. RFC 6265bis section 5.6.
// Upstream: parse_one_cookie in libsoup/cookies/soup-cookie.c. One pass over the text, each part looked at once.

import { parseCookieDate } from './cookie-date.ts'
import { SameSitePolicy } from './same-site-policy.ts'

/** Bytes of name and value together; a cookie with more is ignored. */
export const MAX_NAME_AND_VALUE = 4096
/** Bytes of an attribute's value; a longer attribute is ignored, not its cookie. */
const MAX_ATTRIBUTE = 1024
/** Bytes of a whole field: the largest cookie there can be with room for its attributes. */
const MAX_FIELD = 16 * 1024
/** 400 days: no cookie lives longer, whatever it asks for (RFC 6265bis section 5.5). Milliseconds. */
export const MAX_LIFETIME = 400 * 24 * 3600 * 1000

/** What a field says. Attributes that are missing, empty or nonsense are null. */
export interface SetCookieFields {
  name: string
  value: string
  domain: string | null
  path: string | null
  /** Milliseconds since the epoch; null ends with the session. */
  expires: number | null
  secure: boolean
  httpOnly: boolean
  sameSite: SameSitePolicy | null
}

// Tab is the one control character that may be in a cookie.
// eslint-disable-next-line no-control-regex -- it is what is looked for
const CONTROLS = /[\0-\x08\x0a-\x1f\x7f]/

/** Whether `text` has a character no cookie may have. */
export function hasControls(text: string): boolean {
  return CONTROLS.test(text)
}

/**
 * @param now Milliseconds since the epoch.
 * @returns Null when the field must be ignored: too long, empty, or with control characters.
 */
export function parseSetCookie(field: string, now: number): SetCookieFields | null {
  if (field.length > MAX_FIELD || hasControls(field)) return null
  let end = endOfPart(field, 0)
  const pair = field.slice(0, end)
  const equals = pair.indexOf('=')
  const name = equals < 0 ? '' : trim(pair.slice(0, equals))
  const value = trim(pair.slice(equals + 1))
  if (name.length + value.length > MAX_NAME_AND_VALUE || name.length + value.length === 0) return null
  const fields: SetCookieFields = {
    name,
    value,
    domain: null,
    path: null,
    expires: null,
    secure: false,
    httpOnly: false,
    sameSite: null,
  }
  let maxAge: number | null = null
  while (end < field.length) {
    const start = end + 1
    end = endOfPart(field, start)
    maxAge = readAttribute(fields, field.slice(start, end), now) ?? maxAge
  }
  const expires = maxAge ?? fields.expires // whatever their order
  fields.expires = expires === null ? null : Math.min(expires, now + MAX_LIFETIME)
  return fields
}

/** Puts one attribute into `fields`; of a name that comes twice the last counts. Returns what Max-Age amounts to. */
function readAttribute(fields: SetCookieFields, text: string, now: number): number | null {
  const equals = text.indexOf('=')
  const name = trim(equals < 0 ? text : text.slice(0, equals)).toLowerCase()
  const value = equals < 0 ? '' : trim(text.slice(equals + 1))
  if (value.length > MAX_ATTRIBUTE) return null
  switch (name) {
    case 'expires':
      fields.expires = parseCookieDate(value) ?? fields.expires
      break
    case 'max-age':
      return parseMaxAge(value, now)
    case 'domain':
      fields.domain = value === '' || value === '.' ? null : value.toLowerCase()
      break
    case 'path':
      fields.path = value.startsWith('/') ? value : null
      break
    case 'secure':
      fields.secure = true
      break
    case 'httponly':
      fields.httpOnly = true
      break
    case 'samesite':
      fields.sameSite = parseSameSite(value)
  }
  return null
}

function parseMaxAge(value: string, now: number): number | null {
  if (!/^-?\d+$/.test(value)) return null
  const seconds = Number(value)
  return seconds <= 0 ? 0 : Math.min(now + seconds * 1000, now + MAX_LIFETIME)
}

/** Null for what is no policy, which is as if the attribute were missing. */
function parseSameSite(value: string): SameSitePolicy | null {
  const policy = value.toLowerCase()
  if (policy === 'none') return SameSitePolicy.NONE
  if (policy === 'strict') return SameSitePolicy.STRICT
  return policy === 'lax' ? SameSitePolicy.LAX : null
}

function endOfPart(field: string, start: number): number {
  const semicolon = field.indexOf(';', start)
  return semicolon < 0 ? field.length : semicolon
}

/** Spaces and tabs only: `trim` would take non-breaking spaces, which are bytes of other characters here. */
function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
