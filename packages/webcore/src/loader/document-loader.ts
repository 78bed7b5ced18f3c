// One document from the policy decision to its last subresource: asks the embedder, loads the main resource, commits, feeds
// the DocumentWriter, loads what it finds. Made by FrameLoader. Upstream: WebCore/loader/DocumentLoader.cpp

import { StyleSheetContents } from '../css/style-sheet-contents.ts'
import { now, publishFrameLoad } from '../diagnostics.ts'
import { Document } from '../dom/document.ts'
import type { LocalFrame } from '../page/local-frame.ts'
import { parseReferrerPolicy } from '../page/security-policy.ts'
import { HTTPHeaderName } from '../platform/network/http-header-names.ts'
import { ParsedContentType } from '../platform/network/parsed-content-type.ts'
import {
  cancelledError,
  cannotShowURLError,
  documentTooLargeError,
  interruptedForPolicyChangeError,
  internalError,
  ResourceErrorDomain,
} from '../platform/network/resource-error.ts'
import type { ResourceError } from '../platform/network/resource-error.ts'
import type { ResourceRequest } from '../platform/network/resource-request.ts'
import type { ResourceResponse } from '../platform/network/resource-response.ts'
import { CachedCSSStyleSheet } from './cache/cached-css-style-sheet.ts'
import { CachedRawResource } from './cache/cached-raw-resource.ts'
import { CachedResourceLoader } from './cache/cached-resource-loader.ts'
import type { CachedRawResourceClient } from './cache/cached-resource-client.ts'
import type { CachedResource } from './cache/cached-resource.ts'
import { documentKindForMIMEType, MainResourceSniffer } from './document-kind.ts'
import { checkTransition, isBeforeCommit, isTerminal } from './document-loader-state.ts'
import type { DocumentLoaderState } from './document-loader-state.ts'
import { DocumentWriter, MAX_DOCUMENT_LENGTH } from './document-writer.ts'
import { parseLinkHeader } from './link-header.ts'
import { requestsForLink } from './link-loader.ts'
import { MediaResourceLoader } from './media-resource-loader.ts'
import type { SubresourceLoader } from './subresource-loader.ts'
import type { SubresourceRequest } from './subresource-request.ts'

export class DocumentLoader implements CachedRawResourceClient {
  readonly cachedResourceLoader: CachedResourceLoader
  readonly originalRequest: ResourceRequest
  response: ResourceResponse | null = null
  mainDocumentError: ResourceError | null = null
  readonly #frame: LocalFrame
  readonly #didCommit: (document: Document) => void
  #state: DocumentLoaderState = 'initialized'
  #mainLoader: SubresourceLoader | null = null
  #document: Document | null = null
  #writer: DocumentWriter | null = null
  #sniffer: MainResourceSniffer | null = null
  readonly #appliedSheets = new Set<CachedResource>()
  #afterParsing: { request: SubresourceRequest; queuedAt: number }[] = []

  /** @param didCommit Called when the new document takes the place of the frame's old one. */
  constructor(frame: LocalFrame, request: ResourceRequest, didCommit: (document: Document) => void) {
    this.#frame = frame
    this.originalRequest = request
    this.#didCommit = didCommit
    this.cachedResourceLoader = new CachedResourceLoader(frame, () => this.#checkLoadComplete())
  }

  get state(): DocumentLoaderState {
    return this.#state
  }

  get document(): Document | null {
    return this.#document
  }

  /** The URL as it stands after redirects. */
  get url(): string {
    return this.#mainLoader?.request.url ?? this.originalRequest.url
  }

  /** Asks for permission, then for the main resource. How it went is told through the frame's client only. */
  async startLoadingMainResource(): Promise<void> {
    this.#transition('deciding-policy')
    const { originalRequest: request } = this
    if (!URL.canParse(request.url)) {
      this.#fail(cannotShowURLError(request.url))
      return
    }
    try {
      if (!(await this.#mayNavigate(request, null)) || this.#state !== 'deciding-policy') return
      this.#transition('provisional')
      this.#client.didStartProvisionalLoad(request.url)
      const { resource, loader } = this.cachedResourceLoader.requestMainResource(request)
      this.#mainLoader = loader
      resource.addClient(this)
    } catch (cause) {
      this.#fail(internalError(request.url, cause))
    }
  }

  /** Ends the load wherever it stands; does nothing once it is over. */
  stopLoading(error: ResourceError = cancelledError(this.url)): void {
    this.#fail(error)
  }

  async redirectReceived(
    request: ResourceRequest,
    redirectResponse: ResourceResponse,
  ): Promise<ResourceRequest | null> {
    try {
      if (!(await this.#mayNavigate(request, redirectResponse)) || this.#state !== 'provisional') return null
    } catch (cause) {
      this.#fail(internalError(request.url, cause))
      return null
    }
    this.#client.didReceiveServerRedirect(request.url)
    // The page that will be shown decides whose cookies these are.
    request.firstPartyForCookies = request.url
    return request
  }

  responseReceived(response: ResourceResponse): void {
    this.response = response
    const contentType = ParsedContentType.create(response.mimeType)
    // A field such as `Content-Type: html` tells no more than none at all.
    if (contentType === null) this.#sniffer = new MainResourceSniffer()
    else this.#commit(response, contentType.mimeType)
  }

  dataReceived(chunk: Uint8Array): void {
    if (this.#sniffer === null) {
      this.#commitData(chunk)
      return
    }
    const mimeType = this.#sniffer.append(chunk)
    if (mimeType !== null) this.#commitSniffed(this.#sniffer, mimeType)
  }

  notifyFinished(resource: CachedResource): void {
    if (isTerminal(this.#state)) return
    if (resource.error !== null) {
      this.#fail(resource.error)
      return
    }
    if (this.#sniffer !== null) this.#commitSniffed(this.#sniffer, this.#sniffer.finish())
    this.#finishedParsing()
  }

  get #client(): LocalFrame['page']['frameLoaderClient'] {
    return this.#frame.page.frameLoaderClient
  }

  async #mayNavigate(request: ResourceRequest, redirectResponse: ResourceResponse | null): Promise<boolean> {
    const action = await this.#client.decidePolicyForNavigationAction({ request: request.copy(), redirectResponse })
    if (action === 'ignore') this.#fail(interruptedForPolicyChangeError(request.url))
    return action === 'use'
  }

  #commit(response: ResourceResponse, mimeType: string): void {
    const document = new Document(this.url, mimeType, documentKindForMIMEType(mimeType))
    const policy = parseReferrerPolicy(response.httpHeaderFields.get(HTTPHeaderName.ReferrerPolicy) ?? '')
    if (policy !== null) document.referrerPolicy = policy
    this.#document = document
    this.cachedResourceLoader.setDocument(document)
    this.#writer = new DocumentWriter({
      document,
      viewport: this.#frame.page.viewport,
      httpCharset: response.textEncodingName,
      client: {
        didDiscoverSubresource: (request) => this.#requestSubresource(request),
        didReceiveTitle: (title) => this.#client.didReceiveTitle(title),
      },
    })
    this.#transition('committed')
    this.#didCommit(document)
    this.#client.didCommitLoad(response)
    if (this.#state === 'committed' && document.kind === 'html') this.#loadLinksFromHeader(response, document)
  }

  #commitSniffed(sniffer: MainResourceSniffer, mimeType: string): void {
    this.#sniffer = null
    if (this.response === null) return
    this.#commit(this.response, mimeType)
    for (const chunk of sniffer.takeChunks()) this.#commitData(chunk)
  }

  #commitData(chunk: Uint8Array): void {
    if (this.#state !== 'committed') return
    try {
      if (this.#writer?.addData(chunk) === false) this.#fail(documentTooLargeError(this.url, MAX_DOCUMENT_LENGTH))
    } catch (cause) {
      this.#fail(internalError(this.url, cause))
    }
  }

  #finishedParsing(): void {
    if (this.#state !== 'committed') return
    try {
      if (this.#writer?.end() === false) {
        this.#fail(documentTooLargeError(this.url, MAX_DOCUMENT_LENGTH))
        return
      }
    } catch (cause) {
      this.#fail(internalError(this.url, cause))
      return
    }
    this.#transition('parsed')
    this.#client.didFinishDocumentLoad()
    const waiting = this.#afterParsing
    this.#afterParsing = []
    for (const { request, queuedAt } of waiting) this.#requestSubresource({ ...request, afterParsing: false }, queuedAt)
  }

  #loadLinksFromHeader(response: ResourceResponse, document: Document): void {
    for (const value of response.httpHeaderFields.getAll(HTTPHeaderName.Link)) {
      for (const link of parseLinkHeader(value)) {
        const requests = requestsForLink(link, document, this.#frame.page.viewport, 'link-header')
        for (const request of requests) this.#requestSubresource(request)
      }
    }
  }

  #requestSubresource(request: SubresourceRequest, queuedAt: number = now()): void {
    if (this.#state !== 'committed' && this.#state !== 'parsed') return
    if (request.afterParsing === true) {
      this.#afterParsing.push({ request, queuedAt })
      return
    }
    const resource = this.cachedResourceLoader.requestSubresource(request, queuedAt)
    if (resource instanceof CachedCSSStyleSheet && request.applies !== false) this.#applySheet(resource, request)
    else if (resource instanceof CachedRawResource && request.metadataOnly === true) {
      resource.addClient(new MediaResourceLoader(() => this.cachedResourceLoader.finishEarly(resource)))
    }
  }

  /** Each sheet once, however often it is linked or imported: that also ends a ring of imports. */
  #applySheet(sheet: CachedCSSStyleSheet, request: SubresourceRequest): void {
    if (this.#appliedSheets.has(sheet)) return
    this.#appliedSheets.add(sheet)
    const load = (wanted: SubresourceRequest): void => this.#requestSubresource(wanted)
    sheet.addClient(new StyleSheetContents(this.#frame.page.viewport, request.importDepth ?? 0, load))
  }

  #checkLoadComplete(): void {
    if (this.#state !== 'parsed' || this.#afterParsing.length > 0 || this.cachedResourceLoader.requestCount > 0) return
    this.#transition('finished')
    this.#client.didFinishLoad()
  }

  #fail(error: ResourceError): void {
    if (isTerminal(this.#state)) return
    const beforeCommit = isBeforeCommit(this.#state)
    this.#transition('failed')
    this.mainDocumentError = error
    // What came stays readable, as a truncated page does in a browser; nothing more is loaded for it.
    if (error.domain !== ResourceErrorDomain.INTERNAL) this.#writer?.end()
    this.#writer?.stop()
    this.#mainLoader?.cancel(error)
    this.cachedResourceLoader.stopLoading()
    if (beforeCommit) this.#client.didFailProvisionalLoad(error)
    else this.#client.didFailLoad(error)
  }

  #transition(to: DocumentLoaderState): void {
    checkTransition(this.#state, to)
    this.#state = to
    const { page, identifier } = this.#frame
    publishFrameLoad({ pageID: page.identifier, frameID: identifier, url: this.url, state: to })
  }
}
