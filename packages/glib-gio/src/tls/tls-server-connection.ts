// The server end of a TLS connection. Called by libsoup's Server. Upstream: glib/gio/gtlsserverconnection.c.

import type { Duplex } from 'node:stream'
import type {
  AcceptCertificate,
  TlsAuthenticationMode,
  TlsBackend,
  TlsBackendConnection,
  TlsCertificate,
} from '@wpe-networking/glib-networking-base'
import { readServerName } from './client-hello.ts'
import { TlsConnection } from './tls-connection.ts'
import type { TlsConnectionProperties } from './tls-connection.ts'

export interface TlsServerConnectionProperties extends TlsConnectionProperties {
  /** With its private key and the chain of its issuers. */
  readonly certificate: TlsCertificate
  /**
   * Chooses another certificate for the name the client asks for (SNI, RFC 6066 section 3), null when it names none. Null
   * stands for `certificate`; a promise holds the handshake, what is thrown ends it. Not part of GIO.
   */
  readonly chooseCertificate?:
    ((serverName: string | null) => TlsCertificate | null | Promise<TlsCertificate | null>) | undefined
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
  chooseCertificate: TlsServerConnectionProperties['chooseCertificate']
  authenticationMode: TlsAuthenticationMode | undefined
  ocspResponse: Uint8Array | undefined

  #serverName: string | null = null

  private constructor(baseIoStream: Duplex, properties: TlsServerConnectionProperties) {
    super(baseIoStream, properties)
    this.certificate = properties.certificate
    this.chooseCertificate = properties.chooseCertificate
    this.authenticationMode = properties.authenticationMode
    this.ocspResponse = properties.ocspResponse
  }

  /** Nothing is read or sent, and no library loaded, before {@link TlsConnection.handshake}. */
  static create(baseIoStream: Duplex, properties: TlsServerConnectionProperties): TlsServerConnection {
    return new TlsServerConnection(baseIoStream, properties)
  }

  /** The name the client asked for; null when it named none, and where no certificate is chosen by name. */
  get serverName(): string | null {
    return this.#serverName
  }

  protected override prepare(signal: AbortSignal | undefined): Promise<void> | null {
    return this.chooseCertificate ? this.#chooseBy(this.chooseCertificate, signal) : null
  }

  async #chooseBy(
    choose: NonNullable<TlsServerConnectionProperties['chooseCertificate']>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    this.#serverName = await readServerName(this.baseIoStream, signal)
    const chosen = await choose(this.#serverName)
    if (chosen !== null) this.certificate = chosen
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
