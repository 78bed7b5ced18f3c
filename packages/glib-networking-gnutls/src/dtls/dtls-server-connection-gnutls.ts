// The server's side of a DTLS connection: its certificate, the choice of protocol, client certificates, the cookie.
// Upstream: glib-networking/tls/gnutls/gtlsserverconnection-gnutls.c (as a GDtlsServerConnection).

import {
  TlsAuthenticationMode,
  TlsDatabase,
  type DatagramBased,
  type DtlsServerConnectionOptions,
  type TlsCertificate,
} from '@wpe-networking/glib-networking-base'
import type { GnutlsCredentials } from '../gnutls-credentials.ts'
import {
  GNUTLS_ALPN_MANDATORY,
  GNUTLS_ALPN_SERVER_PRECEDENCE,
  GNUTLS_CERT_REQUEST,
  GNUTLS_CERT_REQUIRE,
  GNUTLS_KP_TLS_WWW_CLIENT,
  GNUTLS_NO_TICKETS,
  GNUTLS_SERVER,
} from '../libgnutls.ts'
import type { TlsBackendContext } from '../tls-connection-gnutls.ts'
import type { PeerRequirements } from '../verification/peer-judge.ts'
import { DtlsConnectionGnutls } from './dtls-connection-gnutls.ts'
import type { DtlsSession } from './dtls-session.ts'

export class DtlsServerConnectionGnutls extends DtlsConnectionGnutls {
  readonly #options: DtlsServerConnectionOptions
  readonly #mode: TlsAuthenticationMode
  protected override readonly flags = GNUTLS_SERVER | GNUTLS_NO_TICKETS

  constructor(context: TlsBackendContext, base: DatagramBased, options: DtlsServerConnectionOptions) {
    super(context, base, options, 'server', null)
    this.#options = options
    this.#mode = options.authenticationMode ?? TlsAuthenticationMode.NONE
  }

  get #database(): TlsDatabase {
    return this.#options.database ?? TlsDatabase.getDefault()
  }

  protected override get peerRequirements(): PeerRequirements {
    return {
      database: this.#database,
      purpose: GNUTLS_KP_TLS_WWW_CLIENT,
      identity: null,
      mayBeAnonymous: this.#mode !== TlsAuthenticationMode.REQUIRED,
      acceptCertificate: this.#options.acceptCertificate,
    }
  }

  protected override get serverCertificate(): TlsCertificate {
    return this.#options.certificate
  }

  protected override acquireCredentials(): GnutlsCredentials {
    const database = this.#mode === TlsAuthenticationMode.NONE ? null : this.#database
    return this.context.credentials.acquire(database, this.#options.certificate)
  }

  protected override configure(session: DtlsSession): void {
    const { advertisedProtocols = [], cookie, ocspResponse } = this.#options
    session.ocspResponse = ocspResponse ?? null
    session.setAlpnProtocols(advertisedProtocols, GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE)
    if (this.#mode !== TlsAuthenticationMode.NONE) {
      session.requestCertificate(
        this.#mode === TlsAuthenticationMode.REQUIRED ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST,
      )
    }
    if (cookie !== undefined) session.continueAfter(cookie)
  }
}
