// What the client and the server end of TLS over datagrams share. Upstream: glib/gio/gdtlsconnection.c. RFC 6347.

import { TlsError } from '@wpe-networking/glib-networking-base'
import type {
  DatagramBased,
  DatagramReceiver,
  DtlsBackend,
  DtlsBackendConnection,
  TlsBackend,
} from '@wpe-networking/glib-networking-base'
import { IOError } from '../io-error.ts'
import { TlsConnectionBase } from './tls-connection-base.ts'
import type { TlsBaseProperties } from './tls-connection-base.ts'

/** What is said about datagrams as such, and not about TLS. */
export interface DtlsConnectionProperties extends TlsBaseProperties {
  /** Largest datagram to send, in bytes, without the headers of UDP and IP; default 1200, which fits every path. */
  readonly mtu?: number | undefined
  /** How long an unanswered flight waits before it is sent again, in milliseconds, doubled each time; default 1000. */
  readonly retransmissionTimeoutMs?: number | undefined
  /** How long the whole handshake may take, in milliseconds; default 60 000. */
  readonly handshakeTimeoutMs?: number | undefined
}

/**
 * Base of `DtlsClientConnection` and `DtlsServerConnection`. It carries messages as {@link DatagramBased} does, each in a
 * record of its own; they may get lost, but neither read nor forged.
 */
export abstract class DtlsConnection extends TlsConnectionBase<DtlsBackendConnection> implements DatagramBased {
  /** What the handshake runs over; belongs to the connection from then on. */
  readonly baseSocket: DatagramBased
  mtu: number | undefined
  retransmissionTimeoutMs: number | undefined
  handshakeTimeoutMs: number | undefined

  protected constructor(baseSocket: DatagramBased, properties: DtlsConnectionProperties) {
    super(properties)
    this.baseSocket = baseSocket
    this.mtu = properties.mtu
    this.retransmissionTimeoutMs = properties.retransmissionTimeoutMs
    this.handshakeTimeoutMs = properties.handshakeTimeoutMs
  }

  /** Largest message `send` takes, in bytes. @throws {IOError} `NOT_INITIALIZED` before the handshake is done. */
  get maximumMessageBytes(): number {
    return this.established.maximumMessageBytes
  }

  /**
   * Sends one message; that it was lost is not told.
   *
   * @throws {IOError} `NOT_INITIALIZED` before the handshake is done, `MESSAGE_TOO_LARGE`.
   */
  send(message: Uint8Array): void {
    const maximum = this.maximumMessageBytes
    if (message.byteLength > maximum) {
      throw new IOError('MESSAGE_TOO_LARGE', `A message of this connection holds at most ${maximum} bytes.`)
    }
    this.established.send(message)
  }

  /** Begins to receive, once. @throws {IOError} `NOT_INITIALIZED` before the handshake is done. */
  receive(receiver: DatagramReceiver): void {
    this.established.receive(receiver)
  }

  /** Sends the closing alert, if there was a handshake, and closes what is below. */
  close(): void {
    if (this.isEstablished) this.established.close()
    else this.closeBase()
  }

  /** @throws {TlsError} `UNAVAILABLE` when the library of `backend` has no DTLS. */
  protected dtlsOf(backend: TlsBackend): DtlsBackend {
    if (backend.dtls) return backend.dtls
    throw new TlsError('UNAVAILABLE', `The TLS backend "${backend.name}" has no TLS over datagrams; "gnutls" has.`)
  }

  protected closeBase(): void {
    this.baseSocket.close()
  }
}
