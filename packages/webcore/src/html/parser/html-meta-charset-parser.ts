// The encoding a document declares in its first kilobyte. Asked by TextResourceDecoder before the first character is read.
// Upstream: WebCore/html/parser/HTMLMetaCharsetParser.cpp. HTML standard, "prescan a byte stream to determine its encoding".

/** Bytes that are searched; a declaration further on is not heard. */
export const PRESCAN_BYTES = 1024

/** A label found, or whether the bytes ended before the search could. */
export type PrescanResult = { readonly label: string } | 'not-found'

/**
 * Searches `bytes` for `<meta charset>` or `<meta http-equiv=content-type>`. A tag that the end of `bytes` cuts off does not
 * count, so a longer prefix of the same document never contradicts what a shorter one gave.
 */
export function prescanForCharset(bytes: Uint8Array): PrescanResult {
  // One character per byte: only ASCII matters.
  const text = String.fromCharCode(...bytes.subarray(0, PRESCAN_BYTES))
  let at = 0
  while (at < text.length) {
    const open = text.indexOf('<', at)
    if (open < 0) break
    if (text.startsWith('<!--', open)) {
      const close = text.indexOf('-->', open + 2)
      if (close < 0) break
      at = close + 3
    } else if (/^<meta[\s/]/i.test(text.slice(open, open + 6))) {
      const tag = new AttributeReader(text, open + 5)
      const label = charsetOfMeta(tag)
      if (tag.cut) break
      if (label !== null) return { label }
      at = tag.position
    } else if (/^<\/?[a-z]/i.test(text.slice(open, open + 3))) {
      const nameEnd = /[\s>]/.exec(text.slice(open))
      if (nameEnd === null) break
      const tag = new AttributeReader(text, open + nameEnd.index)
      while (tag.next() !== null);
      if (tag.cut) break
      at = tag.position
    } else if (/^<[!/?]/.test(text.slice(open, open + 2))) {
      const close = text.indexOf('>', open)
      if (close < 0) break
      at = close + 1
    } else {
      at = open + 1
    }
  }
  return 'not-found'
}

function charsetOfMeta(tag: AttributeReader): string | null {
  const seen = new Map<string, string>()
  for (let attribute = tag.next(); attribute !== null; attribute = tag.next()) {
    if (!seen.has(attribute.name)) seen.set(attribute.name, attribute.value)
  }
  const charset = seen.get('charset')
  if (charset !== undefined) return charset.trim()
  const content = seen.get('content')
  if (seen.get('http-equiv') !== 'content-type' || content === undefined) return null
  return extractCharset(content)
}

/** HTML standard, "extracting a character encoding from a meta element". */
export function extractCharset(content: string): string | null {
  const match = /charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))/i.exec(content)
  return match === null ? null : (match[1] ?? match[2] ?? match[3] ?? '').trim()
}

/** Reads the attributes of one tag as the standard's "get an attribute" does. */
class AttributeReader {
  position: number
  /** Whether the text ended inside the tag. */
  cut = false
  readonly #text: string

  constructor(text: string, position: number) {
    this.#text = text
    this.position = position
  }

  /** @returns The next attribute, its name in lower case; null at the end of the tag or of the text. */
  next(): { name: string; value: string } | null {
    this.#skip(/[\s/]/)
    if (this.#peek() === '>') {
      this.position++
      return null
    }
    const nameStart = this.position
    while (
      this.#peek() !== '' &&
      !(/[\s/>]/.test(this.#peek()) || (this.#peek() === '=' && this.position > nameStart))
    ) {
      this.position++
    }
    const name = this.#text.slice(nameStart, this.position).toLowerCase()
    this.#skip(/\s/)
    let value = ''
    if (this.#peek() === '=') {
      this.position++
      this.#skip(/\s/)
      value = this.#value()
    }
    if (this.#peek() === '') this.cut = true
    return this.cut ? null : { name, value: value.toLowerCase() }
  }

  #value(): string {
    const quote = this.#peek()
    if (quote === '"' || quote === "'") {
      const end = this.#text.indexOf(quote, this.position + 1)
      if (end < 0) {
        this.position = this.#text.length
        return ''
      }
      const value = this.#text.slice(this.position + 1, end)
      this.position = end + 1
      return value
    }
    const start = this.position
    while (this.#peek() !== '' && !/[\s>]/.test(this.#peek())) this.position++
    return this.#text.slice(start, this.position)
  }

  #skip(characters: RegExp): void {
    while (this.#peek() !== '' && characters.test(this.#peek())) this.position++
  }

  #peek(): string {
    return this.#text.charAt(this.position)
  }
}
