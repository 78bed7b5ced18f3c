// What becomes of a main resource of each media type, and of one that has none. Asked by DocumentLoader at the commit.
// Upstream: WebCore/dom/DOMImplementation.cpp (createDocument)

import type { DocumentKind } from '../dom/document.ts'
import { isSupportedImageMIMEType, isTextMIMEType } from '../platform/mime-type-registry.ts'
import { getMIMETypeFromContent, RESOURCE_HEADER_BYTES } from '../platform/network/mime-sniffer.ts'

/** SVG and XML documents are shown as their text; XHTML goes through the HTML parser. */
export function documentKindForMIMEType(mimeType: string): DocumentKind {
  if (mimeType === 'text/html' || mimeType === 'application/xhtml+xml') return 'html'
  if (isTextMIMEType(mimeType)) return 'text'
  return isSupportedImageMIMEType(mimeType) ? 'image' : 'binary'
}

/** Holds back the first bytes of a main resource without a type until they tell it. */
export class MainResourceSniffer {
  #chunks: Uint8Array[] = []
  #length = 0

  /** @returns The type once enough bytes are here, else null. */
  append(chunk: Uint8Array): string | null {
    this.#chunks.push(chunk)
    this.#length += chunk.byteLength
    return this.#length >= RESOURCE_HEADER_BYTES ? this.#sniff() : null
  }

  /** @returns The type of what is here; an empty resource is text. */
  finish(): string {
    return this.#length === 0 ? 'text/plain' : this.#sniff()
  }

  takeChunks(): Uint8Array[] {
    const chunks = this.#chunks
    this.#chunks = []
    return chunks
  }

  #sniff(): string {
    const head = new Uint8Array(Math.min(this.#length, RESOURCE_HEADER_BYTES))
    let at = 0
    for (const chunk of this.#chunks) {
      const part = chunk.subarray(0, head.length - at)
      head.set(part, at)
      at += part.length
    }
    return getMIMETypeFromContent(head)
  }
}
