// A page as applications see it: load a URI, hear how it goes, ask for the result. Upstream:
// WebKit/UIProcess/API/glib/WebKitWebView.cpp; the signals keep their names.

import { EventEmitter } from 'node:events'
import type { ResourceRequestData, ResourceResponseData } from '@wpe-networking/webkit-network-process/connection'
import { now } from '../diagnostics.ts'
import { LoadError } from '../load-error.ts'
import type { ErrorReport, HeaderList, LoadReport, ResourceReport, WebProcessReport } from '../load-report.ts'
import { LoadRecorder, type ReceivedLoadEntry, type ReceivedLoadStart } from './load-recorder.ts'
import type { Navigation } from './navigation.ts'
import { NetworkSession } from './network-session.ts'
import { WebPageProxy, type WebPageProxyClient } from './web-page-proxy.ts'
import type { WebProcessProxy } from './web-process-proxy.ts'

const DEFAULT_TEXT_COLUMNS = 80

/** `redirected` may repeat; `finished` comes last, also after a failure, as in WPE. */
export type LoadEvent = 'started' | 'redirected' | 'committed' | 'finished'

/** A resource whose load begins. */
export interface ResourceLoadStarted {
  readonly uri: string
  readonly type: string
  readonly method: string
}

export interface WebViewEvents {
  'load-changed': [event: LoadEvent]
  /** Before `load-changed` `finished`. */
  'load-failed': [event: LoadEvent, failingURI: string, error: LoadError]
  'resource-load-started': [resource: ResourceLoadStarted]
  'resource-load-finished': [resource: ResourceReport]
  /** `uri`, `title` or `estimatedLoadProgress` changed. */
  notify: [property: 'uri' | 'title' | 'estimatedLoadProgress']
}

export interface WebViewOptions {
  /** Default: a session, and processes, of the view's own, closed with it. */
  readonly networkSession?: NetworkSession
}

export interface LoadOptions {
  /** Default `GET`. */
  readonly method?: string
  /** Sent with the main resource and with subresources of its origin. */
  readonly headers?: HeaderList
  readonly body?: Uint8Array
  /** Seconds for the whole page; 0, the default, waits for ever. */
  readonly timeoutSeconds?: number
  /** Aborting stops the load, which then fails with `WebKitNetworkError` `CANCELLED`. */
  readonly signal?: AbortSignal
}

/** WebKit's ProgressTracker starts here, so that a load that begins can be seen. */
const INITIAL_PROGRESS = 0.1

export class WebView extends EventEmitter<WebViewEvents> {
  readonly #session: NetworkSession
  readonly #ownsSession: boolean
  readonly #page: WebPageProxy
  #recorder: LoadRecorder | null = null
  #webProcesses: WebProcessProxy[] = []
  #outcome: PromiseWithResolvers<void> | null = null
  #error: ErrorReport | null = null
  #uri = ''
  #title = ''
  #progress = 0
  #lastEvent: LoadEvent = 'started'
  #networkProcessPid: number | null = null

  constructor(options: WebViewOptions = {}) {
    super()
    this.#ownsSession = options.networkSession === undefined
    this.#session = options.networkSession ?? new NetworkSession()
    this.#page = new WebPageProxy(this.#session, this.#client)
  }

  /** The address to show: of the document, or of what is being loaded; empty before the first load. */
  get uri(): string {
    return this.#uri
  }

  get title(): string {
    return this.#title
  }

  /** From 0 to 1; never goes back during a load. */
  get estimatedLoadProgress(): number {
    return this.#progress
  }

  /** What the last load came to, or has come to so far; `null` before the first. Contents are not in it. */
  get loadReport(): LoadReport | null {
    const web = this.#webProcesses.flatMap(({ pid, site, sandbox }): WebProcessReport[] =>
      pid === null ? [] : [{ pid, site, sandbox }],
    )
    this.#networkProcessPid ??= this.#session.context.networkProcessPid
    return this.#recorder?.report(this.#error, { network: this.#networkProcessPid, web }) ?? null
  }

  /**
   * Loads a page with all its resources; resolves when it is complete. A load still under way is given up, and its
   * promise rejects with `WebKitNetworkError` `CANCELLED`. Subresources that fail do not fail the page.
   *
   * @throws {LoadError} with the domain and code of the layer that failed; `g-io-error-quark` `TIMED_OUT` for the timeout.
   */
  async loadURI(uri: string, options: LoadOptions = {}): Promise<void> {
    const startedAt = now()
    this.#outcome?.reject(new LoadError('WebKitNetworkError', 'CANCELLED', 'Another load has begun.'))
    const outcome = (this.#outcome = Promise.withResolvers<void>())
    this.#recorder = new LoadRecorder(uri, startedAt)
    this.#webProcesses = []
    this.#networkProcessPid = null
    this.#error = null
    this.#title = ''
    this.#lastEvent = 'started'
    this.#progress = 0
    this.#setProgress(INITIAL_PROGRESS)
    this.#setURI(uri)
    const release = this.#watch(options)
    try {
      this.#page.loadRequest(requestData(uri, options), this.#settings(options), startedAt)
      await outcome.promise
    } finally {
      release()
      if (this.#outcome === outcome) this.#outcome = null
    }
  }

  /** Stops the load under way, which fails with `WebKitNetworkError` `CANCELLED`. */
  stopLoading(): void {
    this.#page.stopLoading(new LoadError('WebKitNetworkError', 'CANCELLED', 'The load was stopped.'))
  }

  /**
   * The HTML source and the plain text of the page, wrapped at `textColumns` (default 80); empty where not asked for. Both
   * may hold control characters.
   *
   * @throws {LoadError} `WebKitProcessError` when the WebProcess does not answer.
   */
  contents(wanted: {
    readonly source: boolean
    readonly text: boolean
    readonly textColumns?: number
  }): Promise<{ source: string; text: string }> {
    return this.#page.contents({ textColumns: DEFAULT_TEXT_COLUMNS, ...wanted })
  }

  /** Ends the view and its WebProcess, and the session if it is the view's own; resolves when they are gone. */
  async close(): Promise<void> {
    this.stopLoading()
    await this.#page.close()
    if (this.#ownsSession) await this.#session.close()
  }

  #settings(options: LoadOptions) {
    const { userAgent, acceptLanguage } = this.#session.parameters
    return {
      userAgent,
      acceptLanguage,
      extraHeaders: (options.headers ?? []).map(([name, value]) => [name, value] as [string, string]),
    }
  }

  /** Arms timeout and signal; returns what disarms them. */
  #watch({ timeoutSeconds = 0, signal }: LoadOptions): () => void {
    const sentence = `The page did not load within ${timeoutSeconds} ${timeoutSeconds === 1 ? 'second' : 'seconds'}.`
    const timer =
      timeoutSeconds > 0
        ? setTimeout(() => {
            this.#page.stopLoading(new LoadError('g-io-error-quark', 'TIMED_OUT', sentence))
          }, timeoutSeconds * 1000)
        : undefined
    const abort = (): void => this.stopLoading()
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) queueMicrotask(abort)
    return () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }

  get #client(): WebPageProxyClient {
    return {
      didLaunchWebProcess: (process) => {
        this.#webProcesses.push(process)
      },
      didStart: () => this.#changed('started'),
      didRedirect: (uri) => {
        this.#recorder?.didRedirect(uri)
        this.#setURI(uri)
        this.#changed('redirected')
      },
      didSwapProcess: ({ redirects, startedAt }: Navigation) => {
        this.#recorder?.continueElsewhere({ redirects, queuedAt: startedAt })
      },
      didCommit: (response: ResourceResponseData) => {
        this.#recorder?.didCommit(response)
        this.#setURI(response.url)
        this.#changed('committed')
      },
      didReceiveTitle: (title) => {
        this.#recorder?.didReceiveTitle(title)
        this.#title = title
        this.emit('notify', 'title')
      },
      didInitiateResourceLoad: (resource: ReceivedLoadStart) => {
        this.#recorder?.didInitiate(resource)
        this.emit('resource-load-started', { uri: resource.url, type: resource.type, method: resource.method })
      },
      didCompleteResourceLoad: (entry: ReceivedLoadEntry) => this.#didCompleteResource(entry),
      didFinish: () => this.#didEnd(null),
      didFail: (error) => this.#didEnd(error),
    }
  }

  #didCompleteResource(entry: ReceivedLoadEntry): void {
    const recorder = this.#recorder
    const report = recorder?.didComplete(entry)
    if (!recorder || !report) return
    this.emit('resource-load-finished', report)
    this.#setProgress(INITIAL_PROGRESS + (0.9 - INITIAL_PROGRESS) * (recorder.completedCount / recorder.resourceCount))
  }

  #didEnd(error: LoadError | null): void {
    this.#recorder?.didEnd(now())
    this.#error = error?.toReport() ?? null
    this.#networkProcessPid ??= this.#session.context.networkProcessPid
    this.#setProgress(1)
    if (error) this.emit('load-failed', this.#lastEvent, this.#uri, error)
    this.#changed('finished')
    if (error) this.#outcome?.reject(error)
    else this.#outcome?.resolve()
  }

  #changed(event: LoadEvent): void {
    this.#lastEvent = event
    this.emit('load-changed', event)
  }

  #setURI(uri: string): void {
    if (uri === this.#uri) return
    this.#uri = uri
    this.emit('notify', 'uri')
  }

  #setProgress(progress: number): void {
    if (progress <= this.#progress) return
    this.#progress = progress
    this.emit('notify', 'estimatedLoadProgress')
  }
}

function requestData(url: string, options: LoadOptions): ResourceRequestData {
  return {
    url,
    httpMethod: options.method ?? 'GET',
    httpHeaderFields: [],
    httpBody: options.body ?? null,
    priority: 'VeryHigh',
    cachePolicy: 'UseProtocolCachePolicy',
    firstPartyForCookies: null,
    isSameSite: true,
    isTopSite: true,
    allowCookies: true,
    timeoutInterval: 0,
  }
}
