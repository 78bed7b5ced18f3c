// What the loads of some pages share: cookies, TLS settings, trust. Lives in the NetworkProcess; this is its handle.
// Upstream: WebKit/UIProcess/API/glib/WebKitNetworkSession.cpp.

import type { NetworkSessionCreationParameters } from '@wpe-networking/webkit-network-process'
import { defaultUserAgent } from './user-agent.ts'
import { WebContext } from './web-context.ts'

export interface NetworkSessionOptions {
  /** The processes to use; without it the session makes its own, and closes them with itself. */
  readonly context?: WebContext
  /** Default: `GIO_USE_TLS`, else openssl. */
  readonly tlsBackend?: 'openssl' | 'gnutls'
  /** PEM text of certificate authorities to trust besides the system's. */
  readonly certificateAuthorityPem?: string
  /** Accept any certificate. Default false. */
  readonly ignoreTLSErrors?: boolean
  readonly userAgent?: string
  /** Such as `en-GB,en;q=0.9`. */
  readonly acceptLanguage?: string
}

let lastSessionID = 0

export class NetworkSession {
  readonly context: WebContext
  readonly parameters: NetworkSessionCreationParameters
  readonly #ownsContext: boolean

  constructor(options: NetworkSessionOptions = {}) {
    this.#ownsContext = options.context === undefined
    this.context = options.context ?? new WebContext()
    this.parameters = {
      sessionID: ++lastSessionID,
      userAgent: options.userAgent ?? defaultUserAgent(),
      tlsBackend: options.tlsBackend ?? null,
      caFile: options.certificateAuthorityPem ?? null,
      ignoreTLSErrors: options.ignoreTLSErrors ?? false,
      acceptLanguage: options.acceptLanguage ?? null,
    }
  }

  /** Starts the processes the first load will need, without waiting, the session among what they know. */
  prepare(): void {
    this.context
      .prepare()
      .addSession(this.parameters)
      .catch(() => {}) // Told by the first load.
  }

  /** Ends the session, and its processes when they are its own; resolves when they are gone. */
  async close(): Promise<void> {
    if (this.#ownsContext) await this.context.close()
  }
}
