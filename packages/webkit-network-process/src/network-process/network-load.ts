// One load as its loader sees it: the data task that does it now, whatever kind that is. Made by NetworkResourceLoader.
// Upstream: WebKit/NetworkProcess/NetworkLoad.cpp.
import type { NetworkLoadMetrics } from '../shared/network-load-metrics.ts'
import type { ResourceErrorData } from '../shared/resource-error-data.ts'
import type { ResourceRequestData } from '../shared/resource-request-data.ts'
import type { ResourceResponseData } from '../shared/resource-response-data.ts'
import type {
  NetworkDataTask,
  NetworkDataTaskClient,
  NetworkDataTaskParameters,
  RedirectAnswer,
} from './network-data-task.ts'
import type { NetworkSession } from './network-session.ts'

/** `didFinishLoading` or `didFailLoading` comes last and once, unless the load is cancelled; then nothing comes any more. */
export interface NetworkLoadClient {
  willSendRedirectedRequest(
    redirectRequest: ResourceRequestData,
    redirectResponse: ResourceResponseData,
  ): Promise<RedirectAnswer>
  didReceiveResponse(response: ResourceResponseData): void
  didReceiveBuffer(buffer: Buffer): void
  didFinishLoading(metrics: NetworkLoadMetrics): void
  didFailLoading(error: ResourceErrorData, metrics: NetworkLoadMetrics): void
}

export class NetworkLoad implements NetworkDataTaskClient {
  readonly #client: NetworkLoadClient
  readonly #task: NetworkDataTask
  #currentRequest: ResourceRequestData

  constructor(client: NetworkLoadClient, parameters: NetworkDataTaskParameters, session: NetworkSession) {
    this.#client = client
    this.#currentRequest = parameters.request
    this.#task = session.createDataTask(this, parameters)
  }

  /** What is being sent now, the last redirect followed. */
  get currentRequest(): ResourceRequestData {
    return this.#currentRequest
  }

  start(): void {
    this.#task.resume()
  }

  /** Lets go of the source; the client hears no more. */
  cancel(): void {
    this.#task.cancel()
  }

  /** Holds the source back until {@link resume}. */
  suspend(): void {
    this.#task.suspend()
  }

  resume(): void {
    this.#task.resume()
  }

  async willPerformHTTPRedirection(
    redirectResponse: ResourceResponseData,
    request: ResourceRequestData,
  ): Promise<RedirectAnswer> {
    const answer = await this.#client.willSendRedirectedRequest(request, redirectResponse)
    if (answer && 'request' in answer) this.#currentRequest = answer.request
    return answer
  }

  didReceiveResponse(response: ResourceResponseData): void {
    this.#client.didReceiveResponse(response)
  }

  didReceiveData(data: Buffer): void {
    this.#client.didReceiveBuffer(data)
  }

  didCompleteWithError(error: ResourceErrorData | null, metrics: NetworkLoadMetrics): void {
    if (error) this.#client.didFailLoading(error, metrics)
    else this.#client.didFinishLoading(metrics)
  }
}
