// The contract every TLS library is put behind; glib-gio calls it, -openssl and -gnutls implement it.
// Upstream: glib/gio/gtlsbackend.c, gtlsclientconnection.c, gtlsserverconnection.c and glib-networking/tls/base.

import type { Duplex } from 'node:stream'
import type { TlsAuthenticationMode } from './tls-authentication-mode.ts'
import type { TlsCertificate } from './certificates/tls-certificate.ts'
import type { TlsCertificateFlags } from './tls-certificate-flags.ts'
import type { DtlsBackend } from './dtls/dtls-backend.ts'
import type { TlsInteraction } from './interaction/tls-interaction.ts'
import type { TlsChannelBindingType } from './tls-channel-binding.ts'
import type { TlsDatabase } from './trust/tls-database.ts'
import type { VerifyChainOptions } from './verification/verify-chain.ts'
import type { TlsProtocolVersion } from './tls-protocol-version.ts'

/**
 * Decides about a certificate that failed a check. Called at most once per handshake, never when nothing is wrong.
 * False ends the handshake with TlsError `BAD_CERTIFICATE`; true carries on, and the flags stay readable in the result.
 */
export type AcceptCertificate = (certificate: TlsCertificate, errors: TlsCertificateFlags) => boolean

export interface TlsClientConnectionOptions {
  /** The host name or IP address the certificate must be for; a host name is sent as SNI too. Null checks no identity. */
  readonly serverIdentity: string | null
  /** ALPN protocols, most wanted first (RFC 7301). None: the extension is not sent. */
  readonly advertisedProtocols?: readonly string[] | undefined
  /** The anchors to trust; default {@link TlsDatabase.getDefault}. */
  readonly database?: TlsDatabase | undefined
  /** The client's own certificate, with its private key, for servers that ask for one. */
  readonly certificate?: TlsCertificate | undefined
  /** Asked for a certificate when the server wants one and {@link TlsClientConnectionOptions.certificate} is not set. */
  readonly interaction?: TlsInteraction | undefined
  /** Whether a peer that vanishes without close_notify is an error (TlsError `EOF`) or an end; default true. */
  readonly requireCloseNotify?: boolean | undefined
  /** Default `TLS_1_2`. */
  readonly minimumVersion?: TlsProtocolVersion | undefined
  /** Default: the newest the library knows. */
  readonly maximumVersion?: TlsProtocolVersion | undefined
  /** Default: nothing that failed a check is accepted. */
  readonly acceptCertificate?: AcceptCertificate | undefined
}

export interface TlsServerConnectionOptions {
  /** The server's certificate with its private key; its chain of issuers is sent along. */
  readonly certificate: TlsCertificate
  /** ALPN protocols, most wanted first. A client that offers none of them is refused; one that sends no ALPN is not. */
  readonly advertisedProtocols?: readonly string[] | undefined
  /** Default `NONE`. */
  readonly authenticationMode?: TlsAuthenticationMode | undefined
  /** A DER OCSP response for the certificate, stapled for clients that ask for one (RFC 6066 section 8). */
  readonly ocspResponse?: Uint8Array | undefined
  /** As {@link TlsClientConnectionOptions.requireCloseNotify}. */
  readonly requireCloseNotify?: boolean | undefined
  /** The anchors client certificates are checked against; default {@link TlsDatabase.getDefault}. */
  readonly database?: TlsDatabase | undefined
  /** Default `TLS_1_2`. */
  readonly minimumVersion?: TlsProtocolVersion | undefined
  /** Default: the newest the library knows. */
  readonly maximumVersion?: TlsProtocolVersion | undefined
  /** Decides about a client certificate that failed a check; default: refuse it. */
  readonly acceptCertificate?: AcceptCertificate | undefined
}

/** What a finished handshake agreed on. */
export interface TlsHandshakeResult {
  readonly protocolVersion: TlsProtocolVersion
  /** The IANA name, such as `TLS_AES_128_GCM_SHA256`. */
  readonly ciphersuiteName: string
  /** The ALPN protocol, or null when none was agreed. */
  readonly negotiatedProtocol: string | null
  /** The peer's certificate with its issuers as far as sent; null when it sent none. */
  readonly peerCertificate: TlsCertificate | null
  /** 0 unless `acceptCertificate` let a certificate pass that failed these checks. */
  readonly peerCertificateErrors: TlsCertificateFlags
  /** Whether an earlier session was resumed. */
  readonly resumed: boolean
  /** On a client: the authorities the server takes certificates from, as DER names; empty when it did not ask or say. */
  readonly acceptedCas: readonly Uint8Array[]
}

export interface TlsHandshakeOptions {
  /** Aborting destroys the connection and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** One TLS connection over a byte stream. */
export interface TlsBackendConnection {
  /**
   * Does the handshake, once; later calls give the same result. On failure the underlying stream is destroyed.
   *
   * @throws {TlsError} `BAD_CERTIFICATE`, `NOT_TLS`, `HANDSHAKE`, `CERTIFICATE_REQUIRED`, `EOF`, `MISC`; a failure of
   *   the underlying stream is thrown as it is; an abort throws the signal's reason.
   */
  handshake(options?: TlsHandshakeOptions): Promise<TlsHandshakeResult>
  /**
   * What ties an authentication above to this very connection; the same bytes on both ends.
   *
   * @throws {TlsChannelBindingError} `INVALID_STATE` before the handshake is done; `NOT_SUPPORTED` for `TLS_UNIQUE` in TLS
   *   1.3; `NOT_AVAILABLE`, `NOT_IMPLEMENTED`, `GENERAL_ERROR`.
   */
  getChannelBindingData(type: TlsChannelBindingType): Buffer
  /**
   * The application data, readable and writable once the handshake is done. Ending it sends close_notify, destroying it
   * destroys the underlying stream. A peer that vanishes without close_notify makes it fail with TlsError `EOF` where
   * the library lets that be seen.
   */
  readonly stream: Duplex
}

/** A TLS library. */
export interface TlsBackend {
  /** `openssl` or `gnutls`. */
  readonly name: string
  /** The version of the library that really does the work, such as `3.5.4`. */
  readonly version: string
  /** A client over a connected `baseIoStream`, which from now on belongs to the connection. */
  createClientConnection(baseIoStream: Duplex, options: TlsClientConnectionOptions): TlsBackendConnection
  /** A server over an accepted `baseIoStream`, which from now on belongs to the connection. */
  createServerConnection(baseIoStream: Duplex, options: TlsServerConnectionOptions): TlsBackendConnection
  /**
   * What is wrong with a chain, without a connection: the shared checks, with this library's cryptography.
   *
   * @param certificates The leaf, then whatever came with it, in any order.
   */
  verifyChain(certificates: readonly TlsCertificate[], options: VerifyChainOptions): TlsCertificateFlags
  /** TLS over datagrams; null when the library cannot do it. */
  readonly dtls: DtlsBackend | null
}

/** What the package of a backend exports as `load`, its entry point; throws TlsError `UNAVAILABLE`. */
export type LoadTlsBackend = () => TlsBackend
