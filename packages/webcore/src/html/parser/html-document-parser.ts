// HTML as it streams: characters go into parse5 as they come, and each element is looked at the moment it is made, so that
// subresources are asked for before the rest of the page has arrived. Called by DocumentWriter.
// Upstream: WebCore/html/parser/HTMLDocumentParser.cpp. HTML standard, section 13.2.

import { html, Parser } from 'parse5'
import type { DefaultTreeAdapterMap, DefaultTreeAdapterTypes } from 'parse5'
import type { Document } from '../../dom/document.ts'
import type { Viewport } from '../../page/settings.ts'
import type { SubresourceRequest } from '../../loader/subresource-request.ts'
import { HTMLSubresourceFinder } from './html-subresource-finder.ts'
import { createHTMLTreeAdapter, textContent } from './html-tree-adapter.ts'
import type { HTMLTreeObserver } from './html-tree-adapter.ts'

/** Elements one document may have; parsing stops there. Reconstructed formatting elements count. */
export const MAX_ELEMENTS = 500_000

/** Characters handed to the tokenizer at once, so that its buffer stays small. */
const SLICE_LENGTH = 64 * 1024

export interface HTMLDocumentParserClient {
  didDiscoverSubresource(request: SubresourceRequest): void
  didReceiveTitle(title: string): void
}

/** Thrown through parse5 to leave it, and caught here. */
class TooManyElements extends Error {}

/**
 * Builds `document.tree` and reports subresources and the title, in document order.
 *
 * Scripts do not run. The scripting flag is on all the same, because the loads of a page should be those of a browser that
 * runs them: `<noscript>` is text, and classic, module, async and deferred scripts are all asked for.
 */
export class HTMLDocumentParser implements HTMLTreeObserver {
  readonly #document: Document
  readonly #client: HTMLDocumentParserClient
  readonly #finder: HTMLSubresourceFinder
  readonly #parser: Parser<DefaultTreeAdapterMap>
  readonly #inTemplates = new WeakSet<DefaultTreeAdapterTypes.Element>()
  #elements = 0
  #stopped = false

  constructor(document: Document, viewport: Viewport, client: HTMLDocumentParserClient) {
    this.#document = document
    this.#client = client
    this.#finder = new HTMLSubresourceFinder(document, viewport, (request) => client.didDiscoverSubresource(request))
    this.#parser = new Parser<DefaultTreeAdapterMap>({
      scriptingEnabled: true,
      treeAdapter: createHTMLTreeAdapter(this),
    })
    document.tree = this.#parser.document
  }

  append(text: string): void {
    for (let at = 0; at < text.length; at += SLICE_LENGTH) this.#write(text.slice(at, at + SLICE_LENGTH), false)
  }

  /** Call once, after the last `append`: closes what is open. */
  finish(): void {
    this.#write('', true)
    this.#stopped = true
  }

  /** Nothing is reported after this. */
  stopParsing(): void {
    this.#stopped = true
  }

  didCreateElement(
    element: DefaultTreeAdapterTypes.Element,
    parent: DefaultTreeAdapterTypes.ParentNode,
    isInTemplate: boolean,
  ): void {
    if (this.#stopped || ++this.#elements > MAX_ELEMENTS) throw new TooManyElements()
    // A template's content belongs to no document, so nothing in it is loaded.
    if (isInTemplate) this.#inTemplates.add(element)
    else this.#finder.elementCreated(element, parent)
  }

  didFinishElement(element: DefaultTreeAdapterTypes.Element): void {
    if (this.#stopped || this.#inTemplates.has(element)) return
    if (element.tagName === 'title' && element.namespaceURI === html.NS.HTML) this.#title(element)
    this.#finder.elementFinished(element)
  }

  didAdoptAttributes(element: DefaultTreeAdapterTypes.Element): void {
    if (!this.#stopped) this.#finder.attributesAdopted(element)
  }

  #title(element: DefaultTreeAdapterTypes.Element): void {
    if (this.#document.title !== null) return
    const title = textContent(element)
      .replace(/[\t\n\f\r ]+/g, ' ')
      .trim()
    this.#document.title = title
    this.#client.didReceiveTitle(title)
  }

  #write(text: string, isLast: boolean): void {
    if (this.#stopped) return
    try {
      this.#parser.tokenizer.write(text, isLast)
    } catch (error) {
      if (!(error instanceof TooManyElements)) throw error
      this.#stopped = true
    }
  }
}
