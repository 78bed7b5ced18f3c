// A Content-Type value taken apart: essence and parameters. Used by the document's decoder and by the type checks of
// subresources. Upstream: WebCore/platform/network/ParsedContentType.cpp. MIME Sniffing standard, "parsing a MIME type".

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Longest field value that is looked at; what follows is dropped. */
const MAX_LENGTH = 4096

/** A media type such as `text/html; charset=utf-8`. The type and the parameter names are in lower case. */
export class ParsedContentType {
  readonly mimeType: string
  readonly #parameters: ReadonlyMap<string, string>

  private constructor(mimeType: string, parameters: ReadonlyMap<string, string>) {
    this.mimeType = mimeType
    this.#parameters = parameters
  }

  /** @returns The parsed type, or null when `value` does not begin with `type/subtype`. Bad parameters are passed over. */
  static create(value: string): ParsedContentType | null {
    const input = value.slice(0, MAX_LENGTH)
    const end = input.indexOf(';')
    const essence = (end < 0 ? input : input.slice(0, end)).trim()
    const slash = essence.indexOf('/')
    if (slash < 0 || !TOKEN.test(essence.slice(0, slash)) || !TOKEN.test(essence.slice(slash + 1))) return null
    return new ParsedContentType(essence.toLowerCase(), end < 0 ? new Map() : parseParameters(input, end + 1))
  }

  /** The `charset` parameter as it was written, or null. */
  get charset(): string | null {
    return this.parameterValueForName('charset')
  }

  get parameterCount(): number {
    return this.#parameters.size
  }

  parameterValueForName(name: string): string | null {
    return this.#parameters.get(name.toLowerCase()) ?? null
  }

  serialize(): string {
    let text = this.mimeType
    for (const [name, value] of this.#parameters) {
      text += `; ${name}=${TOKEN.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`
    }
    return text
  }
}

/** Parameters from `start` on; the first of a name wins. */
export function parseParameters(input: string, start: number): Map<string, string> {
  const parameters = new Map<string, string>()
  let at = start
  while (at < input.length) {
    const nameStart = at
    while (at < input.length && input[at] !== ';' && input[at] !== '=') at++
    const name = input.slice(nameStart, at).trim().toLowerCase()
    if (input[at] !== '=') {
      at++
      continue
    }
    let value: string
    if (input[at + 1] === '"') {
      const quoted = readQuotedString(input, at + 1)
      value = quoted.value
      at = skipTo(input, quoted.end, ';') + 1
    } else {
      const end = skipTo(input, at, ';')
      value = input.slice(at + 1, end).trim()
      at = end + 1
      if (value === '') continue
    }
    if (TOKEN.test(name) && !parameters.has(name)) parameters.set(name, value)
  }
  return parameters
}

/** Reads the quoted string that opens at `start`; an unclosed one runs to the end. */
export function readQuotedString(input: string, start: number): { value: string; end: number } {
  let value = ''
  let at = start + 1
  while (at < input.length && input[at] !== '"') {
    if (input[at] === '\\' && at + 1 < input.length) at++
    value += input[at]
    at++
  }
  return { value, end: Math.min(at + 1, input.length) }
}

function skipTo(input: string, start: number, character: string): number {
  const at = input.indexOf(character, start)
  return at < 0 ? input.length : at
}
