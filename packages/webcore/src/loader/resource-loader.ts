// One load from the page's side: hands the request to the LoaderStrategy, keeps its state, stamps and redirects, and shows the
// outcome to its subclass exactly once. Upstream: WebCore/loader/ResourceLoader.cpp

import type {
  FetchOptions,
  NetworkLoadMetrics,
  ResourceErrorData,
  ResourceRequestData,
  ResourceResponseData,
  WebResourceLoaderClient,
} from '@wpe-networking/webkit-network-process/connection'
import { now } from '../diagnostics.ts'
import { cancelledError, ResourceError, transportError } from '../platform/network/resource-error.ts'
import { ResourceRequest } from '../platform/network/resource-request.ts'
import { ResourceResponse } from '../platform/network/resource-response.ts'
import type { LoaderStrategy } from './loader-strategy.ts'
import type { ResourceLoadRedirect } from './resource-load-entry.ts'

export type ResourceLoaderState =
  | 'initialized'
  | 'waiting' // handed over, no final response yet; redirects happen here
  | 'receiving'
  | 'finished'
  | 'failed' // the network said so
  | 'cancelled' // this side said so

const NEXT: Readonly<Record<ResourceLoaderState, readonly ResourceLoaderState[]>> = {
  initialized: ['waiting', 'cancelled'],
  waiting: ['receiving', 'finished', 'failed', 'cancelled'],
  receiving: ['finished', 'failed', 'cancelled'],
  finished: [],
  failed: [],
  cancelled: [],
}

export interface ResourceLoaderOptions {
  readonly strategy: LoaderStrategy
  readonly request: ResourceRequest
  readonly fetchOptions: FetchOptions
  readonly pageID: number
  readonly frameID: number
  readonly isMainFrameNavigation: boolean
}

export abstract class ResourceLoader {
  readonly originalRequest: ResourceRequest
  readonly redirects: ResourceLoadRedirect[] = []
  response: ResourceResponse | null = null
  metrics: NetworkLoadMetrics | null = null
  error: ResourceError | null = null
  /** In ms since the epoch; null until it happens. */
  startedAt: number | null = null
  finishedAt: number | null = null
  /** Body bytes delivered, content decoding done. */
  receivedBytes = 0
  readonly #options: ResourceLoaderOptions
  #request: ResourceRequest
  #state: ResourceLoaderState = 'initialized'
  #handle: { cancel(): void } | null = null

  constructor(options: ResourceLoaderOptions) {
    this.#options = options
    this.originalRequest = options.request.copy()
    this.#request = options.request
  }

  get state(): ResourceLoaderState {
    return this.#state
  }

  /** The request as it stands after redirects. */
  get request(): ResourceRequest {
    return this.#request
  }

  get reachedTerminalState(): boolean {
    return NEXT[this.#state].length === 0
  }

  /** Hands the request over. A strategy that refuses makes the load fail with `TRANSPORT`, after this returns. */
  start(): void {
    this.#transition('waiting')
    this.startedAt = now()
    const { strategy, fetchOptions, pageID, frameID, isMainFrameNavigation } = this.#options
    try {
      this.#handle = strategy.scheduleResourceLoad(
        {
          pageID,
          frameID,
          request: this.#request.data(),
          options: fetchOptions,
          isMainFrameNavigation,
          contentSniffing: true,
        },
        this.#client,
      )
    } catch (cause) {
      const error = transportError(this.#request.url, cause instanceof Error ? cause.message : String(cause))
      error.cause = cause
      queueMicrotask(() => {
        if (!this.reachedTerminalState) this.#end('failed', error, null)
      })
    }
  }

  /** Ends the load from this side; the peer is told, and nothing more is delivered. Does nothing once the load is over. */
  cancel(error: ResourceError = cancelledError(this.#request.url)): void {
    if (this.reachedTerminalState) return
    this.#handle?.cancel()
    this.#end('cancelled', error, null)
  }

  /** Ends the load as a success although more would come; what is not read is not fetched. */
  finishEarly(): void {
    if (this.reachedTerminalState) return
    this.#handle?.cancel()
    this.#end('finished', null, null)
  }

  /** @returns The request to go on with, or null when the subclass has cancelled the load. */
  protected abstract willFollowRedirect(
    request: ResourceRequest,
    redirectResponse: ResourceResponse,
  ): Promise<ResourceRequest | null> | ResourceRequest | null
  protected abstract didReceiveResponse(response: ResourceResponse): void
  protected abstract didReceiveBuffer(chunk: Uint8Array): void
  /** The load is over: `error` and `metrics` say how. Called once. */
  protected abstract didEnd(): void

  readonly #client: WebResourceLoaderClient = {
    willSendRequest: async (data: ResourceRequestData, response: ResourceResponseData) => {
      if (this.reachedTerminalState) return null
      return this.#willSendRequest(ResourceRequest.fromData(data), new ResourceResponse(response))
    },
    didReceiveResponse: (data: ResourceResponseData) => {
      if (this.reachedTerminalState) return
      this.#transition('receiving')
      this.response = new ResourceResponse(data)
      this.didReceiveResponse(this.response)
    },
    didReceiveData: (chunk: Uint8Array) => {
      if (this.reachedTerminalState) return
      this.receivedBytes += chunk.byteLength
      this.didReceiveBuffer(chunk)
    },
    didFinishResourceLoad: (metrics: NetworkLoadMetrics) => {
      if (!this.reachedTerminalState) this.#end('finished', null, metrics)
    },
    didFailResourceLoad: (error: ResourceErrorData, metrics: NetworkLoadMetrics | null) => {
      if (!this.reachedTerminalState) this.#end('failed', new ResourceError(error), metrics)
    },
  }

  async #willSendRequest(request: ResourceRequest, response: ResourceResponse): Promise<ResourceRequestData | null> {
    this.redirects.push({
      url: this.#request.url,
      location: request.url,
      response: response.data(),
      receivedAt: now(),
    })
    this.#request = request
    const answer = await this.willFollowRedirect(request, response)
    if (answer === null || this.reachedTerminalState) return null
    this.#request = answer
    return answer.data()
  }

  #end(
    state: 'finished' | 'failed' | 'cancelled',
    error: ResourceError | null,
    metrics: NetworkLoadMetrics | null,
  ): void {
    this.#transition(state)
    this.finishedAt = now()
    this.error = error
    this.metrics = metrics
    this.didEnd()
  }

  #transition(to: ResourceLoaderState): void {
    if (!NEXT[this.#state].includes(to)) throw new Error(`A resource loader cannot go from ${this.#state} to ${to}.`)
    this.#state = to
  }
}
