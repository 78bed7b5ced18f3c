// The navigations of one frame: one at a time, the provisional one beside the committed one until it takes its place.
// Called by the embedder through LocalFrame. Upstream: WebCore/loader/FrameLoader.cpp

import type { LocalFrame } from '../page/local-frame.ts'
import { DocumentLoader } from './document-loader.ts'
import { isTerminal } from './document-loader-state.ts'
import type { FrameLoadRequest } from './frame-load-request.ts'

export class FrameLoader {
  readonly #frame: LocalFrame
  #provisionalDocumentLoader: DocumentLoader | null = null
  #documentLoader: DocumentLoader | null = null

  constructor(frame: LocalFrame) {
    this.#frame = frame
  }

  /** The load that has not committed, or null. */
  get provisionalDocumentLoader(): DocumentLoader | null {
    return this.#provisionalDocumentLoader
  }

  /** The load whose document the frame shows, or null before the first commit. */
  get documentLoader(): DocumentLoader | null {
    return this.#documentLoader
  }

  /** Whether a load is under way. */
  get isLoading(): boolean {
    return [this.#provisionalDocumentLoader, this.#documentLoader].some(
      (loader) => loader !== null && !isTerminal(loader.state),
    )
  }

  /**
   * Navigates. What is under way is stopped first and reported as `CANCELLED`. Everything that happens is told to the
   * page's FrameLoaderClient, in the order it documents; an address that does not parse fails there too.
   */
  load(request: FrameLoadRequest): void {
    this.stop()
    const { settings } = this.#frame.page
    const resourceRequest = request.resourceRequest.copy()
    if (URL.canParse(resourceRequest.url)) resourceRequest.url = new URL(resourceRequest.url).href
    if (resourceRequest.timeoutInterval === 0) resourceRequest.timeoutInterval = settings.timeoutInterval ?? 0
    const loader = new DocumentLoader(this.#frame, resourceRequest, (document) => {
      this.#provisionalDocumentLoader = null
      this.#documentLoader = loader
      this.#frame.setDocument(document)
    })
    this.#provisionalDocumentLoader = loader
    void loader.startLoadingMainResource()
  }

  /** Stops whatever is under way, main resource and subresources; each is reported as `CANCELLED`. */
  stop(): void {
    const provisional = this.#provisionalDocumentLoader
    this.#provisionalDocumentLoader = null
    provisional?.stopLoading()
    this.#documentLoader?.stopLoading()
  }
}
