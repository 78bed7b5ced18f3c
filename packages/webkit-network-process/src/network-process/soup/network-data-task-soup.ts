// A transfer over HTTP by libsoup: sends the message, steps through redirects, hands the body on as it comes. Made by
// NetworkSession. Upstream: WebKit/NetworkProcess/soup/NetworkDataTaskSoup.cpp.
import type { Readable } from 'node:stream'
import type { Message, Session } from '@wpe-networking/libsoup'
import { now } from '../../diagnostics.ts'
import type { NetworkLoadMetrics } from '../../shared/network-load-metrics.ts'
import { networkError, type ResourceErrorData } from '../../shared/resource-error-data.ts'
import type { ResourceRequestData } from '../../shared/resource-request-data.ts'
import { sniffMIMEType } from '../mime-sniffer.ts'
import { NetworkDataTask, type NetworkDataTaskClient, type NetworkDataTaskParameters } from '../network-data-task.ts'
import { isRedirect, redirectedRequest } from '../redirected-request.ts'
import { InactivityTimer } from './inactivity-timer.ts'
import { resourceErrorFromSoup, timeoutError } from './resource-error-soup.ts'
import { resourceResponseFromSoup } from './resource-response-soup.ts'
import { soupMessageFromRequest, type SoupMessagePolicy } from './resource-request-soup.ts'
import { networkLoadMetricsFromSoup } from './network-load-metrics-soup.ts'
import { skipInputStreamForRedirection } from './skip-input-stream.ts'

/** What a task needs of the session that made it. */
export interface NetworkDataTaskSoupSession extends SoupMessagePolicy {
  readonly soupSession: Session
}

export class NetworkDataTaskSoup extends NetworkDataTask {
  readonly #session: NetworkDataTaskSoupSession
  readonly #timer: InactivityTimer
  #request: ResourceRequestData
  #message: Message | null = null
  #body: Readable | null = null
  #bodyBytes = 0
  #redirectCount = 0
  #redirectStart: number | null = null

  constructor(
    session: NetworkDataTaskSoupSession,
    client: NetworkDataTaskClient,
    parameters: NetworkDataTaskParameters,
  ) {
    super(client, parameters)
    this.#session = session
    this.#request = parameters.request
    this.#timer = new InactivityTimer(parameters.request.timeoutInterval, () => {
      this.#end(timeoutError(this.#request.url))
      this.#letGo()
    })
  }

  protected override didResume(): void {
    this.#timer.start()
    if (!this.#message) this.#send()
    else this.#body?.resume()
  }

  protected override didSuspend(): void {
    this.#timer.stop()
    this.#body?.pause()
  }

  protected override didCancel(): void {
    this.#timer.stop()
    this.#letGo()
  }

  #send(): void {
    try {
      this.#message = soupMessageFromRequest(this.#request, this.parameters.isMainFrameNavigation, this.#session)
    } catch (error) {
      this.#end(resourceErrorFromSoup(error, this.#request.url))
      return
    }
    this.#session.soupSession.send(this.#message).then(
      (body) => this.#didSendRequest(body),
      (error: unknown) => this.#end(resourceErrorFromSoup(error, this.#request.url)),
    )
  }

  #didSendRequest(body: Readable): void {
    if (this.isOver) {
      // The end came while the response was on its way here.
      body.on('error', () => {}).destroy()
      return
    }
    this.#timer.restart()
    const message = this.#message as Message
    const location = message.responseHeaders.getOne('Location')
    if (this.parameters.followsRedirects && isRedirect(message.statusCode, location)) {
      void this.#continueHTTPRedirection(body, message, location)
      return
    }
    this.#readBody(body, message)
  }

  #readBody(body: Readable, message: Message): void {
    this.#body = body
    // What came first decides: waiting for more could wait for as long as the server likes.
    let needsSniffing = this.parameters.contentSniffing && message.responseHeaders.contentType === null
    const sniff = (head: Uint8Array): void => {
      needsSniffing = false
      this.#dispatchDidReceiveResponse(message, sniffMIMEType(head))
    }
    if (!needsSniffing) this.#dispatchDidReceiveResponse(message, null)
    body.on('data', (chunk: Buffer) => {
      this.#timer.restart()
      if (needsSniffing) sniff(chunk)
      this.#didRead(chunk)
    })
    body.on('end', () => {
      if (needsSniffing) sniff(new Uint8Array())
      this.#end(null)
    })
    body.on('error', (error) => this.#end(resourceErrorFromSoup(error, this.#request.url)))
    if (this.state !== 'running') body.pause()
  }

  #dispatchDidReceiveResponse(message: Message, sniffedType: string | null): void {
    if (this.isOver) return
    this.client.didReceiveResponse(
      resourceResponseFromSoup(message, this.#request.url, this.#redirectCount > 0, sniffedType),
    )
  }

  #didRead(chunk: Buffer): void {
    if (this.isOver) return
    this.#bodyBytes += chunk.length
    this.client.didReceiveData(chunk)
  }

  async #continueHTTPRedirection(body: Readable, message: Message, location: string): Promise<void> {
    const { url } = this.#request
    const redirected = redirectedRequest(
      this.#request,
      message.statusCode,
      location,
      this.parameters.isMainFrameNavigation,
    )
    const response = resourceResponseFromSoup(message, url, this.#redirectCount > 0, null)
    const skipped = skipInputStreamForRedirection(body)
    if (!redirected) {
      this.#end(networkError('BAD_REDIRECT', url, 'The server redirected to something that is not a URL.'))
      return
    }
    this.#redirectCount++
    this.#redirectStart ??= message.metrics?.fetchStart ?? now()
    this.#timer.stop()
    const answer = await this.client.willPerformHTTPRedirection(response, redirected)
    if (this.isOver) return
    if (!answer || 'error' in answer) {
      if (answer) this.#end(answer.error)
      this.cancel()
      body.destroy()
      return
    }
    this.#timer.start()
    await skipped
    if (this.isOver) return
    this.#request = answer.request
    this.#message = null
    if (this.state === 'running') this.#send()
  }

  #end(error: ResourceErrorData | null): void {
    this.#timer.stop()
    if (!this.isOver) this.complete(error, this.#metrics())
  }

  #metrics(): NetworkLoadMetrics {
    return networkLoadMetricsFromSoup(this.#message, {
      receivedByNetworkProcess: this.parameters.receivedByNetworkProcess,
      redirectStart: this.#redirectStart,
      redirectCount: this.#redirectCount,
      bodyBytes: this.#bodyBytes,
    })
  }

  /** What is on the wire stops; errors that this causes are nobody's. */
  #letGo(): void {
    if (this.#body) this.#body.on('error', () => {}).destroy()
    else if (this.#message) this.#session.soupSession.cancelMessage(this.#message)
  }
}
