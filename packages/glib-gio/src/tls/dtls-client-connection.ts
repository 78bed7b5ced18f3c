// The client end of a DTLS connection. Upstream: glib/gio/gdtlsclientconnection.c.

import type {
  AcceptCertificate,
  DatagramBased,
  DtlsBackendConnection,
  TlsBackend,
  TlsCertificate,
  TlsInteraction,
} from '@wpe-networking/glib-networking-base'
import { DtlsConnection } from './dtls-connection.ts'
import type { DtlsConnectionProperties } from './dtls-connection.ts'
import { TlsBackend as backends } from './tls-backend.ts'

export interface DtlsClientConnectionProperties extends DtlsConnectionProperties {
  /** As in `TlsClientConnectionProperties`. */
  readonly serverIdentity: string | null
  /** Shown to servers that ask for one; needs its private key. */
  readonly certificate?: TlsCertificate | undefined
  /** Asked for a certificate when the server wants one and there is none. */
  readonly interaction?: TlsInteraction | undefined
}

/** @see DtlsConnection */
export class DtlsClientConnection extends DtlsConnection {
  protected readonly side = 'client'
  serverIdentity: string | null
  certificate: TlsCertificate | undefined
  interaction: TlsInteraction | undefined

  private constructor(baseSocket: DatagramBased, properties: DtlsClientConnectionProperties) {
    super(baseSocket, properties)
    this.serverIdentity = properties.serverIdentity
    this.certificate = properties.certificate
    this.interaction = properties.interaction
  }

  /** Nothing is sent, and no library loaded, before {@link DtlsConnection.handshake}. */
  static create(baseSocket: DatagramBased, properties: DtlsClientConnectionProperties): DtlsClientConnection {
    return new DtlsClientConnection(baseSocket, properties)
  }

  /** The authorities the server takes client certificates from, as DER names; empty when it has not asked or said. */
  get acceptedCas(): readonly Uint8Array[] {
    return this.acceptedAuthorities
  }

  protected open(backend: TlsBackend, accept: AcceptCertificate): DtlsBackendConnection {
    return this.dtlsOf(backend).createClientConnection(this.baseSocket, {
      serverIdentity: this.serverIdentity,
      advertisedProtocols: this.advertisedProtocols,
      database: this.database ?? backends.getDefaultDatabase(),
      certificate: this.certificate,
      interaction: this.interaction,
      mtu: this.mtu,
      retransmissionTimeoutMs: this.retransmissionTimeoutMs,
      handshakeTimeoutMs: this.handshakeTimeoutMs,
      acceptCertificate: accept,
    })
  }
}
