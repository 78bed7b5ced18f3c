// The client end of a DTLS connection. Upstream: glib/gio/gdtlsclientconnection.c.

import type {
  AcceptCertificate,
  DatagramBased,
  DtlsBackendConnection,
  TlsBackend,
  TlsCertificate,
} from '@wpe-networking/glib-networking-base'
import { DtlsConnection } from './dtls-connection.ts'
import type { DtlsConnectionProperties } from './dtls-connection.ts'
import { TlsBackend as backends } from './tls-backend.ts'

export interface DtlsClientConnectionProperties extends DtlsConnectionProperties {
  /** As in `TlsClientConnectionProperties`. */
  readonly serverIdentity: string | null
  /** Shown to servers that ask for one; needs its private key. */
  readonly certificate?: TlsCertificate | undefined
}

/** @see DtlsConnection */
export class DtlsClientConnection extends DtlsConnection {
  protected readonly side = 'client'
  serverIdentity: string | null
  certificate: TlsCertificate | undefined

  private constructor(baseSocket: DatagramBased, properties: DtlsClientConnectionProperties) {
    super(baseSocket, properties)
    this.serverIdentity = properties.serverIdentity
    this.certificate = properties.certificate
  }

  /** Nothing is sent, and no library loaded, before {@link DtlsConnection.handshake}. */
  static create(baseSocket: DatagramBased, properties: DtlsClientConnectionProperties): DtlsClientConnection {
    return new DtlsClientConnection(baseSocket, properties)
  }

  protected open(backend: TlsBackend, accept: AcceptCertificate): DtlsBackendConnection {
    return this.dtlsOf(backend).createClientConnection(this.baseSocket, {
      serverIdentity: this.serverIdentity,
      advertisedProtocols: this.advertisedProtocols,
      database: this.database ?? backends.getDefaultDatabase(),
      certificate: this.certificate,
      mtu: this.mtu,
      retransmissionTimeoutMs: this.retransmissionTimeoutMs,
      handshakeTimeoutMs: this.handshakeTimeoutMs,
      acceptCertificate: accept,
    })
  }
}
