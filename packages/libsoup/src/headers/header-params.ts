// Reading and writing the list and parameter syntax many header fields share, RFC 9110 section 5.6. Used by
// MessageHeaders and its callers. Upstream: libsoup/soup-headers.c.

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Whether `value` is a token (RFC 9110 section 5.6.2). */
export function isToken(value: string): boolean {
  return TOKEN.test(value)
}

/** The elements of a comma-separated list, trimmed; empty ones are left out, quoted strings are kept whole. */
export function headerParseList(header: string): string[] {
  return splitOutsideQuotes(header, ',')
}

/** The elements of `header`, best quality first; those with `q=0` are left out. */
export function headerParseQualityList(header: string): string[] {
  const weighted = headerParseList(header).map((element) => {
    const [value = '', ...params] = splitOutsideQuotes(element, ';')
    const q = params.find((param) => /^q\s*=/i.test(param))
    const weight = q === undefined ? 1 : Number.parseFloat(q.slice(q.indexOf('=') + 1))
    return { value, weight: Number.isNaN(weight) ? 1 : weight }
  })
  return weighted
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ value }) => value)
}

/** Whether the list in `header` has `token`, in any letter case. */
export function headerContains(header: string, token: string): boolean {
  const wanted = token.toLowerCase()
  return headerParseList(header).some((element) => element.toLowerCase() === wanted)
}

/** `name=value` pairs separated by commas (`WWW-Authenticate` style); names in lower case, the first of a name wins. */
export function headerParseParamList(header: string): Map<string, string> {
  return parseParams(splitOutsideQuotes(header, ','))
}

/** `name=value` pairs separated by semicolons (`Content-Type` style); names in lower case, the first of a name wins. */
export function headerParseSemiParamList(header: string): Map<string, string> {
  return parseParams(splitOutsideQuotes(header, ';'))
}

/** `value; a=b; c="d e"`, quoting what is no token. */
export function formatWithParams(value: string, params?: Iterable<readonly [string, string]>): string {
  let text = value
  for (const [name, param] of params ?? []) {
    text += `; ${name}=${isToken(param) ? param : `"${param.replace(/(["\\])/g, '\\$1')}"`}`
  }
  return text
}

function parseParams(parts: readonly string[]): Map<string, string> {
  const params = new Map<string, string>()
  for (const part of parts) {
    const equals = part.indexOf('=')
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase()
    if (name === '' || params.has(name)) continue
    params.set(name, equals < 0 ? '' : unquote(part.slice(equals + 1).trim()))
  }
  return params
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value
  return value.slice(1, -1).replace(/\\(.)/g, '$1')
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let i = 0; i <= text.length; i++) {
    const char = text[i]
    if (quoted && char === '\\') {
      i++
    } else if (char === '"') {
      quoted = !quoted
    } else if (i >= text.length || (char === separator && !quoted)) {
      const part = text.slice(start, i).trim()
      if (part !== '') parts.push(part)
      start = i + 1
    }
  }

  return parts
}
