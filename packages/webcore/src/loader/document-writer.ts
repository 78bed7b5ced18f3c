// Takes the main resource's bytes to the document: decodes, parses HTML, keeps text, lets everything else pass.
// Called by DocumentLoader. Upstream: WebCore/loader/DocumentWriter.cpp

import type { Document } from '../dom/document.ts'
import { HTMLDocumentParser } from '../html/parser/html-document-parser.ts'
import type { HTMLDocumentParserClient } from '../html/parser/html-document-parser.ts'
import type { Viewport } from '../page/settings.ts'
import { TextResourceDecoder } from './text-resource-decoder.ts'

/** Characters a document may have once decoded. */
export const MAX_DOCUMENT_LENGTH = 32 * 1024 * 1024

export interface DocumentWriterOptions {
  readonly document: Document
  readonly viewport: Viewport
  /** The charset of the response, or an empty string. */
  readonly httpCharset: string
  readonly client: HTMLDocumentParserClient
}

export class DocumentWriter {
  readonly #document: Document
  readonly #decoder: TextResourceDecoder | null
  readonly #parser: HTMLDocumentParser | null
  #length = 0

  constructor({ document, viewport, httpCharset, client }: DocumentWriterOptions) {
    this.#document = document
    const { kind, mimeType } = document
    this.#parser = kind === 'html' ? new HTMLDocumentParser(document, viewport, client) : null
    this.#decoder =
      kind === 'html' || kind === 'text'
        ? new TextResourceDecoder({
            contentKind: kind === 'html' ? 'html' : 'plain',
            httpCharset,
            // RFC 8259 section 8.1 and XML 1.0 section 4.3.3 say UTF-8; old text and HTML without a label do not.
            fallback: mimeType.startsWith('text/') && mimeType !== 'text/xml' ? 'windows-1252' : 'utf-8',
          })
        : null
  }

  /** @returns False when the document has become longer than `MAX_DOCUMENT_LENGTH`; what is too much is dropped. */
  addData(bytes: Uint8Array): boolean {
    return this.#decoder === null || this.#write(this.#decoder.decode(bytes))
  }

  /** No more bytes follow. @returns As `addData`. */
  end(): boolean {
    const fits = this.#decoder === null || this.#write(this.#decoder.flush())
    this.#parser?.finish()
    return fits
  }

  /** Nothing found from here on is reported. */
  stop(): void {
    this.#parser?.stopParsing()
  }

  #write(text: string): boolean {
    const room = MAX_DOCUMENT_LENGTH - this.#length
    const fits = text.length <= room
    const kept = fits ? text : text.slice(0, room)
    this.#length += kept.length
    this.#document.encoding = this.#decoder?.encoding ?? null
    this.#document.appendSource(kept)
    this.#parser?.append(kept)
    return fits
  }
}
