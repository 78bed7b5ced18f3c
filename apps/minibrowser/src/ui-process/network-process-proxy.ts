// The one NetworkProcess of a browser, seen from the UIProcess: its sessions, and the WebProcesses it was introduced to.
// Made by WebContext. Upstream: WebKit/UIProcess/Network/NetworkProcessProxy.cpp.

import type { Socket } from 'node:net'
import {
  NetworkProcessMessages,
  NetworkProcessProxyMessages,
  type NetworkSessionCreationParameters,
} from '@wpe-networking/webkit-network-process'
import { LoadError } from '../load-error.ts'
import { type AuxiliaryProcessOptions, AuxiliaryProcessProxy } from './auxiliary-process-proxy.ts'
import type { LaunchedProcess } from './process-launcher.ts'

export interface NetworkProcessProxyOptions extends AuxiliaryProcessOptions {
  /** A WebProcess broke the protocol towards the NetworkProcess. */
  readonly didReceiveInvalidMessage: (webProcessIdentifier: number, reason: string) => void
}

const { messages } = NetworkProcessMessages

export class NetworkProcessProxy extends AuxiliaryProcessProxy {
  readonly #sessions = new Map<number, Promise<void>>()

  /** The process is of use at once: messages wait in the pipe until it reads. */
  constructor(launched: LaunchedProcess, options: NetworkProcessProxyOptions) {
    super('network process', launched, options)
    this.connection.addReceiver(NetworkProcessProxyMessages, {
      DidReceiveInvalidMessage: ({ webProcessIdentifier, reason }) =>
        options.didReceiveInvalidMessage(webProcessIdentifier, reason),
      ConnectionToWebProcessClosed: () => {},
    })
    this.connection.open()
    this.connection
      .sendWithReply(messages.InitializeNetworkProcess, {
        parameters: { uiProcessIdentifier: process.pid, uiProcessName: 'minibrowser' },
      })
      .catch(() => {}) // Only fails with the connection, which `terminated` tells.
  }

  /**
   * Makes a session known; the same one only once.
   *
   * @throws {LoadError} with the domain and code of what the session was refused for, such as a TLS library that is missing.
   */
  addSession(parameters: NetworkSessionCreationParameters): Promise<void> {
    const known = this.#sessions.get(parameters.sessionID)
    if (known) return known
    const added = this.#addSession(parameters)
    this.#sessions.set(parameters.sessionID, added)
    return added
  }

  /** Hands over the NetworkProcess's end of the pair whose other end the WebProcess was started with. */
  addConnectionToWebProcess(
    parameters: { readonly webProcessIdentifier: number; readonly sessionID: number; readonly site: string },
    socket: Socket,
  ): void {
    this.launched.child.send(parameters, socket, (error) => {
      // Without its socket the WebProcess sees its connection close and fails its loads; the cause is this process's end.
      if (error) socket.destroy()
    })
  }

  async #addSession(parameters: NetworkSessionCreationParameters): Promise<void> {
    const { error } = await this.connection.sendWithReply(messages.AddWebsiteDataStore, { parameters })
    if (error) throw new LoadError(error.domain, error.code, error.localizedDescription)
  }
}
