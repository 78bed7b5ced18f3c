// The client end of a TLS connection. Called by libsoup's Connection and SocketClient.
// Upstream: glib/gio/gtlsclientconnection.c.

import type { Duplex } from 'node:stream'
import type {
  AcceptCertificate,
  TlsBackend,
  TlsBackendConnection,
  TlsCertificate,
  TlsInteraction,
} from '@wpe-networking/glib-networking-base'
import { TlsBackend as backends } from './tls-backend.ts'
import { TlsConnection } from './tls-connection.ts'
import type { TlsConnectionProperties } from './tls-connection.ts'

export interface TlsClientConnectionProperties extends TlsConnectionProperties {
  /** The host name or IP address the certificate has to be for; a name is also sent as SNI. null checks nothing. */
  readonly serverIdentity: string | null
  /** Shown to servers that ask for one; needs its private key. */
  readonly certificate?: TlsCertificate | undefined
  /** Asked for a certificate when the server wants one and there is none. */
  readonly interaction?: TlsInteraction | undefined
}

/** @see TlsConnection */
export class TlsClientConnection extends TlsConnection {
  protected readonly side = 'client'
  serverIdentity: string | null
  certificate: TlsCertificate | undefined
  interaction: TlsInteraction | undefined

  private constructor(baseIoStream: Duplex, properties: TlsClientConnectionProperties) {
    super(baseIoStream, properties)
    this.serverIdentity = properties.serverIdentity
    this.certificate = properties.certificate
    this.interaction = properties.interaction
  }

  /** Nothing is sent, and no library loaded, before {@link TlsConnection.handshake}. */
  static create(baseIoStream: Duplex, properties: TlsClientConnectionProperties): TlsClientConnection {
    return new TlsClientConnection(baseIoStream, properties)
  }

  /** The authorities the server takes client certificates from, as DER names; empty when it has not asked or said. */
  get acceptedCas(): readonly Uint8Array[] {
    return this.acceptedAuthorities
  }

  protected open(backend: TlsBackend, accept: AcceptCertificate): TlsBackendConnection {
    return backend.createClientConnection(this.baseIoStream, {
      serverIdentity: this.serverIdentity,
      advertisedProtocols: this.advertisedProtocols,
      database: this.database ?? backends.getDefaultDatabase(),
      certificate: this.certificate,
      interaction: this.interaction,
      requireCloseNotify: this.requireCloseNotify,
      minimumVersion: this.minimumVersion,
      maximumVersion: this.maximumVersion,
      acceptCertificate: accept,
    })
  }
}
