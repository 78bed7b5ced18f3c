// The WebProcess's end of its connection to the NetworkProcess: schedules loads and routes what comes back to them. Used by
// WebCore's loaders as their strategy. Upstream: WebKit/WebProcess/Network/NetworkProcessConnection.cpp, WebLoaderStrategy.cpp.
import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { now } from '../diagnostics.ts'
import { Connection } from '../platform/ipc/connection.ts'
import { IPCError } from '../platform/ipc/ipc-error.ts'
import { NetworkConnectionToWebProcessMessages } from '../network-process/network-connection-to-web-process.messages.ts'
import { NetworkResourceLoaderMessages } from '../network-process/network-resource-loader.messages.ts'
import type {
  NetworkResourceLoadParameters,
  ResourceLoaderIdentifier,
} from '../shared/network-resource-load-parameters.ts'
import { networkError } from '../shared/resource-error-data.ts'
import { WebResourceLoader, type WebResourceLoaderClient } from './web-resource-loader.ts'
import { WebResourceLoaderMessages } from './web-resource-loader.messages.ts'

/** A load as its asker describes it; the connection adds the identifier and the time. */
export type ScheduledLoadParameters = Omit<NetworkResourceLoadParameters, 'identifier' | 'sentAt'>

export interface NetworkProcessConnectionEvents {
  /** Once, after every load has failed with `NETWORK_PROCESS_CRASHED`. */
  close: [reason: IPCError]
}

export interface NetworkProcessConnectionOptions {
  /** The UIProcess's number for this process; makes the request ids of diagnostics the same on both sides. */
  readonly webProcessIdentifier?: number
}

export class NetworkProcessConnection extends EventEmitter<NetworkProcessConnectionEvents> {
  readonly #connection: Connection
  readonly #loaders = new Map<ResourceLoaderIdentifier, WebResourceLoader>()
  #lastIdentifier = 0

  constructor(stream: Duplex, options: NetworkProcessConnectionOptions = {}) {
    super()
    this.#connection = new Connection(stream, {
      name: 'NetworkProcessConnection',
      maximumUnsentBytes: Infinity,
      requestId: (identifier) => `${options.webProcessIdentifier ?? 0}-${identifier}`,
    })
    this.#connection.addReceiver(WebResourceLoaderMessages, (identifier) => {
      const gone = identifier > 0 && identifier <= this.#lastIdentifier
      return this.#loaders.get(identifier) ?? (gone ? 'gone' : 'unknown')
    })
    this.#connection.on('close', (reason) => this.#didClose(reason))
    this.#connection.open()
  }

  get isClosed(): boolean {
    return this.#connection.isClosed
  }

  /** Loads that are not over. */
  get loadCount(): number {
    return this.#loaders.size
  }

  /**
   * Asks the NetworkProcess for a load and reports on it to `client`. In a microtask, the load fails with `NETWORK_PROCESS_CRASHED` on
   * a connection that is closed, and with `FAILED` when URL, headers and body are more than a message may carry.
   */
  scheduleResourceLoad(parameters: ScheduledLoadParameters, client: WebResourceLoaderClient): WebResourceLoader {
    const identifier = ++this.#lastIdentifier
    const loader = new WebResourceLoader(identifier, parameters.request.url, client, this.#owner)
    if (this.#connection.isClosed) {
      queueMicrotask(() => loader.fail(crashedError(loader.url)))
      return loader
    }
    try {
      this.#connection.send(NetworkConnectionToWebProcessMessages.messages.ScheduleResourceLoad, {
        parameters: { ...parameters, identifier, sentAt: now() },
      })
      this.#loaders.set(identifier, loader)
    } catch (error) {
      if (!(error instanceof IPCError)) throw error
      queueMicrotask(() => loader.fail(networkError('FAILED', '', 'The request is too large to be sent.')))
    }
    return loader
  }

  /** Fails what is loading and closes. */
  close(): void {
    this.#connection.close()
  }

  readonly #owner = {
    didConsumeData: (identifier: ResourceLoaderIdentifier, bytes: number): void =>
      this.#connection.send(NetworkResourceLoaderMessages.messages.DidConsumeData, { bytes }, identifier),
    didEndLoad: (identifier: ResourceLoaderIdentifier, wasCancelledHere: boolean): void => {
      this.#loaders.delete(identifier)
      if (!wasCancelledHere) return
      this.#connection.send(NetworkConnectionToWebProcessMessages.messages.RemoveLoadIdentifier, { identifier })
    },
  }

  #didClose(reason: IPCError): void {
    for (const loader of [...this.#loaders.values()]) loader.fail(crashedError(loader.url))
    this.emit('close', reason)
  }
}

const crashedError = (url: string): ReturnType<typeof networkError> =>
  networkError('NETWORK_PROCESS_CRASHED', url, 'The connection to the network process was lost.')
