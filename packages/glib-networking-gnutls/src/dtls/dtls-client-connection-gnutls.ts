// The client's side of a DTLS connection: SNI, ALPN and the server's identity.
// Upstream: glib-networking/tls/gnutls/gtlsclientconnection-gnutls.c (as a GDtlsClientConnection).

import {
  serverNameOf,
  TlsDatabase,
  type DatagramBased,
  type DtlsClientConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import type { GnutlsCredentials } from '../gnutls-credentials.ts'
import { GNUTLS_CLIENT, GNUTLS_FORCE_CLIENT_CERT, GNUTLS_KP_TLS_WWW_SERVER } from '../libgnutls.ts'
import type { TlsBackendContext } from '../tls-connection-gnutls.ts'
import type { PeerRequirements } from '../verification/peer-judge.ts'
import { DtlsConnectionGnutls } from './dtls-connection-gnutls.ts'
import type { DtlsSession } from './dtls-session.ts'

export class DtlsClientConnectionGnutls extends DtlsConnectionGnutls {
  readonly #options: DtlsClientConnectionOptions
  readonly #database: TlsDatabase
  protected override readonly flags = GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT
  protected override readonly serverCertificate = null

  constructor(context: TlsBackendContext, base: DatagramBased, options: DtlsClientConnectionOptions) {
    super(context, base, options, 'client', options.serverIdentity)
    this.#options = options
    this.#database = options.database ?? TlsDatabase.getDefault()
  }

  protected override get peerRequirements(): PeerRequirements {
    return {
      database: this.#database,
      purpose: GNUTLS_KP_TLS_WWW_SERVER,
      identity: this.#options.serverIdentity,
      mayBeAnonymous: false,
      acceptCertificate: this.#options.acceptCertificate,
    }
  }

  protected override acquireCredentials(): GnutlsCredentials {
    return this.context.credentials.acquire(this.#database, this.#options.certificate ?? null)
  }

  protected override configure(session: DtlsSession): void {
    const name = serverNameOf(this.#options.serverIdentity)
    if (name !== null) session.setServerName(name)
    session.setAlpnProtocols(this.#options.advertisedProtocols ?? [], 0)
  }
}
