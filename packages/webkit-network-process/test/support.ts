// What the tests of this package share: a NetworkProcess and WebProcess connections to it, in one process over real sockets.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Connection,
  NetworkProcess,
  NetworkProcessConnection,
  NetworkProcessMessages,
  NetworkProcessProxyMessages,
  type NetworkLoadMetrics,
  type NetworkSessionCreationParameters,
  type ResourceErrorData,
  type ResourceRequestData,
  type ResourceResponseData,
  type ScheduledLoadParameters,
  type WebResourceLoader,
  type WebResourceLoaderClient,
} from '../src/index.ts'

/** A connected pair of Unix sockets, made as the UIProcess makes them. */
export async function socketPair(): Promise<[Socket, Socket]> {
  const directory = mkdtempSync(join(tmpdir(), 'wpe-test-'))
  const path = join(directory, 's')
  const server = createServer({ pauseOnConnect: true })
  server.listen(path)
  await once(server, 'listening')
  const client = connect(path)
  client.pause()
  const [[accepted]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [[Socket], unknown]
  server.close()
  rmSync(directory, { recursive: true })
  return [accepted, client]
}

export const SESSION: NetworkSessionCreationParameters = {
  sessionID: 1,
  userAgent: 'test/1.0',
  tlsBackend: null,
  caFile: null,
  ignoreTLSErrors: false,
  acceptLanguage: null,
}

export const SITE = 'http://127.0.0.1'

/** A NetworkProcess with a session, its UIProcess played by the test. */
export class TestNetworkProcess {
  readonly networkProcess: NetworkProcess
  readonly ui: Connection
  readonly invalidMessages: { readonly webProcessIdentifier: number; readonly reason: string }[] = []
  readonly closedConnections: number[] = []
  #onReport: (() => void) | null = null

  private constructor(networkProcess: NetworkProcess, ui: Connection) {
    this.networkProcess = networkProcess
    this.ui = ui
    ui.addReceiver(NetworkProcessProxyMessages, {
      DidReceiveInvalidMessage: (message) => {
        this.invalidMessages.push(message)
        this.#onReport?.()
      },
      ConnectionToWebProcessClosed: ({ webProcessIdentifier }) => {
        this.closedConnections.push(webProcessIdentifier)
        this.#onReport?.()
      },
    })
    ui.open()
  }

  static async start(session: Partial<NetworkSessionCreationParameters> = {}): Promise<TestNetworkProcess> {
    const [ours, theirs] = await socketPair()
    const ui = new Connection(ours, { name: 'ui' })
    const networkProcess = new NetworkProcess({ connection: new Connection(theirs, { name: 'network' }) })
    const process = new TestNetworkProcess(networkProcess, ui)
    await ui.sendWithReply(NetworkProcessMessages.messages.InitializeNetworkProcess, {
      parameters: { uiProcessIdentifier: 1, uiProcessName: 'test' },
    })
    const { error } = await ui.sendWithReply(NetworkProcessMessages.messages.AddWebsiteDataStore, {
      parameters: { ...SESSION, ...session },
    })
    if (error) throw new Error(error.localizedDescription)
    return process
  }

  /** The raw end of a WebProcess's socket; the NetworkProcess serves the other one. */
  async connectRaw(webProcessIdentifier: number, site = SITE): Promise<Socket> {
    const [ours, theirs] = await socketPair()
    this.networkProcess.addConnectionToWebProcess({ webProcessIdentifier, site, sessionID: 1 }, theirs)
    return ours
  }

  async connect(webProcessIdentifier = 1, site = SITE): Promise<NetworkProcessConnection> {
    return new NetworkProcessConnection(await this.connectRaw(webProcessIdentifier, site), { webProcessIdentifier })
  }

  /** Resolves when the UIProcess was told of the end of any connection, now or earlier. */
  async reported(count = 1): Promise<void> {
    while (this.invalidMessages.length + this.closedConnections.length < count) {
      await new Promise<void>((resolve) => (this.#onReport = resolve))
    }
  }

  close(): void {
    this.ui.close()
  }
}

export function request(url: string, overrides: Partial<ResourceRequestData> = {}): ResourceRequestData {
  return {
    url,
    httpMethod: 'GET',
    httpHeaderFields: [['Accept', '*/*']],
    httpBody: null,
    priority: 'Medium',
    cachePolicy: 'UseProtocolCachePolicy',
    firstPartyForCookies: null,
    isSameSite: true,
    isTopSite: false,
    allowCookies: true,
    timeoutInterval: 0,
    ...overrides,
  }
}

export function loadParameters(
  url: string,
  overrides: Partial<ResourceRequestData> = {},
  parameters: Partial<ScheduledLoadParameters> = {},
): ScheduledLoadParameters {
  return {
    pageID: 1,
    frameID: 1,
    request: request(url, overrides),
    options: {
      mode: 'no-cors',
      credentials: 'include',
      cache: 'default',
      redirect: 'follow',
      referrerPolicy: '',
      destination: '',
    },
    isMainFrameNavigation: false,
    contentSniffing: true,
    ...parameters,
  }
}

/** What a load came to. */
export interface Loaded {
  readonly redirects: string[]
  response: ResourceResponseData | null
  readonly body: Buffer
  error: ResourceErrorData | null
  metrics: NetworkLoadMetrics | null
}

export interface LoadHooks {
  willSendRequest?: WebResourceLoaderClient['willSendRequest']
  started?(loader: WebResourceLoader): void
  didReceiveResponse?(response: ResourceResponseData): void
  didReceiveData?(chunk: Uint8Array): void | Promise<void>
}

/** Loads and collects; resolves when the load finished or failed. */
export function load(
  connection: NetworkProcessConnection,
  parameters: ScheduledLoadParameters,
  hooks: LoadHooks = {},
): Promise<Loaded> {
  return new Promise((resolve) => {
    const redirects: string[] = []
    const chunks: Uint8Array[] = []
    let response: ResourceResponseData | null = null
    const end = (error: ResourceErrorData | null, metrics: NetworkLoadMetrics | null): void =>
      resolve({ redirects, response, body: Buffer.concat(chunks), error, metrics })
    const loader = connection.scheduleResourceLoad(parameters, {
      willSendRequest: (next, redirectResponse) => {
        redirects.push(next.url)
        return hooks.willSendRequest ? hooks.willSendRequest(next, redirectResponse) : next
      },
      didReceiveResponse: (received) => {
        response = received
        hooks.didReceiveResponse?.(received)
      },
      didReceiveData: (chunk) => {
        chunks.push(chunk)
        return hooks.didReceiveData?.(chunk)
      },
      didFinishResourceLoad: (metrics) => end(null, metrics),
      didFailResourceLoad: end,
    })
    hooks.started?.(loader)
  })
}
