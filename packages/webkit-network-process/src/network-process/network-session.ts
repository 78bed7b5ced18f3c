// What loads of one browsing session share: its Soup.Session with connections, cookies and TLS policy. Made by NetworkProcess; hands
// out data tasks. Upstream: WebKit/NetworkProcess/NetworkSession.cpp, soup/NetworkSessionSoup.cpp,
// WebCore/platform/network/soup/SoupNetworkSession.cpp.
import { loadTlsBackend, TlsCertificate, TlsDatabase, Uri, type TlsBackend } from '@wpe-networking/glib-gio'
import { CookieJar, Session } from '@wpe-networking/libsoup'
import type { NetworkDataTask, NetworkDataTaskClient, NetworkDataTaskParameters } from './network-data-task.ts'
import { NetworkDataTaskDataURL } from './network-data-task-data-url.ts'
import type { NetworkSessionCreationParameters } from './network-session-creation-parameters.ts'
import { NetworkDataTaskSoup, type NetworkDataTaskSoupSession } from './soup/network-data-task-soup.ts'

/** WebKit's figures (SoupNetworkSession.cpp); seconds. */
const MAXIMUM_CONNECTIONS = 256
const MAXIMUM_CONNECTIONS_PER_HOST = 6
const IDLE_TIMEOUT = 115

export class NetworkSession implements NetworkDataTaskSoupSession {
  readonly sessionID: number
  readonly ignoreTLSErrors: boolean
  readonly soupSession: Session
  #firstParty: Uri | null = null
  #firstPartyURL = ''

  /**
   * @throws {TlsError} `UNAVAILABLE` when the TLS library asked for is missing, `BAD_CERTIFICATE` when the authorities do not parse.
   */
  static async create(parameters: NetworkSessionCreationParameters): Promise<NetworkSession> {
    const tlsBackend = parameters.tlsBackend === null ? null : await loadTlsBackend(parameters.tlsBackend)
    return new NetworkSession(parameters, tlsBackend)
  }

  private constructor(parameters: NetworkSessionCreationParameters, tlsBackend: TlsBackend | null) {
    this.sessionID = parameters.sessionID
    this.ignoreTLSErrors = parameters.ignoreTLSErrors
    this.soupSession = new Session({
      maxConns: MAXIMUM_CONNECTIONS,
      maxConnsPerHost: MAXIMUM_CONNECTIONS_PER_HOST,
      idleTimeout: IDLE_TIMEOUT,
      timeout: 0, // each data task has its own, see InactivityTimer
      userAgent: parameters.userAgent,
      acceptLanguage: parameters.acceptLanguage,
      tlsBackend,
      tlsDatabase: parameters.caFile === null ? null : databaseWith(parameters.caFile),
    })
    this.soupSession.addFeature(new CookieJar())
  }

  /** A task that has not started; the scheme of the request must have been checked. */
  createDataTask(client: NetworkDataTaskClient, parameters: NetworkDataTaskParameters): NetworkDataTask {
    return parameters.request.url.startsWith('data:')
      ? new NetworkDataTaskDataURL(client, parameters)
      : new NetworkDataTaskSoup(this, client, parameters)
  }

  firstPartyUri(url: string): Uri {
    if (!this.#firstParty || this.#firstPartyURL !== url) {
      this.#firstParty = Uri.parse(url)
      this.#firstPartyURL = url
    }
    return this.#firstParty
  }

  /** Closes every connection; messages that are under way fail with `CANCELLED`. */
  invalidateAndCancel(): void {
    this.soupSession.close()
  }
}

/** The authorities in `pem` and those of the system. */
function databaseWith(pem: string): TlsDatabase {
  return new TlsDatabase([...TlsDatabase.getDefault().anchorsPem, ...TlsCertificate.listFromPem(pem)])
}
