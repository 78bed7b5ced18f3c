// A frame whose document lives in this process. A page has one, the main frame. Upstream: WebCore/page/LocalFrame.cpp

import type { Document } from '../dom/document.ts'
import { FrameLoader } from '../loader/frame-loader.ts'
import type { Page } from './page.ts'

export class LocalFrame {
  readonly page: Page
  /** Unique in its page. */
  readonly identifier: number
  readonly loader: FrameLoader
  #document: Document | null = null

  constructor(page: Page, identifier: number) {
    this.page = page
    this.identifier = identifier
    this.loader = new FrameLoader(this)
  }

  /** The document shown; null before the first commit. */
  get document(): Document | null {
    return this.#document
  }

  /** Called by FrameLoader at the commit. */
  setDocument(document: Document): void {
    this.#document = document
  }
}
