// One accepted connection of a Server: the TLS handshake, the choice of HTTP version, the messages under way on it.
// Made by Server for each stream a listener accepts. Upstream: libsoup/server/soup-server-connection.c

import type { Duplex } from 'node:stream'
import { TlsServerConnection } from '@wpe-networking/glib-gio'
import type {
  SocketAddress,
  TlsAuthenticationMode,
  TlsBackend,
  TlsBackendName,
  TlsCertificate,
  TlsDatabase,
} from '@wpe-networking/glib-gio'
import type { ServerMessageDriver } from './server-message-driver.ts'
import type { ServerMessagePeer } from './server-message.ts'

/** What a server needs for TLS. */
export interface ServerTlsOptions {
  readonly certificate: TlsCertificate
  readonly database: TlsDatabase | null
  readonly authenticationMode: TlsAuthenticationMode
  readonly backend: TlsBackend | TlsBackendName | null
  /** In the order of preference, for ALPN (RFC 7301). */
  readonly protocols: readonly string[]
}

/** Longest wait for a client's side of the TLS handshake. */
const HANDSHAKE_TIMEOUT_MS = 30_000

/** An accepted stream, and after `accept` what HTTP is spoken on. */
export class ServerConnection implements ServerMessagePeer {
  /** Number of this connection in its server, from 1; the diagnostics channels carry it. */
  readonly id: number
  readonly localAddress: SocketAddress | null
  readonly remoteAddress: SocketAddress | null
  /** Messages that have not ended. */
  readonly drivers = new Set<ServerMessageDriver>()
  readonly #baseIoStream: Duplex
  readonly #closing = new AbortController()
  #tls: TlsServerConnection | null = null

  constructor(id: number, ioStream: Duplex, localAddress: SocketAddress | null, remoteAddress: SocketAddress | null) {
    this.id = id
    this.localAddress = localAddress
    this.remoteAddress = remoteAddress
    this.#baseIoStream = ioStream
    // A reset shows as the close of whatever is read or written at that moment; without a listener it ends the process.
    ioStream.on('error', () => void this.close())
  }

  /** The stream application data travels on: the TLS one once the handshake is done. */
  get ioStream(): Duplex {
    return this.#tls?.ioStream ?? this.#baseIoStream
  }

  get isTls(): boolean {
    return this.#tls !== null
  }

  /** What ALPN settled on, or null. */
  get negotiatedProtocol(): string | null {
    return this.#tls?.negotiatedProtocol ?? null
  }

  get tlsPeerCertificate(): TlsCertificate | null {
    return this.#tls?.peerCertificate ?? null
  }

  get tlsPeerCertificateErrors(): number {
    return this.#tls?.peerCertificateErrors ?? 0
  }

  /**
   * Does the TLS handshake, as the server.
   *
   * @throws {TlsError} when it fails or takes longer than 30 s; the connection is closed then.
   */
  async handshake(options: ServerTlsOptions): Promise<void> {
    try {
      const tls = TlsServerConnection.create(this.#baseIoStream, {
        certificate: options.certificate,
        advertisedProtocols: options.protocols,
        authenticationMode: options.authenticationMode,
        requireCloseNotify: false,
        ...(options.database && { database: options.database }),
        ...(options.backend && { backend: options.backend }),
      })
      await tls.handshake({
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS)]),
      })
      this.#tls = tls
      tls.ioStream.on('error', () => void this.close())
    } catch (error) {
      void this.close()
      throw error
    }
  }

  /** Whether silence here is the server's own: some handler has not answered yet. */
  get isWaitingForHandler(): boolean {
    for (const driver of this.drivers) if (driver.isWaitingForHandler) return true
    return false
  }

  /** Breaks off whatever is under way. Resolves when the stream is closed. May be called twice. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#tls?.ioStream.destroy()
    this.#baseIoStream.destroy()
    if (!this.#baseIoStream.closed) await new Promise<void>((resolve) => this.#baseIoStream.once('close', resolve))
  }
}
