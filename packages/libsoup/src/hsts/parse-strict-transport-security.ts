// The Strict-Transport-Security field. Called by HSTSPolicy. RFC 6797 section 6.1; one pass over the text.
// Upstream: soup_hsts_policy_new_from_response in libsoup/hsts/soup-hsts-policy.c.

const MAX_FIELD = 4096
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i

export interface StrictTransportSecurity {
  /** Seconds. */
  readonly maxAge: number
  readonly includeSubdomains: boolean
}

/** Null when the field must be ignored: malformed, a directive twice, no max-age. */
export function parseStrictTransportSecurity(field: string): StrictTransportSecurity | null {
  if (field.length > MAX_FIELD) return null
  const directives = parseDirectives(field)
  const maxAge = directives?.get('max-age') ?? null
  if (directives === null || maxAge === null || !/^\d+$/.test(maxAge)) return null
  const subdomains = directives.get('includesubdomains')
  if (subdomains !== undefined && subdomains !== null) return null // it takes no value
  return { maxAge: Math.min(Number(maxAge), MAX_MAX_AGE), includeSubdomains: subdomains === null }
}

/** Seconds; 68 years, what 32 bits hold. */
const MAX_MAX_AGE = 2 ** 31 - 1

/** Values by lower-case name, null for a directive without one; null when the field is malformed. */
function parseDirectives(field: string): Map<string, string | null> | null {
  const directives = new Map<string, string | null>()
  for (const part of splitDirectives(field)) {
    const directive = part.trim()
    if (directive === '') continue
    const equals = directive.indexOf('=')
    const name = (equals < 0 ? directive : directive.slice(0, equals)).trim().toLowerCase()
    const value = equals < 0 ? null : parseValue(directive.slice(equals + 1).trim())
    if (!TOKEN.test(name) || directives.has(name) || value === undefined) return null
    directives.set(name, value)
  }
  return directives
}

/** A token or a quoted string; undefined when it is neither. */
function parseValue(text: string): string | undefined {
  if (TOKEN.test(text)) return text
  const quoted = text.length >= 2 && text.startsWith('"') && text.endsWith('"')
  return quoted ? text.slice(1, -1).replace(/\\(.)/g, '$1') : undefined
}

function splitDirectives(field: string): string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let i = 0; i < field.length; i++) {
    const char = field[i]
    if (char === '"') quoted = !quoted
    else if (char === '\\' && quoted) i++
    else if (char === ';' && !quoted) {
      parts.push(field.slice(start, i))
      start = i + 1
    }
  }
  parts.push(field.slice(start))
  return parts
}
