// The server's side of a TLS connection: its certificate, the choice of protocol, client certificates, session tickets.
// Upstream: glib-networking/tls/gnutls/gtlsserverconnection-gnutls.c.

import { createHmac } from 'node:crypto'
import type { Duplex } from 'node:stream'
import {
  TlsAuthenticationMode,
  TlsDatabase,
  type TlsCertificate,
  type TlsServerConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import type { GnutlsCredentials } from './gnutls-credentials.ts'
import type { GnutlsSession } from './gnutls-session.ts'
import {
  GNUTLS_ALPN_MANDATORY,
  GNUTLS_ALPN_SERVER_PRECEDENCE,
  GNUTLS_CERT_REQUEST,
  GNUTLS_CERT_REQUIRE,
  GNUTLS_KP_TLS_WWW_CLIENT,
  GNUTLS_NO_TICKETS,
  GNUTLS_SERVER,
} from './libgnutls.ts'
import { TlsConnectionGnutls, type TlsBackendContext } from './tls-connection-gnutls.ts'

export class TlsServerConnectionGnutls extends TlsConnectionGnutls {
  readonly #options: TlsServerConnectionOptions
  readonly #authenticationMode: TlsAuthenticationMode

  constructor(context: TlsBackendContext, baseIoStream: Duplex, options: TlsServerConnectionOptions) {
    super(context, baseIoStream, options, 'server', null)
    this.#options = options
    this.#authenticationMode = options.authenticationMode ?? TlsAuthenticationMode.NONE
  }

  get #asksForCertificate(): boolean {
    return this.#authenticationMode !== TlsAuthenticationMode.NONE
  }

  protected override get flags(): number {
    // A resumed session carries no client certificate to be judged again, so where one counts each handshake is full.
    return this.#asksForCertificate ? GNUTLS_SERVER | GNUTLS_NO_TICKETS : GNUTLS_SERVER
  }

  protected override get peerKeyPurpose(): string {
    return GNUTLS_KP_TLS_WWW_CLIENT
  }

  protected override get peerMayBeAnonymous(): boolean {
    return this.#authenticationMode !== TlsAuthenticationMode.REQUIRED
  }

  protected override get database(): TlsDatabase {
    return this.#options.database ?? TlsDatabase.getDefault()
  }

  protected override get serverCertificate(): TlsCertificate {
    return this.#options.certificate
  }

  protected override acquireCredentials(): GnutlsCredentials {
    return this.context.credentials.acquire(this.#asksForCertificate ? this.database : null, this.serverCertificate)
  }

  protected override configure(session: GnutlsSession, credentials: GnutlsCredentials): void {
    const { advertisedProtocols = [], ocspResponse } = this.#options
    session.ocspResponse = ocspResponse ?? null
    session.setAlpnProtocols(advertisedProtocols, GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE)
    if (this.#asksForCertificate) {
      const required = this.#authenticationMode === TlsAuthenticationMode.REQUIRED
      session.requestCertificate(required ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST)
    } else {
      session.enableTickets(this.#ticketKeyOf(credentials))
    }
  }

  /** One for each range of versions: GnuTLS would resume TLS 1.2 even where only TLS 1.3 is left. */
  #ticketKeyOf({ ticketKey }: GnutlsCredentials): Buffer {
    return createHmac('sha512', ticketKey).update(Buffer.of(this.minimumVersion, this.maximumVersion)).digest()
  }

  /** Nothing to wait for: a server sends its tickets with the handshake. */
  protected override handshaked(): void {}
  protected override closed(): void {}

  // A server is asked for no certificate.
  protected override get acceptedCas(): readonly Uint8Array[] {
    return []
  }
  protected override createGate(): null {
    return null
  }
}
