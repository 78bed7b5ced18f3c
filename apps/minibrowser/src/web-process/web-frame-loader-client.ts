// WebCore's embedder in the WebProcess: hands on what a frame reports about one navigation to the UIProcess. Called by
// webcore's FrameLoader. Upstream: WebKit/WebProcess/WebCoreSupport/WebLocalFrameLoaderClient.cpp.

import type {
  FrameLoaderClient,
  NavigationAction,
  PolicyAction,
  ResourceError,
  ResourceLoadEntry,
  ResourceLoadStart,
  ResourceResponse,
} from '@wpe-networking/webcore'
import type { Connection } from '@wpe-networking/webkit-network-process/connection'
import { MAXIMUM_TITLE_CHARACTERS, WebPageProxyMessages } from '../ui-process/web-page-proxy.messages.ts'

const { messages } = WebPageProxyMessages

export class WebFrameLoaderClient implements FrameLoaderClient {
  readonly #connection: Connection
  readonly #navigationID: number
  #isDetached = false

  constructor(connection: Connection, navigationID: number) {
    this.#connection = connection
    this.#navigationID = navigationID
  }

  /** From now on nothing is reported: another navigation took the page over. */
  detach(): void {
    this.#isDetached = true
  }

  async decidePolicyForNavigationAction({ request, redirectResponse }: NavigationAction): Promise<PolicyAction> {
    if (this.#isDetached) return 'ignore'
    const { policy } = await this.#connection.sendWithReply(messages.DecidePolicyForNavigationAction, {
      navigationID: this.#navigationID,
      request: request.data(),
      redirectResponse: redirectResponse?.data() ?? null,
    })
    return policy
  }

  didStartProvisionalLoad(url: string): void {
    this.#report(() => this.#connection.send(messages.DidStartProvisionalLoad, { ...this.#id, url }))
  }

  didReceiveServerRedirect(url: string): void {
    this.#report(() => this.#connection.send(messages.DidReceiveServerRedirect, { ...this.#id, url }))
  }

  didCommitLoad(response: ResourceResponse): void {
    this.#report(() => this.#connection.send(messages.DidCommitLoad, { ...this.#id, response: response.data() }))
  }

  didReceiveTitle(title: string): void {
    const cut = title.slice(0, MAXIMUM_TITLE_CHARACTERS)
    this.#report(() => this.#connection.send(messages.DidReceiveTitle, { ...this.#id, title: cut }))
  }

  didFinishDocumentLoad(): void {
    this.#report(() => this.#connection.send(messages.DidFinishDocumentLoad, this.#id))
  }

  didFinishLoad(): void {
    this.#report(() => this.#connection.send(messages.DidFinishLoad, this.#id))
  }

  didFailProvisionalLoad(error: ResourceError): void {
    this.#report(() => this.#connection.send(messages.DidFailProvisionalLoad, { ...this.#id, error: error.data() }))
  }

  didFailLoad(error: ResourceError): void {
    this.#report(() => this.#connection.send(messages.DidFailLoad, { ...this.#id, error: error.data() }))
  }

  didInitiateResourceLoad(resource: ResourceLoadStart): void {
    this.#report(() =>
      this.#connection.send(messages.DidInitiateResourceLoad, { ...this.#id, resource: withOwnHeaders(resource) }),
    )
  }

  didCompleteResourceLoad(entry: ResourceLoadEntry): void {
    this.#report(() =>
      this.#connection.send(messages.DidCompleteResourceLoad, {
        ...this.#id,
        entry: { ...withOwnHeaders(entry), redirects: [...entry.redirects] },
      }),
    )
  }

  get #id(): { readonly navigationID: number } {
    return { navigationID: this.#navigationID }
  }

  #report(send: () => void): void {
    if (!this.#isDetached) send()
  }
}

/** Declared messages carry arrays that may be changed; webcore's are not to be. */
function withOwnHeaders<T extends ResourceLoadStart>(resource: T): T & { requestHeaders: [string, string][] } {
  return { ...resource, requestHeaders: resource.requestHeaders.map(([name, value]) => [name, value]) }
}
