// The NetworkProcess's end of one load, in order: check, load, follow redirects that the WebProcess agrees to, and hand the
// response on no faster than it is read. Made by NetworkConnectionToWebProcess.
// Upstream: WebKit/NetworkProcess/NetworkResourceLoader.cpp.
import { now, resourceLoaderChannel, type ResourceLoaderEvent } from '../diagnostics.ts'
import type { Connection } from '../platform/ipc/connection.ts'
import type { MessageHandlers } from '../platform/ipc/message-receiver.ts'
import { emptyNetworkLoadMetrics, type NetworkLoadMetrics } from '../shared/network-load-metrics.ts'
import type { NetworkResourceLoadParameters } from '../shared/network-resource-load-parameters.ts'
import type { ResourceErrorData } from '../shared/resource-error-data.ts'
import type { ResourceRequestData } from '../shared/resource-request-data.ts'
import type { ResourceResponseData } from '../shared/resource-response-data.ts'
import {
  LOAD_WINDOW_BYTES,
  MAXIMUM_DATA_FRAME_BYTES,
  WebResourceLoaderMessages,
} from '../web-process/web-resource-loader.messages.ts'
import type { RedirectAnswer } from './network-data-task.ts'
import { NetworkLoad, type NetworkLoadClient } from './network-load.ts'
import { NetworkLoadChecker } from './network-load-checker.ts'
import type { NetworkResourceLoaderMessages } from './network-resource-loader.messages.ts'
import type { NetworkSession } from './network-session.ts'
import { sanitisedResponse } from './response-sanitisation.ts'

const messages = WebResourceLoaderMessages.messages

/** What a loader needs of the connection that owns it. */
export interface NetworkResourceLoaderOwner {
  readonly connection: Connection
  readonly networkSession: NetworkSession
  readonly site: string
  requestId(identifier: number): string
  /** Null when the connection's process may not use it as the first party of a request. */
  allowsFirstPartyForCookies(url: string | null): boolean
  /** The connection cannot take more for now; call {@link NetworkResourceLoader.didDrain} when it can. */
  waitForDrain(loader: NetworkResourceLoader): void
  /** The loader is done with. */
  didCleanupResourceLoader(loader: NetworkResourceLoader): void
}

/** How the source ended, to be told once all data has left. */
interface Ending {
  readonly error: ResourceErrorData | null
  readonly metrics: NetworkLoadMetrics
}

export class NetworkResourceLoader implements NetworkLoadClient, MessageHandlers<typeof NetworkResourceLoaderMessages> {
  readonly parameters: NetworkResourceLoadParameters
  readonly #owner: NetworkResourceLoaderOwner
  readonly #checker: NetworkLoadChecker
  readonly #receivedByNetworkProcess = now()
  #networkLoad: NetworkLoad | null = null
  /** Set while the WebProcess is asked about a redirect. */
  #redirectAbort: AbortController | null = null
  /** Bytes that may be sent before the WebProcess reports that it has read some. */
  #credit = LOAD_WINDOW_BYTES
  #sentBytes = 0
  /** Read from the source and not yet sent, for want of credit. */
  #pending: Buffer | null = null
  #ending: Ending | null = null
  #isOver = false

  constructor(parameters: NetworkResourceLoadParameters, owner: NetworkResourceLoaderOwner) {
    this.parameters = parameters
    this.#owner = owner
    this.#checker = new NetworkLoadChecker(parameters, owner.site)
  }

  get identifier(): number {
    return this.parameters.identifier
  }

  start(): void {
    const { parameters } = this
    this.#trace('scheduled')
    const result = this.#checker.check(parameters.request)
    if ('error' in result) {
      this.didFailLoading(result.error, emptyNetworkLoadMetrics(this.#receivedByNetworkProcess))
      return
    }
    this.#trace('started')
    this.#networkLoad = new NetworkLoad(
      this,
      {
        request: result.request,
        isMainFrameNavigation: parameters.isMainFrameNavigation,
        contentSniffing: parameters.contentSniffing,
        followsRedirects: parameters.options.redirect !== 'manual',
        receivedByNetworkProcess: this.#receivedByNetworkProcess,
      },
      this.#owner.networkSession,
    )
    this.#networkLoad.start()
  }

  /** Ends the load without a word to the WebProcess: it asked for that, or is gone. */
  abort(): void {
    if (this.#isOver) return
    this.#trace('aborted')
    this.#cleanup()
  }

  /** The WebProcess has read this much. Granting more than it was sent is an invalid message. */
  DidConsumeData({ bytes }: { readonly bytes: number }): void {
    if (bytes > LOAD_WINDOW_BYTES - this.#credit) {
      const unread = LOAD_WINDOW_BYTES - this.#credit
      this.#owner.connection.didReceiveInvalidMessage(
        `load ${this.identifier} says that ${bytes} bytes were read, of ${unread} that were sent`,
      )
      return
    }
    this.#credit += bytes
    this.#sendPending()
  }

  /** The connection takes data again. */
  didDrain(): void {
    this.#sendPending()
  }

  async willSendRedirectedRequest(
    redirectRequest: ResourceRequestData,
    redirectResponse: ResourceResponseData,
  ): Promise<RedirectAnswer> {
    const result = this.#checker.checkRedirection(redirectRequest)
    if ('error' in result) return result
    this.#trace('will-send-request', { url: redirectRequest.url, httpStatusCode: redirectResponse.httpStatusCode })
    const newRequest = await this.#askWebProcess(redirectRequest, sanitisedResponse(redirectResponse))
    if (!newRequest || this.#isOver) {
      this.abort()
      return null
    }
    const continued = this.#checker.checkContinuedRedirection(newRequest)
    if ('request' in continued && !this.#owner.allowsFirstPartyForCookies(newRequest.firstPartyForCookies)) {
      this.#owner.connection.didReceiveInvalidMessage(`load ${this.identifier} names another site's first party`)
      return null
    }
    return continued
  }

  didReceiveResponse(response: ResourceResponseData): void {
    if (this.#isOver) return
    this.#trace('received-response', { url: response.url, httpStatusCode: response.httpStatusCode })
    this.#owner.connection.send(messages.DidReceiveResponse, { response: sanitisedResponse(response) }, this.identifier)
  }

  didReceiveBuffer(buffer: Buffer): void {
    if (this.#isOver) return
    this.#pending = this.#pending ? Buffer.concat([this.#pending, buffer]) : buffer
    this.#sendPending()
  }

  didFinishLoading(metrics: NetworkLoadMetrics): void {
    this.#endWith({ error: null, metrics })
  }

  didFailLoading(error: ResourceErrorData, metrics: NetworkLoadMetrics): void {
    this.#endWith({ error, metrics })
  }

  async #askWebProcess(
    request: ResourceRequestData,
    redirectResponse: ResourceResponseData,
  ): Promise<ResourceRequestData | null> {
    this.#redirectAbort = new AbortController()
    const options = { destination: this.identifier, signal: this.#redirectAbort.signal }
    try {
      const { connection } = this.#owner
      return (await connection.sendWithReply(messages.WillSendRequest, { request, redirectResponse }, options))
        .newRequest
    } catch {
      // Aborted, or the connection closed: either way this loader is over and nobody waits for an answer.
      return null
    } finally {
      this.#redirectAbort = null
    }
  }

  /** Sends what credit and connection allow, holds the source back for the rest, and ends when there is no rest. */
  #sendPending(): void {
    const { connection } = this.#owner
    let pending = this.#pending
    while (pending && this.#credit > 0) {
      if (connection.isCongested) {
        this.#owner.waitForDrain(this)
        break
      }
      const size = Math.min(pending.length, this.#credit, MAXIMUM_DATA_FRAME_BYTES)
      connection.sendRaw(
        messages.DidReceiveData,
        size === pending.length ? pending : pending.subarray(0, size),
        this.identifier,
      )
      if (this.#isOver) return
      this.#credit -= size
      this.#sentBytes += size
      pending = size === pending.length ? null : pending.subarray(size)
    }
    this.#pending = pending
    if (pending) this.#networkLoad?.suspend()
    else if (this.#ending) this.#sendEnding(this.#ending)
    else this.#networkLoad?.resume()
  }

  #endWith(ending: Ending): void {
    if (this.#isOver) return
    if (this.#pending) this.#ending = ending
    else this.#sendEnding(ending)
  }

  #sendEnding({ error, metrics }: Ending): void {
    const { connection } = this.#owner
    if (error) {
      this.#trace('failed', { error })
      connection.send(messages.DidFailResourceLoad, { error, metrics }, this.identifier)
    } else {
      this.#trace('finished', { bodyBytes: this.#sentBytes })
      connection.send(messages.DidFinishResourceLoad, { metrics }, this.identifier)
    }
    this.#cleanup()
  }

  #cleanup(): void {
    this.#isOver = true
    this.#pending = null
    this.#networkLoad?.cancel()
    this.#redirectAbort?.abort()
    this.#owner.didCleanupResourceLoader(this)
  }

  #trace(stage: ResourceLoaderEvent['stage'], details: Partial<ResourceLoaderEvent> = {}): void {
    if (!resourceLoaderChannel.hasSubscribers) return
    resourceLoaderChannel.publish({
      time: now(),
      requestId: this.#owner.requestId(this.identifier),
      pageID: this.parameters.pageID,
      frameID: this.parameters.frameID,
      stage,
      url: this.#networkLoad?.currentRequest.url ?? this.parameters.request.url,
      ...details,
    } satisfies ResourceLoaderEvent)
  }
}
