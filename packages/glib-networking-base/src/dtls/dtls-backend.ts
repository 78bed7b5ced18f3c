// The part of the contract for TLS over datagrams; a library that cannot do it has none.
// Upstream: glib/gio/gdtlsconnection.c, gdtlsclientconnection.c, gdtlsserverconnection.c. RFC 6347.

import type {
  TlsClientConnectionOptions,
  TlsHandshakeOptions,
  TlsHandshakeResult,
  TlsServerConnectionOptions,
} from '../tls-backend.ts'
import type { TlsChannelBindingType } from '../tls-channel-binding.ts'
import type { DatagramBased } from './datagram-based.ts'

export interface DtlsOptions {
  /** Largest datagram to send, in bytes, without the headers of UDP and IP; default 1200, which fits every path. */
  readonly mtu?: number | undefined
  /** How long an unanswered flight waits before it is sent again, in milliseconds, doubled each time; default 1000. */
  readonly retransmissionTimeoutMs?: number | undefined
  /** How long the whole handshake may take, in milliseconds; default 60 000. */
  readonly handshakeTimeoutMs?: number | undefined
}

type OverStreamsOnly = 'minimumVersion' | 'maximumVersion' | 'requireCloseNotify' | 'interaction'

/** As for TLS over a stream; the version is DTLS 1.2, each handshake is a full one, and nobody is asked in its middle. */
export type DtlsClientConnectionOptions = Omit<TlsClientConnectionOptions, OverStreamsOnly> & DtlsOptions

/** As for TLS over a stream; the version is DTLS 1.2. */
export type DtlsServerConnectionOptions = Omit<TlsServerConnectionOptions, OverStreamsOnly> &
  DtlsOptions & {
    /** What {@link DtlsCookieExchange.accept} gave for this client; without it no cookie is asked for. */
    readonly cookie?: DtlsAcceptedCookie | undefined
  }

/** One DTLS connection. As a {@link DatagramBased} it carries what is protected, one message a record. */
export interface DtlsBackendConnection extends DatagramBased {
  /**
   * Does the handshake, once, sending lost flights again; later calls give the same result.
   *
   * @throws {TlsError} As for TLS; `HANDSHAKE` also when the peer has not answered in time. An abort throws the signal's
   *   reason. After any error the datagrams below are closed.
   */
  handshake(options?: TlsHandshakeOptions): Promise<TlsHandshakeResult>
  /** Largest message {@link DatagramBased.send} takes, in bytes; known after the handshake. */
  readonly maximumMessageBytes: number
  /** @throws {TlsChannelBindingError} As for TLS. */
  getChannelBindingData(type: TlsChannelBindingType): Buffer
}

/** Proof that a client can receive at the address it sends from. Opaque; good for one server connection. */
export interface DtlsAcceptedCookie {
  readonly recordSequence: number
  readonly handshakeReadSequence: number
  readonly handshakeWriteSequence: number
}

/**
 * The stateless first step of a server (RFC 6347 section 4.2.1): nothing is kept for a client before it has shown, by
 * sending a cookie back, that its address is its own.
 */
export interface DtlsCookieExchange {
  /**
   * Looks at the first datagram of an unknown client.
   *
   * @param clientAddress Bytes that tell the client from others, such as address and port.
   * @param reply Sends one datagram back; called when the client has to come again with a cookie.
   * @returns Null when there was no good cookie. Otherwise make a server connection with it, and feed it this datagram.
   */
  accept(datagram: Uint8Array, clientAddress: Uint8Array, reply: (datagram: Buffer) => void): DtlsAcceptedCookie | null
}

/** DTLS by one library. */
export interface DtlsBackend {
  createClientConnection(base: DatagramBased, options: DtlsClientConnectionOptions): DtlsBackendConnection
  createServerConnection(base: DatagramBased, options: DtlsServerConnectionOptions): DtlsBackendConnection
  /** With a secret of its own. */
  createCookieExchange(): DtlsCookieExchange
}
