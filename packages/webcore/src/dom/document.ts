// The document of a frame: its URL, what it said, and the tree parse5 built from it. Made by DocumentLoader on commit.
// Upstream: WebCore/dom/Document.cpp, the part that loading looks at.

import type { DefaultTreeAdapterTypes } from 'parse5'
import { SecurityOrigin } from '../page/security-origin.ts'
import { DEFAULT_REFERRER_POLICY } from '../page/security-policy.ts'
import type { ReferrerPolicy } from '../page/security-policy.ts'

/** How a main resource is shown: parsed as HTML, as plain text, as one image, or not at all. */
export type DocumentKind = 'html' | 'text' | 'image' | 'binary'

/** Frames whose URLs are kept. */
const MAX_CHILD_FRAME_URLS = 1000

export class Document {
  readonly url: string
  readonly mimeType: string
  readonly kind: DocumentKind
  readonly securityOrigin: SecurityOrigin
  referrerPolicy: ReferrerPolicy = DEFAULT_REFERRER_POLICY
  /** The encoding the text was decoded from, or null while unknown and for a document that is not text. */
  encoding: string | null = null
  /** The first `<title>` with its white space collapsed; null when there is none. */
  title: string | null = null
  /** The tree of an HTML document as parse5's default adapter has it, filled as the parser goes; else null. */
  tree: DefaultTreeAdapterTypes.Document | null = null
  #baseURL: string | null = null
  #source: string[] = []
  readonly #childFrameURLs: string[] = []

  constructor(url: string, mimeType: string, kind: DocumentKind) {
    this.url = url
    this.mimeType = mimeType
    this.kind = kind
    this.securityOrigin = SecurityOrigin.create(url)
  }

  /** The decoded text so far; empty for images and binaries. Its length is bounded by DocumentLoader. */
  get source(): string {
    if (this.#source.length > 1) this.#source = [this.#source.join('')]
    return this.#source[0] ?? ''
  }

  /** What relative URLs are resolved against: the first `<base href>`, else the document's URL. */
  get baseURL(): string {
    return this.#baseURL ?? this.url
  }

  /** The URLs of `<iframe>` and `<frame>` elements, in order. Nested frames are not loaded. */
  get childFrameURLs(): readonly string[] {
    return this.#childFrameURLs
  }

  /** Only the first base element with a usable URL counts (HTML standard, "the base element"). */
  setBaseURL(href: string): void {
    if (this.#baseURL !== null || !URL.canParse(href, this.url)) return
    const base = new URL(href, this.url)
    if (base.protocol !== 'data:' && base.protocol !== 'javascript:') this.#baseURL = base.href
  }

  /** @returns The absolute URL without surrounding white space, or null when `url` is empty or does not parse. */
  completeURL(url: string): string | null {
    const trimmed = url.trim()
    return trimmed !== '' && URL.canParse(trimmed, this.baseURL) ? new URL(trimmed, this.baseURL).href : null
  }

  appendSource(text: string): void {
    if (text !== '') this.#source.push(text)
  }

  addChildFrameURL(url: string): void {
    if (this.#childFrameURLs.length < MAX_CHILD_FRAME_URLS) this.#childFrameURLs.push(url)
  }
}
