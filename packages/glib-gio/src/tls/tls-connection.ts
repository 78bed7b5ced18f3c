// What the client and the server end of TLS over a stream share. Upstream: glib/gio/gtlsconnection.c.

import type { Duplex } from 'node:stream'
import type { TlsBackendConnection, TlsProtocolVersion } from '@wpe-networking/glib-networking-base'
import { closeStream } from '../sockets/socket-connection.ts'
import { TlsConnectionBase } from './tls-connection-base.ts'
import type { TlsBaseProperties } from './tls-connection-base.ts'

export interface TlsConnectionProperties extends TlsBaseProperties {
  /** Lowest version to agree to; default TLS 1.2. */
  readonly minimumVersion?: TlsProtocolVersion | undefined
  /** Highest version to agree to; default the newest the library knows. */
  readonly maximumVersion?: TlsProtocolVersion | undefined
  /** See {@link TlsConnection.requireCloseNotify}; default true. */
  readonly requireCloseNotify?: boolean | undefined
}

/** Base of `TlsClientConnection` and `TlsServerConnection`. Properties may be set until the handshake begins. */
export abstract class TlsConnection extends TlsConnectionBase<TlsBackendConnection> {
  /** What the handshake runs over; belongs to the TLS connection from then on. A raw socket is handed on as it is. */
  readonly baseIoStream: Duplex
  minimumVersion: TlsProtocolVersion | undefined
  maximumVersion: TlsProtocolVersion | undefined
  /**
   * Whether a peer that goes without close_notify is an error (`EOF`) for the reader, or just the end. Without it nobody
   * knows whether the peer had more to say, or was cut off by somebody else.
   */
  requireCloseNotify: boolean

  protected constructor(baseIoStream: Duplex, properties: TlsConnectionProperties) {
    super(properties)
    this.baseIoStream = baseIoStream
    this.minimumVersion = properties.minimumVersion
    this.maximumVersion = properties.maximumVersion
    this.requireCloseNotify = properties.requireCloseNotify ?? true
  }

  /** The decrypted stream; as that of a `SocketConnection` it never ends the process when it fails. @throws {IOError} `NOT_INITIALIZED` before the handshake is done. */
  get ioStream(): Duplex {
    return this.established.stream
  }

  /** Sends what was written and the closing alert, then closes the stream below too. */
  close(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    const stream = this.isEstablished ? this.ioStream : this.baseIoStream.destroy()
    return closeStream(stream, options.signal, (ended) => ended.destroy())
  }

  protected override onEstablished(): void {
    this.ioStream.on('error', ignore)
  }

  protected closeBase(): void {
    this.baseIoStream.on('error', ignore).destroy()
  }
}

function ignore(): void {
  // handshake() has rejected with the reason; later the reader, the writer and 'close' get to know.
}
