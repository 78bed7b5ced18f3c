// One transfer, whatever it is from: the part of a load that talks to a source. Made by NetworkSession, driven by NetworkLoad.
// Upstream: WebKit/NetworkProcess/NetworkDataTask.h.
import type { NetworkLoadMetrics } from '../shared/network-load-metrics.ts'
import type { ResourceErrorData } from '../shared/resource-error-data.ts'
import type { ResourceRequestData } from '../shared/resource-request-data.ts'
import type { ResourceResponseData } from '../shared/resource-response-data.ts'

/** What a task is to fetch, and how. */
export interface NetworkDataTaskParameters {
  readonly request: ResourceRequestData
  readonly isMainFrameNavigation: boolean
  readonly contentSniffing: boolean
  /** False delivers redirects as responses. */
  readonly followsRedirects: boolean
  /** Milliseconds since the epoch at which the load came to this process. */
  readonly receivedByNetworkProcess: number
}

/** What becomes of a redirect: the request to send next, the error to fail with, or null to end without another call. */
export type RedirectAnswer = { readonly request: ResourceRequestData } | { readonly error: ResourceErrorData } | null

/** `didCompleteWithError` comes last and exactly once, unless the task is cancelled; then nothing comes any more. */
export interface NetworkDataTaskClient {
  willPerformHTTPRedirection(
    redirectResponse: ResourceResponseData,
    request: ResourceRequestData,
  ): Promise<RedirectAnswer>
  didReceiveResponse(response: ResourceResponseData): void
  /** The bytes are the client's to keep. */
  didReceiveData(data: Buffer): void
  /** `error` is null when the body is complete. */
  didCompleteWithError(error: ResourceErrorData | null, metrics: NetworkLoadMetrics): void
}

/**
 * `suspended`: not started, or held back by {@link NetworkDataTask.suspend}. `running`: data flows. `completed`: the client has heard
 * the last of it. `canceling`: ended by {@link NetworkDataTask.cancel}.
 */
export type NetworkDataTaskState = 'suspended' | 'running' | 'completed' | 'canceling'

export abstract class NetworkDataTask {
  protected readonly client: NetworkDataTaskClient
  protected readonly parameters: NetworkDataTaskParameters
  #state: NetworkDataTaskState = 'suspended'

  constructor(client: NetworkDataTaskClient, parameters: NetworkDataTaskParameters) {
    this.client = client
    this.parameters = parameters
  }

  get state(): NetworkDataTaskState {
    return this.#state
  }

  /** Starts, or goes on after {@link suspend}. */
  resume(): void {
    if (this.#state !== 'suspended') return
    this.#state = 'running'
    this.didResume()
  }

  /** Holds the source back: little more than what is already read will be delivered before {@link resume}. */
  suspend(): void {
    if (this.#state !== 'running') return
    this.#state = 'suspended'
    this.didSuspend()
  }

  /** Ends the transfer and lets go of its source. The client is not called any more. */
  cancel(): void {
    if (this.isOver) return
    this.#state = 'canceling'
    this.didCancel()
  }

  protected get isOver(): boolean {
    return this.#state === 'completed' || this.#state === 'canceling'
  }

  /** Tells the client how it ended, once. */
  protected complete(error: ResourceErrorData | null, metrics: NetworkLoadMetrics): void {
    if (this.isOver) return
    this.#state = 'completed'
    this.client.didCompleteWithError(error, metrics)
  }

  protected abstract didResume(): void
  protected abstract didSuspend(): void
  protected abstract didCancel(): void
}
