// The processes of one browser: its NetworkProcess and the WebProcesses that are alive. Made by applications, or by
// NetworkSession. Upstream: WebKit/UIProcess/API/glib/WebKitWebContext.cpp and WebKit/UIProcess/WebProcessPool.cpp.

import type { NetworkSessionCreationParameters } from '@wpe-networking/webkit-network-process'
import { LoadError } from '../load-error.ts'
import type { ProcessTermination } from './auxiliary-process-proxy.ts'
import { NetworkProcessProxy } from './network-process-proxy.ts'
import { chooseSandbox } from './sandbox/choose-sandbox.ts'
import type { Sandbox } from './sandbox/sandbox.ts'
import { createSocketPair } from './socket-pair.ts'
import { WebProcessProxy } from './web-process-proxy.ts'

export interface WebContextOptions {
  /** Run WebProcesses even where no sandbox can be had, and then without one. Default false. */
  readonly noSandbox?: boolean
  /** Makes the child processes trace what they do; gets their lines, one at a time and safe for a terminal. */
  readonly onTraceLine?: (line: string) => void
}

/** A WebProcess that was started for a page. */
export interface WebProcessLaunch {
  readonly process: WebProcessProxy
  /** Settles when the NetworkProcess has the session; loads asked for before that wait. Rejects with a LoadError. */
  readonly connected: Promise<void>
}

export class WebContext {
  readonly #options: WebContextOptions
  readonly #traceStart: number | null
  readonly #webProcesses = new Map<number, WebProcessProxy>()
  readonly #closing = new Set<Promise<void>>()
  #networkProcess: NetworkProcessProxy | null = null
  #sandbox: Promise<Sandbox> | null = null
  #lastIdentifier = 0
  #isClosed = false

  constructor(options: WebContextOptions = {}) {
    this.#options = options
    this.#traceStart = options.onTraceLine ? performance.timeOrigin : null
  }

  /** Process id of the NetworkProcess, or `null` when none runs. */
  get networkProcessPid(): number | null {
    return this.#networkProcess?.pid ?? null
  }

  /**
   * Starts what the first load will need, without waiting: the NetworkProcess, and the search for a sandbox. Loading does
   * it anyway; calling this earlier saves time.
   */
  prepare(): NetworkProcessProxy {
    if (this.#isClosed) throw new LoadError('WebKitProcessError', 'CONTEXT_CLOSED', 'The browser has been closed.')
    this.#sandbox ??= chooseSandbox(this.#options)
    // Whoever launches a WebProcess is told; until then it is no unhandled rejection.
    this.#sandbox.catch(() => {})
    return (this.#networkProcess ??= this.#launchNetworkProcess())
  }

  /**
   * Starts a WebProcess for `site` and introduces it to the NetworkProcess.
   *
   * @throws {LoadError} `WebKitProcessError` `SANDBOX_UNAVAILABLE`.
   */
  async launchWebProcess(site: string, session: NetworkSessionCreationParameters): Promise<WebProcessLaunch> {
    const networkProcess = this.prepare()
    const added = networkProcess.addSession(session)
    added.catch(() => {}) // Told through `connected`.
    const [sandbox, { first, second }] = await Promise.all([this.#sandbox as Promise<Sandbox>, createSocketPair()])
    if (this.#isClosed) {
      first.destroy()
      second.destroy()
      throw new LoadError('WebKitProcessError', 'CONTEXT_CLOSED', 'The browser has been closed.')
    }
    const identifier = ++this.#lastIdentifier
    const { onTraceLine: onStderrLine = null } = this.#options
    const process = new WebProcessProxy(second, {
      identifier,
      site,
      sandbox,
      traceStart: this.#traceStart,
      onStderrLine,
    })
    this.#webProcesses.set(identifier, process)
    process.once('terminated', () => void this.closeWebProcess(process))
    // The NetworkProcess keeps a socket that overtakes its session.
    networkProcess.addConnectionToWebProcess(
      { webProcessIdentifier: identifier, sessionID: session.sessionID, site },
      first,
    )
    return { process, connected: added }
  }

  /** Ends a WebProcess that no page needs any more; resolves when it is gone. */
  closeWebProcess(process: WebProcessProxy): Promise<void> {
    const isKnown = this.#webProcesses.delete(process.identifier)
    return isKnown ? this.#track(process.close()) : Promise.resolve()
  }

  /** Hears of the end of the NetworkProcess that runs now; the next load starts another one. */
  onNetworkProcessTerminated(listener: (termination: ProcessTermination) => void): () => void {
    const networkProcess = this.prepare()
    networkProcess.once('terminated', listener)
    return () => networkProcess.off('terminated', listener)
  }

  /** Ends all processes and resolves when they are gone. Nothing can be loaded afterwards. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const process of [...this.#webProcesses.values()]) void this.closeWebProcess(process)
    if (this.#networkProcess) void this.#track(this.#networkProcess.close())
    this.#networkProcess = null
    await Promise.all(this.#closing)
  }

  #launchNetworkProcess(): NetworkProcessProxy {
    const networkProcess = new NetworkProcessProxy({
      identifier: 0,
      traceStart: this.#traceStart,
      onStderrLine: this.#options.onTraceLine ?? null,
      didReceiveInvalidMessage: (webProcessIdentifier, reason) => {
        this.#webProcesses
          .get(webProcessIdentifier)
          ?.terminate('invalid-message', `The web process broke the protocol: ${reason}`)
      },
    })
    networkProcess.once('terminated', () => {
      if (this.#networkProcess === networkProcess) this.#networkProcess = null
      void this.#track(networkProcess.close())
      // Their connections lead nowhere now; the next load gets new ones.
      for (const process of [...this.#webProcesses.values()]) void this.closeWebProcess(process)
    })
    return networkProcess
  }

  #track(closing: Promise<void>): Promise<void> {
    this.#closing.add(closing)
    return closing.finally(() => this.#closing.delete(closing))
  }
}
