// A transfer whose body is in its URL. Made by NetworkSession. Upstream: WebKit/NetworkProcess/NetworkDataTaskDataURL.cpp.
// Spec: Fetch section 4.3 (scheme fetch, "data").
import { now } from '../diagnostics.ts'
import { emptyNetworkLoadMetrics, type NetworkLoadMetrics } from '../shared/network-load-metrics.ts'
import { networkError } from '../shared/resource-error-data.ts'
import { parseDataURL } from './data-url.ts'
import { NetworkDataTask } from './network-data-task.ts'

/** Delivers in a microtask, so that whoever started it is done first. */
export class NetworkDataTaskDataURL extends NetworkDataTask {
  /** What is still to be delivered; null before the response. */
  #body: Buffer | null = null
  #bodyBytes = 0
  #startTime = 0
  #isScheduled = false

  protected override didResume(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.#deliver()
    })
  }

  protected override didSuspend(): void {
    // #deliver looks at the state before each step.
  }

  protected override didCancel(): void {
    this.#body = null
  }

  #deliver(): void {
    if (this.state === 'running' && this.#body === null) this.#sendResponse()
    if (this.state !== 'running' || this.#body === null) return
    const body = this.#body
    this.#body = body.subarray(body.length)
    if (body.length > 0) this.client.didReceiveData(body)
    // Held back in between: the end comes with the next resume.
    if (this.state === 'running') this.complete(null, this.#metrics())
  }

  #metrics(): NetworkLoadMetrics {
    return {
      ...emptyNetworkLoadMetrics(this.parameters.receivedByNetworkProcess),
      fetchStart: this.#startTime,
      responseStart: this.#startTime,
      responseEnd: now(),
      protocol: 'data',
      responseBodyDecodedSize: this.#bodyBytes,
    }
  }

  #sendResponse(): void {
    this.#startTime = now()
    const { url } = this.parameters.request
    const parsed = parseDataURL(url)
    if (!parsed) {
      this.complete(networkError('BAD_URL', url, 'The data: URL cannot be decoded.'), this.#metrics())
      return
    }
    this.#body = parsed.body
    this.#bodyBytes = parsed.body.length
    this.client.didReceiveResponse({
      url,
      mimeType: parsed.mimeType,
      textEncodingName: parsed.charset,
      expectedContentLength: parsed.body.length,
      httpStatusCode: 200,
      httpStatusText: 'OK',
      httpVersion: '',
      httpHeaderFields: [['Content-Type', parsed.contentType]],
      source: 'data-url',
      isRedirected: false,
      remoteAddress: null,
      tls: null,
      protocol: 'data',
    })
  }
}
