// Bytes of a text resource to characters, as they come: byte order mark, HTTP charset, <meta>, fallback, in that order.
// Used for the main resource and for style sheets. Upstream: WebCore/loader/TextResourceDecoder.cpp.
// HTML standard, "determining the character encoding"; CSS Syntax Level 3, section 3.2.

import { PRESCAN_BYTES, prescanForCharset } from '../html/parser/html-meta-charset-parser.ts'

export interface TextResourceDecoderOptions {
  /** What kind of declaration to look for inside the text. */
  readonly contentKind: 'html' | 'css' | 'plain'
  /** The charset of the Content-Type field, or an empty string. */
  readonly httpCharset: string
  /** Encoding used when nothing else says. */
  readonly fallback: string
}

/** A streaming decoder. Bad bytes become U+FFFD; no input makes it throw. */
export class TextResourceDecoder {
  readonly #options: TextResourceDecoderOptions
  #pending: Uint8Array = new Uint8Array(0)
  #decoder: TextDecoder | null = null

  constructor(options: TextResourceDecoderOptions) {
    this.#options = options
  }

  /** The encoding in use, in lower case, or null while too little has come to know. */
  get encoding(): string | null {
    return this.#decoder?.encoding ?? null
  }

  /** @returns What can be decoded by now; '' while the encoding is not known. */
  decode(bytes: Uint8Array): string {
    if (this.#decoder !== null) return this.#decoder.decode(bytes, { stream: true })
    this.#pending = this.#pending.length === 0 ? bytes : concatenate(this.#pending, bytes)
    const encoding = this.#determineEncoding(false)
    return encoding === null ? '' : this.#start(encoding, true)
  }

  /** The rest, once no more bytes follow. */
  flush(): string {
    if (this.#decoder !== null) return this.#decoder.decode()
    return this.#start(this.#determineEncoding(true) ?? this.#options.fallback, false)
  }

  #start(encoding: string, stream: boolean): string {
    // ignoreBOM false drops a leading mark of the chosen encoding.
    this.#decoder = new TextDecoder(encoding)
    const text = this.#decoder.decode(this.#pending, { stream })
    this.#pending = new Uint8Array(0)
    return text
  }

  /** @returns Null when more bytes could change the answer. */
  #determineEncoding(atEnd: boolean): string | null {
    const [first, second, third] = this.#pending
    if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
    if (first === 0xfe && second === 0xff) return 'utf-16be'
    if (first === 0xff && second === 0xfe) return 'utf-16le'
    if (!atEnd && this.#pending.length < 3) return null
    const { httpCharset, contentKind, fallback } = this.#options
    const fromHTTP = httpCharset === '' ? null : encodingForLabel(httpCharset)
    if (fromHTTP !== null) return fromHTTP
    if (contentKind === 'plain') return fallback
    const declared = contentKind === 'html' ? this.#metaCharset() : this.#cssCharset(atEnd)
    if (declared !== null) return declared
    return atEnd || this.#pending.length >= PRESCAN_BYTES ? fallback : null
  }

  #metaCharset(): string | null {
    const found = prescanForCharset(this.#pending)
    const encoding = found === 'not-found' ? null : encodingForLabel(found.label)
    // A document that could be read as ASCII so far is not UTF-16, whatever it says.
    return encoding?.startsWith('utf-16') === true ? 'utf-8' : encoding
  }

  /** `@charset "…";` must be the very first bytes of a sheet. */
  #cssCharset(atEnd: boolean): string | null {
    const head = String.fromCharCode(...this.#pending.subarray(0, PRESCAN_BYTES))
    const rule = '@charset "'
    if (!head.startsWith(rule)) {
      return !atEnd && head.length < rule.length && rule.startsWith(head) ? null : this.#options.fallback
    }
    const end = head.indexOf('";', rule.length)
    if (end < 0) return null
    const encoding = encodingForLabel(head.slice(rule.length, end))
    return encoding === null ? this.#options.fallback : encoding.startsWith('utf-16') ? 'utf-8' : encoding
  }
}

/** The Encoding standard's name for a label, or null when no such encoding can be decoded. */
export function encodingForLabel(label: string): string | null {
  const wanted = label.trim().toLowerCase()
  if (wanted === 'x-user-defined') return 'windows-1252'
  try {
    return new TextDecoder(wanted).encoding
  } catch {
    return null
  }
}

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length)
  joined.set(a)
  joined.set(b, a.length)
  return joined
}
