// Stands for the process boundary: serves a table of URLs through the LoaderStrategy interface, in chunks the test chooses.
// The real boundary is tested end to end in apps/minibrowser.

import type {
  NetworkLoadMetrics,
  ResourceErrorData,
  ResourceResponseData,
  ScheduledLoadParameters,
  WebResourceLoaderClient,
} from '@wpe-networking/webkit-network-process/connection'
import type { LoaderStrategy } from '../src/loader/loader-strategy.ts'

export interface Answer {
  readonly status?: number
  /** The Content-Type; null sends none. */
  readonly type?: string | null
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string | Uint8Array | readonly Uint8Array[]
  /** Redirects here instead of answering. */
  readonly location?: string
  /** Fails instead of answering, or after the body when there is one. */
  readonly error?: Pick<ResourceErrorData, 'domain' | 'code'>
  /** Answers only when the test calls `release(url)`. */
  readonly held?: boolean
}

export class MemoryStrategy implements LoaderStrategy {
  readonly requests: ScheduledLoadParameters[] = []
  readonly cancelled: string[] = []
  readonly #site: Readonly<Record<string, Answer>>
  readonly #held = new Map<string, () => void>()

  constructor(site: Readonly<Record<string, Answer>>) {
    this.#site = site
  }

  get urls(): string[] {
    return this.requests.map(({ request }) => request.url)
  }

  requestFor(url: string): ScheduledLoadParameters['request'] {
    const found = this.requests.find(({ request }) => request.url === url)
    if (found === undefined) throw new Error(`nobody asked for ${url}`)
    return found.request
  }

  release(url: string): void {
    const resume = this.#held.get(url)
    if (resume === undefined) throw new Error(`nothing waits for ${url}`)
    resume()
  }

  scheduleResourceLoad(parameters: ScheduledLoadParameters, client: WebResourceLoaderClient): { cancel(): void } {
    this.requests.push(parameters)
    const load = { over: false }
    void this.#serve(parameters, client, load)
    return {
      cancel: () => {
        load.over = true
        this.cancelled.push(parameters.request.url)
      },
    }
  }

  async #serve(
    parameters: ScheduledLoadParameters,
    client: WebResourceLoaderClient,
    load: { over: boolean },
  ): Promise<void> {
    let { request } = parameters
    await Promise.resolve()
    let redirects = 0
    for (;;) {
      const { url } = request
      const answer: Answer = this.#site[url.split('#')[0] ?? ''] ?? { status: 404, body: 'not here' }
      if (answer.held === true) await new Promise<void>((resolve) => this.#held.set(url, resolve))
      if (load.over) return
      if (answer.location !== undefined) {
        const next = { ...request, url: new URL(answer.location, url).href }
        const response = makeResponse(url, { ...answer, status: answer.status ?? 302 }, redirects > 0)
        const followed = await client.willSendRequest(next, response)
        if (followed === null || load.over) return
        request = followed
        redirects++
        continue
      }
      const chunks = bodyChunks(answer.body ?? '')
      if (answer.error === undefined || chunks.length > 0)
        client.didReceiveResponse(makeResponse(url, answer, redirects > 0))
      for (const chunk of chunks) {
        if (load.over) return
        await client.didReceiveData(chunk)
      }
      if (load.over) return
      const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
      if (answer.error === undefined) client.didFinishResourceLoad(makeMetrics(size, redirects))
      else client.didFailResourceLoad(makeError(url, answer.error), null)
      return
    }
  }
}

function bodyChunks(body: NonNullable<Answer['body']>): readonly Uint8Array[] {
  if (typeof body === 'string') return body === '' ? [] : [new TextEncoder().encode(body)]
  return body instanceof Uint8Array ? [body] : body
}

export function makeResponse(url: string, answer: Answer, isRedirected = false): ResourceResponseData {
  const type = answer.type === undefined ? guessType(url) : answer.type
  return {
    url,
    mimeType: (type ?? '').split(';')[0] ?? '',
    textEncodingName: /charset=([\w-]+)/.exec(type ?? '')?.[1] ?? '',
    expectedContentLength: -1,
    httpStatusCode: answer.status ?? 200,
    httpStatusText: '',
    httpVersion: 'HTTP/1.1',
    httpHeaderFields: [
      ...(type === null ? [] : [['Content-Type', type] as [string, string]]),
      ...(answer.headers ?? []).map(([name, value]): [string, string] => [name, value]),
    ],
    source: url.startsWith('data:') ? 'data-url' : 'network',
    isRedirected,
    remoteAddress: '127.0.0.1:80',
    tls: null,
    protocol: 'http/1.1',
  }
}

function guessType(url: string): string {
  const extension = /\.(\w+)$/.exec(new URL(url).pathname)?.[1] ?? 'html'
  const types: Record<string, string> = {
    css: 'text/css',
    js: 'text/javascript',
    png: 'image/png',
    woff2: 'font/woff2',
  }
  return types[extension] ?? 'text/html; charset=utf-8'
}

function makeMetrics(size: number, redirectCount: number): NetworkLoadMetrics {
  return {
    receivedByNetworkProcess: 1,
    fetchStart: 1,
    redirectStart: null,
    domainLookupStart: null,
    domainLookupEnd: null,
    connectStart: null,
    secureConnectionStart: null,
    connectEnd: null,
    requestStart: 1,
    responseStart: 2,
    responseEnd: 3,
    redirectCount,
    connectionReused: false,
    connectionIdentifier: 1,
    protocol: 'http/1.1',
    remoteAddress: '127.0.0.1:80',
    tls: null,
    requestHeaderBytesSent: 100,
    requestBodyBytesSent: 0,
    responseHeaderBytesReceived: 200,
    responseBodyBytesReceived: size,
    responseBodyDecodedSize: size,
  }
}

function makeError(url: string, { domain, code }: { domain: string; code: string }): ResourceErrorData {
  return { domain, code, failingURL: url, localizedDescription: 'It failed.', type: 'General', tlsErrors: 0 }
}
