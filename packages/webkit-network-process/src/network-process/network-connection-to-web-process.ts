// The NetworkProcess's end of its connection to one WebProcess: checks what that asks for against what it may have, and owns
// its loads. Trusts nothing it is told. Made by NetworkProcess. Upstream: WebKit/NetworkProcess/NetworkConnectionToWebProcess.cpp.
import type { Duplex } from 'node:stream'
import { Connection } from '../platform/ipc/connection.ts'
import type { IPCError } from '../platform/ipc/ipc-error.ts'
import type { MessageHandlers } from '../platform/ipc/message-receiver.ts'
import type {
  NetworkResourceLoadParameters,
  ResourceLoaderIdentifier,
} from '../shared/network-resource-load-parameters.ts'
import { networkError } from '../shared/resource-error-data.ts'
import { siteAllows, siteFromURL } from '../shared/site.ts'
import { WebResourceLoaderMessages } from '../web-process/web-resource-loader.messages.ts'
import { NetworkConnectionToWebProcessMessages } from './network-connection-to-web-process.messages.ts'
import { NetworkResourceLoader, type NetworkResourceLoaderOwner } from './network-resource-loader.ts'
import { NetworkResourceLoaderMessages } from './network-resource-loader.messages.ts'
import type { NetworkSession } from './network-session.ts'

/** Loads that one WebProcess may have at a time; asking for more is an invalid message. */
export const MAXIMUM_LOADS_PER_CONNECTION = 10_000
/** Bytes of request bodies that one WebProcess may have under way; a load that would pass it fails. */
export const MAXIMUM_BODY_BYTES_PER_CONNECTION = 64 * 1024 * 1024
/** Bytes that may wait for a WebProcess that does not read. Data stops long before: see Connection.isCongested. */
const MAXIMUM_UNSENT_BYTES = 32 * 1024 * 1024

export interface ConnectionToWebProcessParameters {
  readonly webProcessIdentifier: number
  /** What {@link siteFromURL} says of the documents this process may show. */
  readonly site: string
  readonly sessionID: number
}

export interface NetworkConnectionToWebProcessClient {
  /** Last, once; every load of the connection is cancelled by then. */
  didClose(connection: NetworkConnectionToWebProcess, reason: IPCError): void
}

export class NetworkConnectionToWebProcess
  implements NetworkResourceLoaderOwner, MessageHandlers<typeof NetworkConnectionToWebProcessMessages>
{
  readonly webProcessIdentifier: number
  readonly site: string
  readonly networkSession: NetworkSession
  readonly connection: Connection
  readonly #loaders = new Map<ResourceLoaderIdentifier, NetworkResourceLoader>()
  readonly #waitingForDrain = new Set<NetworkResourceLoader>()
  #lastIdentifier: ResourceLoaderIdentifier = 0
  #bodyBytes = 0
  /** The first party that was found allowed last: all loads of a page name the same. */
  #allowedFirstParty = ''

  /** Owns `stream` from here on and reads from it at once. */
  constructor(
    parameters: ConnectionToWebProcessParameters,
    stream: Duplex,
    networkSession: NetworkSession,
    client: NetworkConnectionToWebProcessClient,
  ) {
    this.webProcessIdentifier = parameters.webProcessIdentifier
    this.site = parameters.site
    this.networkSession = networkSession
    this.connection = new Connection(stream, {
      name: `Connection to WebProcess ${parameters.webProcessIdentifier}`,
      maximumUnsentBytes: MAXIMUM_UNSENT_BYTES,
      requestId: (identifier) => this.requestId(identifier),
    })
    this.connection.addReceiver(NetworkConnectionToWebProcessMessages, this)
    this.connection.addReceiver(NetworkResourceLoaderMessages, (identifier) => {
      const loader = this.#loaders.get(identifier)
      return loader ?? (this.#wasIssued(identifier) ? 'gone' : 'unknown')
    })
    this.connection.on('drain', () => this.#didDrain())
    this.connection.on('close', (reason) => {
      for (const loader of [...this.#loaders.values()]) loader.abort()
      client.didClose(this, reason)
    })
    this.connection.open()
  }

  /** Loads under way. */
  get loadCount(): number {
    return this.#loaders.size
  }

  ScheduleResourceLoad({ parameters }: { readonly parameters: NetworkResourceLoadParameters }): void {
    const fault = this.#faultOf(parameters)
    if (fault) {
      this.connection.didReceiveInvalidMessage(fault)
      return
    }
    this.#lastIdentifier = parameters.identifier
    const bodyBytes = parameters.request.httpBody?.length ?? 0
    if (this.#bodyBytes + bodyBytes > MAXIMUM_BODY_BYTES_PER_CONNECTION) {
      const error = networkError('FAILED', parameters.request.url, 'Too many request bodies are under way at once.')
      const message = WebResourceLoaderMessages.messages.DidFailResourceLoad
      this.connection.send(message, { error, metrics: null }, parameters.identifier)
      return
    }
    this.#bodyBytes += bodyBytes
    const loader = new NetworkResourceLoader(parameters, this)
    this.#loaders.set(parameters.identifier, loader)
    loader.start()
  }

  RemoveLoadIdentifier({ identifier }: { readonly identifier: ResourceLoaderIdentifier }): void {
    if (!this.#wasIssued(identifier)) {
      this.connection.didReceiveInvalidMessage(`load ${identifier} was never scheduled on this connection`)
      return
    }
    this.#loaders.get(identifier)?.abort()
  }

  requestId(identifier: ResourceLoaderIdentifier): string {
    return `${this.webProcessIdentifier}-${identifier}`
  }

  allowsFirstPartyForCookies(url: string | null): boolean {
    if (url === null || url === this.#allowedFirstParty) return true
    const site = siteFromURL(url)
    if (site === null || !siteAllows(this.site, site)) return false
    this.#allowedFirstParty = url
    return true
  }

  waitForDrain(loader: NetworkResourceLoader): void {
    this.#waitingForDrain.add(loader)
  }

  didCleanupResourceLoader(loader: NetworkResourceLoader): void {
    if (!this.#loaders.delete(loader.identifier)) return
    this.#waitingForDrain.delete(loader)
    this.#bodyBytes -= loader.parameters.request.httpBody?.length ?? 0
  }

  /** Closes the connection and cancels its loads. */
  close(): void {
    this.connection.close()
  }

  /** What no schema can tell about a load, or null. */
  #faultOf({ identifier, request, isMainFrameNavigation }: NetworkResourceLoadParameters): string | null {
    if (identifier <= this.#lastIdentifier) return `load ${identifier} was scheduled before`
    if (this.#loaders.size >= MAXIMUM_LOADS_PER_CONNECTION) return `there are ${this.#loaders.size} loads already`
    if (!this.allowsFirstPartyForCookies(request.firstPartyForCookies)) {
      return `load ${identifier} names another site's first party`
    }
    const site = isMainFrameNavigation ? siteFromURL(request.url) : null
    if (site !== null && !siteAllows(this.site, site)) return `load ${identifier} navigates to another site's document`
    return null
  }

  #wasIssued(identifier: ResourceLoaderIdentifier): boolean {
    return identifier > 0 && identifier <= this.#lastIdentifier
  }

  /** Oldest first, until the connection is full again; who did not get a turn waits for the next one. */
  #didDrain(): void {
    for (const loader of [...this.#waitingForDrain]) {
      if (this.connection.isCongested) return
      this.#waitingForDrain.delete(loader)
      loader.didDrain()
    }
  }
}
