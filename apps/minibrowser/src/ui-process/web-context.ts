// The processes of one browser: its NetworkProcess and the WebProcesses that are alive. Made by applications, or by
// NetworkSession. Upstream: WebKit/UIProcess/API/glib/WebKitWebContext.cpp and WebKit/UIProcess/WebProcessPool.cpp.

import type { NetworkSessionCreationParameters } from '@wpe-networking/webkit-network-process'
import { LoadError } from '../load-error.ts'
import type { ProcessTermination } from './auxiliary-process-proxy.ts'
import { NetworkProcessProxy } from './network-process-proxy.ts'
import {
  type LaunchedWebProcess,
  type LaunchOptions,
  PREWARMED_WEB_PROCESS_IDENTIFIER,
  type PrewarmedProcesses,
  startNetworkProcess,
  startWebProcess,
} from './prewarmed-processes.ts'
import { chooseSandbox } from './sandbox/choose-sandbox.ts'
import type { Sandbox } from './sandbox/sandbox.ts'
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
  readonly #launchOptions: LaunchOptions
  readonly #webProcesses = new Map<number, WebProcessProxy>()
  readonly #closing = new Set<Promise<void>>()
  #networkProcess: NetworkProcessProxy | null = null
  #prewarmedWebProcess: Promise<LaunchedWebProcess> | null = null
  #sandbox: Promise<Sandbox> | null = null
  #lastIdentifier = PREWARMED_WEB_PROCESS_IDENTIFIER
  #isClosed = false

  /** @param prewarmed Processes that were started with the same options; the context takes them over. */
  constructor(options: WebContextOptions = {}, prewarmed: PrewarmedProcesses | null = null) {
    this.#options = options
    this.#launchOptions = {
      noSandbox: options.noSandbox ?? false,
      traceStart: options.onTraceLine ? performance.timeOrigin : null,
    }
    if (prewarmed === null) return
    this.#sandbox = prewarmed.sandbox
    this.#prewarmedWebProcess = prewarmed.webProcess
    this.#networkProcess = this.#makeNetworkProcess(prewarmed.networkProcess)
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
    this.#throwIfClosed()
    this.#sandbox ??= chooseSandbox(this.#launchOptions)
    // Whoever launches a WebProcess is told; until then it is no unhandled rejection.
    this.#sandbox.catch(() => {})
    return (this.#networkProcess ??= this.#makeNetworkProcess(startNetworkProcess(this.#launchOptions)))
  }

  /**
   * Starts a WebProcess for `site` and introduces it to the NetworkProcess.
   *
   * @throws {LoadError} `WebKitProcessError` `SANDBOX_UNAVAILABLE`.
   */
  async launchWebProcess(site: string, session: NetworkSessionCreationParameters): Promise<WebProcessLaunch> {
    const networkProcess = this.prepare()
    const connected = networkProcess.addSession(session)
    connected.catch(() => {}) // Told to whoever awaits it.
    const { identifier, launched, sandbox, networkSocket } = await this.#takeWebProcess()
    const process = new WebProcessProxy(launched, {
      identifier,
      site,
      sandbox: sandbox.name,
      onStderrLine: this.#options.onTraceLine ?? null,
    })
    this.#webProcesses.set(identifier, process)
    process.once('terminated', () => void this.closeWebProcess(process))
    if (this.#isClosed) {
      networkSocket.destroy()
      await this.closeWebProcess(process)
      this.#throwIfClosed()
    }
    // The NetworkProcess keeps a socket that overtakes its session.
    networkProcess.addConnectionToWebProcess(
      { webProcessIdentifier: identifier, sessionID: session.sessionID, site },
      networkSocket,
    )
    return { process, connected }
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
    if (this.#prewarmedWebProcess) void this.#track(this.#closePrewarmed(this.#prewarmedWebProcess))
    this.#prewarmedWebProcess = null
    if (this.#networkProcess) void this.#track(this.#networkProcess.close())
    this.#networkProcess = null
    while (this.#closing.size > 0) await Promise.all(this.#closing)
  }

  async #takeWebProcess(): Promise<LaunchedWebProcess & { readonly identifier: number }> {
    const prewarmed = this.#prewarmedWebProcess
    this.#prewarmedWebProcess = null
    if (prewarmed) return { ...(await prewarmed), identifier: PREWARMED_WEB_PROCESS_IDENTIFIER }
    const identifier = ++this.#lastIdentifier
    return {
      ...(await startWebProcess(this.#sandbox as Promise<Sandbox>, identifier, this.#launchOptions)),
      identifier,
    }
  }

  async #closePrewarmed(prewarmed: Promise<LaunchedWebProcess>): Promise<void> {
    const webProcess = await prewarmed.catch(() => null)
    if (!webProcess) return
    const { launched, sandbox, networkSocket } = webProcess
    networkSocket.destroy()
    const about = { identifier: PREWARMED_WEB_PROCESS_IDENTIFIER, site: '', sandbox: sandbox.name, onStderrLine: null }
    await new WebProcessProxy(launched, about).close()
  }

  #makeNetworkProcess(launched: NetworkProcessProxy['launched']): NetworkProcessProxy {
    const networkProcess = new NetworkProcessProxy(launched, {
      identifier: 0,
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

  #throwIfClosed(): void {
    if (this.#isClosed) throw new LoadError('WebKitProcessError', 'CONTEXT_CLOSED', 'The browser has been closed.')
  }

  #track(closing: Promise<void>): Promise<void> {
    this.#closing.add(closing)
    return closing.finally(() => this.#closing.delete(closing))
  }
}
