// The WebProcess's end of one load: hands what the NetworkProcess reports to the client and returns credit for the data the
// client has taken. Made by NetworkProcessConnection. Upstream: WebKit/WebProcess/Network/WebResourceLoader.cpp.
import type { MessageHandlers } from '../platform/ipc/message-receiver.ts'
import type { NetworkLoadMetrics } from '../shared/network-load-metrics.ts'
import type { ResourceLoaderIdentifier } from '../shared/network-resource-load-parameters.ts'
import type { ResourceErrorData } from '../shared/resource-error-data.ts'
import type { ResourceRequestData } from '../shared/resource-request-data.ts'
import type { ResourceResponseData } from '../shared/resource-response-data.ts'
import { LOAD_WINDOW_BYTES, type WebResourceLoaderMessages } from './web-resource-loader.messages.ts'

/**
 * Who wants a load. Called in this order: `willSendRequest` once per redirect; `didReceiveResponse` at most once; `didReceiveData` any
 * number of times; then exactly one of the last two, unless the load was cancelled, after which nothing is called.
 */
export interface WebResourceLoaderClient {
  /** Answers with the request to send instead, or null to cancel, which ends the load without another call. */
  willSendRequest(
    request: ResourceRequestData,
    redirectResponse: ResourceResponseData,
  ): ResourceRequestData | null | Promise<ResourceRequestData | null>
  didReceiveResponse(response: ResourceResponseData): void
  /**
   * The next bytes of the body, content encoding removed; they are the client's to keep. A promise holds back the sender: its
   * bytes count as unread until it settles, and at most {@link LOAD_WINDOW_BYTES} are on their way unread.
   */
  didReceiveData(chunk: Uint8Array): void | Promise<void>
  didFinishResourceLoad(metrics: NetworkLoadMetrics): void
  /** `metrics` is null when the NetworkProcess could not say. */
  didFailResourceLoad(error: ResourceErrorData, metrics: NetworkLoadMetrics | null): void
}

/** What a loader asks of the connection it belongs to. */
export interface WebResourceLoaderOwner {
  didConsumeData(identifier: ResourceLoaderIdentifier, bytes: number): void
  /** The load is over; `wasCancelledHere` when the NetworkProcess does not know yet. */
  didEndLoad(identifier: ResourceLoaderIdentifier, wasCancelledHere: boolean): void
}

/** Consumed bytes that are worth a message: a quarter of the window keeps the sender going at a message per 256 KiB. */
const CREDIT_STEP_BYTES = LOAD_WINDOW_BYTES / 4

export class WebResourceLoader implements MessageHandlers<typeof WebResourceLoaderMessages> {
  readonly identifier: ResourceLoaderIdentifier
  readonly url: string
  readonly #client: WebResourceLoaderClient
  readonly #owner: WebResourceLoaderOwner
  #consumedBytes = 0
  #isOver = false

  constructor(
    identifier: ResourceLoaderIdentifier,
    url: string,
    client: WebResourceLoaderClient,
    owner: WebResourceLoaderOwner,
  ) {
    this.identifier = identifier
    this.url = url
    this.#client = client
    this.#owner = owner
  }

  /** Ends the load: the client hears no more of it, the NetworkProcess drops it. Nothing happens when it is over already. */
  cancel(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#owner.didEndLoad(this.identifier, true)
  }

  /** The connection is gone. */
  fail(error: ResourceErrorData): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#owner.didEndLoad(this.identifier, false)
    this.#client.didFailResourceLoad(error, null)
  }

  async WillSendRequest(message: {
    readonly request: ResourceRequestData
    readonly redirectResponse: ResourceResponseData
  }): Promise<{ readonly newRequest: ResourceRequestData | null }> {
    const newRequest = await this.#client.willSendRequest(message.request, message.redirectResponse)
    if (this.#isOver) return { newRequest: null }
    if (!newRequest) this.cancel()
    return { newRequest }
  }

  DidReceiveResponse(message: { readonly response: ResourceResponseData }): void {
    this.#client.didReceiveResponse(message.response)
  }

  DidReceiveData(bytes: Buffer): void {
    if (bytes.length === 0) return
    const taken = this.#client.didReceiveData(bytes)
    if (taken) {
      const consumed = (): void => this.#didConsume(bytes.length)
      taken.then(consumed, consumed)
    } else {
      this.#didConsume(bytes.length)
    }
  }

  DidFinishResourceLoad(message: { readonly metrics: NetworkLoadMetrics }): void {
    this.#isOver = true
    this.#owner.didEndLoad(this.identifier, false)
    this.#client.didFinishResourceLoad(message.metrics)
  }

  DidFailResourceLoad(message: {
    readonly error: ResourceErrorData
    readonly metrics: NetworkLoadMetrics | null
  }): void {
    this.#isOver = true
    this.#owner.didEndLoad(this.identifier, false)
    this.#client.didFailResourceLoad(message.error, message.metrics)
  }

  #didConsume(bytes: number): void {
    if (this.#isOver) return
    this.#consumedBytes += bytes
    if (this.#consumedBytes < CREDIT_STEP_BYTES) return
    this.#owner.didConsumeData(this.identifier, this.#consumedBytes)
    this.#consumedBytes = 0
  }
}
