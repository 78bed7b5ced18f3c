// The NetworkProcess: sessions, and a connection to each WebProcess. Its UIProcess tells it what to do over one connection and hands it
// the sockets. Made once by the process's entry file. Upstream: WebKit/NetworkProcess/NetworkProcess.cpp.
import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Connection } from '../platform/ipc/connection.ts'
import type { IPCError } from '../platform/ipc/ipc-error.ts'
import type { MessageHandlers } from '../platform/ipc/message-receiver.ts'
import type { ResourceErrorData } from '../shared/resource-error-data.ts'
import { NetworkProcessProxyMessages } from '../ui-process/network-process-proxy.messages.ts'
import {
  NetworkConnectionToWebProcess,
  type ConnectionToWebProcessParameters,
} from './network-connection-to-web-process.ts'
import type { NetworkProcessCreationParameters } from './network-process-creation-parameters.ts'
import { NetworkProcessMessages } from './network-process.messages.ts'
import { NetworkSession } from './network-session.ts'
import type { NetworkSessionCreationParameters } from './network-session-creation-parameters.ts'
import { resourceErrorFromSoup } from './soup/resource-error-soup.ts'

export interface NetworkProcessOptions {
  /** To the UIProcess; opened here. */
  readonly connection: Connection
}

export interface NetworkProcessEvents {
  /** The UIProcess is gone or closed the connection; everything has been let go, and the process should end. */
  close: [reason: IPCError]
}

/** A socket that came before its session was added: the two travel over different channels. */
interface EarlyConnection {
  readonly parameters: ConnectionToWebProcessParameters
  readonly socket: Duplex
}

export class NetworkProcess
  extends EventEmitter<NetworkProcessEvents>
  implements MessageHandlers<typeof NetworkProcessMessages>
{
  readonly #connection: Connection
  readonly #sessions = new Map<number, NetworkSession>()
  readonly #connectionsToWebProcesses = new Set<NetworkConnectionToWebProcess>()
  #earlyConnections: EarlyConnection[] = []
  #creationParameters: NetworkProcessCreationParameters | null = null

  constructor(options: NetworkProcessOptions) {
    super()
    this.#connection = options.connection
    this.#connection.addReceiver(NetworkProcessMessages, this)
    this.#connection.on('close', (reason) => {
      this.#letGo()
      this.emit('close', reason)
    })
    this.#connection.open()
  }

  /** Null before InitializeNetworkProcess. */
  get creationParameters(): NetworkProcessCreationParameters | null {
    return this.#creationParameters
  }

  /** Connections to WebProcesses. */
  get connectionCount(): number {
    return this.#connectionsToWebProcesses.size
  }

  networkSession(sessionID: number): NetworkSession | null {
    return this.#sessions.get(sessionID) ?? null
  }

  /**
   * Serves a WebProcess over `socket`, which is this process's end of the pair and must not have been read from. Waits for the
   * session if that is not there yet.
   */
  addConnectionToWebProcess(parameters: ConnectionToWebProcessParameters, socket: Duplex): void {
    const session = this.#sessions.get(parameters.sessionID)
    if (this.#connection.isClosed) {
      socket.destroy()
    } else if (session) {
      const client = {
        didClose: (connection: NetworkConnectionToWebProcess, reason: IPCError) => this.#didClose(connection, reason),
      }
      this.#connectionsToWebProcesses.add(new NetworkConnectionToWebProcess(parameters, socket, session, client))
    } else {
      this.#earlyConnections.push({ parameters, socket })
    }
  }

  InitializeNetworkProcess(message: { readonly parameters: NetworkProcessCreationParameters }): Record<never, never> {
    this.#creationParameters = message.parameters
    return {}
  }

  async AddWebsiteDataStore(message: {
    readonly parameters: NetworkSessionCreationParameters
  }): Promise<{ readonly error: ResourceErrorData | null }> {
    const { parameters } = message
    let session: NetworkSession
    try {
      session = await NetworkSession.create(parameters)
    } catch (error) {
      return { error: resourceErrorFromSoup(error, '') }
    }
    this.#sessions.get(parameters.sessionID)?.invalidateAndCancel()
    this.#sessions.set(parameters.sessionID, session)
    const early = this.#earlyConnections
    this.#earlyConnections = []
    for (const each of early) this.addConnectionToWebProcess(each.parameters, each.socket)
    return { error: null }
  }

  DestroySession({ sessionID }: { readonly sessionID: number }): Record<never, never> {
    const session = this.#sessions.get(sessionID)
    this.#sessions.delete(sessionID)
    for (const connection of [...this.#connectionsToWebProcesses]) {
      if (connection.networkSession === session) connection.close()
    }
    session?.invalidateAndCancel()
    return {}
  }

  #didClose(connection: NetworkConnectionToWebProcess, reason: IPCError): void {
    this.#connectionsToWebProcesses.delete(connection)
    const { webProcessIdentifier } = connection
    const { DidReceiveInvalidMessage, ConnectionToWebProcessClosed } = NetworkProcessProxyMessages.messages
    if (reason.code === 'CONNECTION_CLOSED' || reason.code === 'STREAM_FAILED') {
      this.#connection.send(ConnectionToWebProcessClosed, { webProcessIdentifier })
    } else {
      this.#connection.send(DidReceiveInvalidMessage, { webProcessIdentifier, reason: reason.message })
    }
  }

  #letGo(): void {
    for (const { socket } of this.#earlyConnections) socket.destroy()
    this.#earlyConnections = []
    for (const connection of [...this.#connectionsToWebProcesses]) connection.close()
    for (const session of this.#sessions.values()) session.invalidateAndCancel()
    this.#sessions.clear()
  }
}
