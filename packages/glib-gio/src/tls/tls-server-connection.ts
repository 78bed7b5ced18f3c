// The server end of a TLS connection. Called by libsoup's Server. Upstream: glib/gio/gtlsserverconnection.c.

import type { Duplex } from 'node:stream'
import type {
  AcceptCertificate,
  TlsAuthenticationMode,
  TlsBackend,
  TlsBackendConnection,
  TlsCertificate,
} from '@wpe-networking/glib-networking-base'
import { TlsConnection } from './tls-connection.ts'
import type { TlsConnectionProperties } from './tls-connection.ts'

export interface TlsServerConnectionProperties extends TlsConnectionProperties {
  /** With its private key and the chain of its issuers. */
  readonly certificate: TlsCertificate
  /** Whether the client is asked for a certificate; default `NONE`. */
  readonly authenticationMode?: TlsAuthenticationMode | undefined
  /** A DER OCSP response for the certificate, stapled for clients that ask for one (RFC 6066 section 8). */
  readonly ocspResponse?: Uint8Array | undefined
}

/** @see TlsConnection */
export class TlsServerConnection extends TlsConnection {
  protected readonly side = 'server'
  readonly serverIdentity = null
  certificate: TlsCertificate
  authenticationMode: TlsAuthenticationMode | undefined
  ocspResponse: Uint8Array | undefined

  private constructor(baseIoStream: Duplex, properties: TlsServerConnectionProperties) {
    super(baseIoStream, properties)
    this.certificate = properties.certificate
    this.authenticationMode = properties.authenticationMode
    this.ocspResponse = properties.ocspResponse
  }

  /** Nothing is read or sent, and no library loaded, before {@link TlsConnection.handshake}. */
  static create(baseIoStream: Duplex, properties: TlsServerConnectionProperties): TlsServerConnection {
    return new TlsServerConnection(baseIoStream, properties)
  }

  protected open(backend: TlsBackend, accept: AcceptCertificate): TlsBackendConnection {
    return backend.createServerConnection(this.baseIoStream, {
      certificate: this.certificate,
      advertisedProtocols: this.advertisedProtocols,
      authenticationMode: this.authenticationMode,
      ocspResponse: this.ocspResponse,
      requireCloseNotify: this.requireCloseNotify,
      database: this.database,
      minimumVersion: this.minimumVersion,
      maximumVersion: this.maximumVersion,
      acceptCertificate: accept,
    })
  }
}
