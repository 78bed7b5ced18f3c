// One page seen from the UIProcess: starts navigations, picks the WebProcess for each site, and checks what comes back
// before anyone hears of it. Used by WebView. Upstream: WebKit/UIProcess/WebPageProxy.cpp.

import {
  type ArgumentsOf,
  type ResourceErrorData,
  type ResourceRequestData,
  type ResourceResponseData,
  siteAllows,
  siteFromURL,
} from '@wpe-networking/webkit-network-process/connection'
import { publishPage } from '../diagnostics.ts'
import { LoadError } from '../load-error.ts'
import { WebPageMessages, type WebPageSettings } from '../web-process/web-page.messages.ts'
import type { ProcessTermination } from './auxiliary-process-proxy.ts'
import type { ReceivedLoadEntry, ReceivedLoadStart } from './load-recorder.ts'
import { Navigation, type NavigationState } from './navigation.ts'
import type { NetworkSession } from './network-session.ts'
import { WebPageProxyMessages } from './web-page-proxy.messages.ts'
import type { WebProcessProxy } from './web-process-proxy.ts'

/** What a page tells its WebView. Of `didFinish` and `didFail` one comes, once for each navigation, and then nothing more. */
export interface WebPageProxyClient {
  didLaunchWebProcess(process: WebProcessProxy): void
  didStart(uri: string): void
  didRedirect(uri: string): void
  /** The navigation goes on in another WebProcess; what the first one began has been given up. */
  didSwapProcess(navigation: Navigation): void
  didCommit(response: ResourceResponseData): void
  didReceiveTitle(title: string): void
  didInitiateResourceLoad(resource: ReceivedLoadStart): void
  didCompleteResourceLoad(entry: ReceivedLoadEntry): void
  didFinish(): void
  didFail(error: LoadError): void
}

/** The most resources a page may report; webcore stops far below. */
const MAXIMUM_RESOURCES = 100_000
const NETWORK_PROCESS_CRASHED = 'NETWORK_PROCESS_CRASHED'
const CONTENTS_TIMEOUT_MS = 20_000

export class WebPageProxy {
  readonly #session: NetworkSession
  readonly #client: WebPageProxyClient
  #navigation: Navigation | null = null
  #process: WebProcessProxy | null = null
  #resources = 0
  /** Told by a load of the current navigation, possibly before the UIProcess sees it by itself. */
  #networkProcessError: LoadError | null = null
  #lastNavigationID = 0
  #stopWatchingNetworkProcess: (() => void) | null = null

  constructor(session: NetworkSession, client: WebPageProxyClient) {
    this.#session = session
    this.#client = client
  }

  /** Starts a navigation; one still under way ends without a word. The outcome is told to the client. */
  loadRequest(request: ResourceRequestData, settings: WebPageSettings, startedAt: number): void {
    const navigation = new Navigation(++this.#lastNavigationID, request, settings, startedAt)
    this.#navigation = navigation
    this.#resources = 0
    this.#networkProcessError = null
    this.#stopWatchingNetworkProcess?.()
    this.#stopWatchingNetworkProcess = this.#session.context.onNetworkProcessTerminated((termination) =>
      this.#didTerminate(termination, 'WebKitNetworkError', NETWORK_PROCESS_CRASHED),
    )
    void this.#continue(navigation)
  }

  /** Ends the navigation under way with `error`; does nothing when there is none. */
  stopLoading(error: LoadError): void {
    if (!this.#navigation || this.#navigation.isOver) return
    this.#process?.connection.send(WebPageMessages.messages.StopLoading, {})
    this.#fail(error)
  }

  /**
   * Source and text of the committed document; empty when there is none.
   *
   * @throws {LoadError} `WebKitProcessError` `WEB_PROCESS_UNRESPONSIVE` or `WEB_PROCESS_CRASHED`.
   */
  async contents(wanted: {
    source: boolean
    text: boolean
    textColumns: number
  }): Promise<{ source: string; text: string }> {
    const process = this.#process
    if (!process || process.isTerminated) return { source: '', text: '' }
    const signal = AbortSignal.timeout(CONTENTS_TIMEOUT_MS)
    try {
      return await process.connection.sendWithReply(WebPageMessages.messages.GetContents, wanted, { signal })
    } catch (cause) {
      const [code, sentence] = signal.aborted
        ? ['WEB_PROCESS_UNRESPONSIVE', 'The web process does not answer.']
        : ['WEB_PROCESS_CRASHED', 'The web process ended before it gave the page.']
      throw new LoadError('WebKitProcessError', code, sentence, { cause })
    }
  }

  /** Ends the page's process; resolves when it is gone. */
  async close(): Promise<void> {
    this.#stopWatchingNetworkProcess?.()
    this.#navigation = null
    const process = this.#process
    this.#process = null
    if (process) await this.#session.context.closeWebProcess(process)
  }

  /** Gives the navigation to the process of its site: the one there is, or a new one. */
  async #continue(navigation: Navigation): Promise<void> {
    const { request } = navigation
    const site = siteFromURL(request.url)
    if (site === null) {
      this.#fail(new LoadError('WebKitPolicyError', 'CANNOT_SHOW_URI', `The URI "${request.url}" is not valid.`))
      return
    }
    try {
      if (!this.#process || this.#process.isTerminated || !siteAllows(this.#process.site, site)) {
        await this.#switchToProcessFor(site, navigation)
      }
    } catch (error) {
      if (this.#navigation === navigation) this.#fail(asLoadError(error))
      return
    }
    if (this.#navigation !== navigation || navigation.isOver) return
    publishPage({ stage: 'load-request', navigationID: navigation.navigationID, url: request.url, site })
    const { navigationID, settings } = navigation
    this.#process?.connection.send(WebPageMessages.messages.LoadRequest, { navigationID, request, settings })
  }

  async #switchToProcessFor(site: string, navigation: Navigation): Promise<void> {
    const { context, parameters } = this.#session
    const old = this.#process
    this.#process = null
    const { process, connected } = await context.launchWebProcess(site, parameters)
    if (old) void context.closeWebProcess(old)
    if (this.#navigation !== navigation) {
      void context.closeWebProcess(process)
      return
    }
    this.#process = process
    connected.catch((error: unknown) => {
      if (this.#process === process) this.#fail(asLoadError(error))
    })
    process.once('terminated', (termination) => {
      if (this.#process !== process) return
      this.#process = null
      this.#didTerminate(termination, 'WebKitProcessError', 'WEB_PROCESS_CRASHED')
    })
    this.#listenTo(process)
    this.#client.didLaunchWebProcess(process)
  }

  #listenTo(process: WebProcessProxy): void {
    // Messages about a navigation that is over, or from a process that was left, are in order and of no interest.
    const about = (navigationID: number, handle: (navigation: Navigation) => void): void => {
      const navigation = this.#currentNavigation(process, navigationID)
      if (navigation) handle(navigation)
    }
    process.connection.addReceiver(WebPageProxyMessages, {
      DecidePolicyForNavigationAction: (message) => ({ policy: this.#decidePolicy(process, message) }),
      DidStartProvisionalLoad: ({ navigationID }) =>
        about(navigationID, (navigation) => {
          if (!this.#move(process, navigation, 'provisional')) return
          if (navigation.redirects.length === 0) this.#client.didStart(navigation.uri)
        }),
      DidReceiveServerRedirect: ({ navigationID, url }) =>
        about(navigationID, () => {
          if (!this.#mayShow(process, url)) return
          publishPage({ stage: 'redirected', navigationID, url })
          this.#client.didRedirect(url)
        }),
      DidCommitLoad: ({ navigationID, response }) =>
        about(navigationID, (navigation) => {
          if (!this.#mayShow(process, response.url) || !this.#move(process, navigation, 'committed')) return
          this.#client.didCommit(response)
        }),
      DidReceiveTitle: ({ navigationID, title }) => about(navigationID, () => this.#client.didReceiveTitle(title)),
      DidFinishDocumentLoad: ({ navigationID }) =>
        about(navigationID, () => publishPage({ stage: 'document-finished', navigationID })),
      DidFinishLoad: ({ navigationID }) =>
        about(navigationID, (navigation) => {
          // A page whose subresources were cut off is not complete, whoever noticed first.
          if (this.#networkProcessError) this.#fail(this.#networkProcessError)
          else if (this.#move(process, navigation, 'finished')) this.#client.didFinish()
        }),
      DidFailProvisionalLoad: ({ navigationID, error }) => about(navigationID, () => this.#fail(fromErrorData(error))),
      DidFailLoad: ({ navigationID, error }) => about(navigationID, () => this.#fail(fromErrorData(error))),
      DidInitiateResourceLoad: ({ navigationID, resource }) =>
        about(navigationID, () => {
          if (++this.#resources > MAXIMUM_RESOURCES) this.#refuse(process, 'it reports too many resources')
          else this.#client.didInitiateResourceLoad(resource)
        }),
      DidCompleteResourceLoad: ({ navigationID, entry }) =>
        about(navigationID, () => {
          if (entry.error?.code === NETWORK_PROCESS_CRASHED) this.#networkProcessError ??= fromErrorData(entry.error)
          this.#client.didCompleteResourceLoad(entry)
        }),
    })
    process.connection.open()
  }

  /** The navigation a message is about; `null` when it is about one that is over, or comes from a process that was left. */
  #currentNavigation(process: WebProcessProxy, navigationID: number): Navigation | null {
    if (navigationID > this.#lastNavigationID) this.#refuse(process, 'it names a navigation that never was')
    const navigation = this.#navigation
    if (this.#process !== process || navigation?.navigationID !== navigationID || navigation.isOver) return null
    return navigation
  }

  #decidePolicy(
    process: WebProcessProxy,
    { navigationID, request, redirectResponse }: PolicyQuestion,
  ): 'use' | 'ignore' {
    const navigation = this.#currentNavigation(process, navigationID)
    if (!navigation) return 'ignore'
    const site = siteFromURL(request.url)
    // What no process could load is refused by the NetworkProcess, which can say why.
    const goesElsewhere = site !== null && !siteAllows(process.site, site)
    if (!goesElsewhere) return 'use'
    if (redirectResponse === null || navigation.state === 'committed') {
      this.#refuse(process, 'it navigates to a site that is not its own')
      return 'ignore'
    }
    publishPage({ stage: 'process-swap', navigationID, url: request.url, site })
    this.#swapProcess(navigation, request, redirectResponse)
    return 'ignore'
  }

  /** A redirect led to another site: the same navigation goes on in another process. */
  #swapProcess(navigation: Navigation, request: ResourceRequestData, redirectResponse: ResourceResponseData): void {
    const status = redirectResponse.httpStatusCode
    navigation.redirects.push({ url: redirectResponse.url, status, location: request.url })
    navigation.request = request
    if (navigation.state === 'provisional') navigation.moveTo('requested')
    this.#client.didSwapProcess(navigation)
    this.#client.didRedirect(request.url)
    void this.#continue(navigation)
  }

  #move(process: WebProcessProxy, navigation: Navigation, state: NavigationState): boolean {
    if (!navigation.canMoveTo(state)) {
      this.#refuse(process, `it reports "${state}" while the navigation is ${navigation.state}`)
      return false
    }
    navigation.moveTo(state)
    publishPage({ stage: state, navigationID: navigation.navigationID, url: navigation.request.url })
    return true
  }

  /** A process may only show documents of its own site: anything else would put a false address before the user. */
  #mayShow(process: WebProcessProxy, url: string): boolean {
    const site = siteFromURL(url)
    if (site !== null && siteAllows(process.site, site)) return true
    this.#refuse(process, 'it claims a document of a site that is not its own')
    return false
  }

  #refuse(process: WebProcessProxy, reason: string): void {
    process.connection.didReceiveInvalidMessage(reason)
  }

  #didTerminate({ reason, sentence }: ProcessTermination, domain: string, crashCode: string): void {
    this.#fail(new LoadError(domain, reason === 'invalid-message' ? 'INVALID_MESSAGE' : crashCode, sentence))
  }

  #fail(error: LoadError): void {
    const navigation = this.#navigation
    if (!navigation || navigation.isOver) return
    if (navigation.canMoveTo('failed')) navigation.moveTo('failed')
    publishPage({ stage: 'failed', navigationID: navigation.navigationID, url: navigation.request.url })
    this.#client.didFail(error)
  }
}

type PolicyQuestion = ArgumentsOf<
  NonNullable<(typeof WebPageProxyMessages.messages.DecidePolicyForNavigationAction)['declared']>['arguments']
>

function fromErrorData({ domain, code, localizedDescription }: ResourceErrorData): LoadError {
  return new LoadError(domain, code, localizedDescription)
}

function asLoadError(error: unknown): LoadError {
  if (error instanceof LoadError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new LoadError('WebKitProcessError', 'LAUNCH_FAILED', `The page's process could not be started: ${reason}`, {
    cause: error,
  })
}
