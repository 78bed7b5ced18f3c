// The server end of a DTLS connection with one client. Upstream: glib/gio/gdtlsserverconnection.c.

import type {
  AcceptCertificate,
  DatagramBased,
  DtlsAcceptedCookie,
  DtlsBackendConnection,
  TlsAuthenticationMode,
  TlsBackend,
  TlsCertificate,
} from '@wpe-networking/glib-networking-base'
import { DtlsConnection } from './dtls-connection.ts'
import type { DtlsConnectionProperties } from './dtls-connection.ts'

export interface DtlsServerConnectionProperties extends DtlsConnectionProperties {
  /** With its private key and the chain of its issuers. */
  readonly certificate: TlsCertificate
  /** Whether the client is asked for a certificate; default `NONE`. */
  readonly authenticationMode?: TlsAuthenticationMode | undefined
  /** What the backend's `DtlsCookieExchange` gave for this client; without it no cookie is asked for. */
  readonly cookie?: DtlsAcceptedCookie | undefined
}

/** @see DtlsConnection */
export class DtlsServerConnection extends DtlsConnection {
  protected readonly side = 'server'
  readonly serverIdentity = null
  certificate: TlsCertificate
  authenticationMode: TlsAuthenticationMode | undefined
  readonly #cookie: DtlsAcceptedCookie | undefined

  private constructor(baseSocket: DatagramBased, properties: DtlsServerConnectionProperties) {
    super(baseSocket, properties)
    this.certificate = properties.certificate
    this.authenticationMode = properties.authenticationMode
    this.#cookie = properties.cookie
  }

  /** Nothing is read or sent, and no library loaded, before {@link DtlsConnection.handshake}. */
  static create(baseSocket: DatagramBased, properties: DtlsServerConnectionProperties): DtlsServerConnection {
    return new DtlsServerConnection(baseSocket, properties)
  }

  protected open(backend: TlsBackend, accept: AcceptCertificate): DtlsBackendConnection {
    return this.dtlsOf(backend).createServerConnection(this.baseSocket, {
      certificate: this.certificate,
      advertisedProtocols: this.advertisedProtocols,
      authenticationMode: this.authenticationMode,
      database: this.database,
      cookie: this.#cookie,
      mtu: this.mtu,
      retransmissionTimeoutMs: this.retransmissionTimeoutMs,
      handshakeTimeoutMs: this.handshakeTimeoutMs,
      acceptCertificate: accept,
    })
  }
}
