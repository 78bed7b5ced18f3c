// One accepted connection of a Server: the TLS handshake, the choice of HTTP version, the messages under way on it.
// Made by Server for each stream a listener accepts. Upstream: libsoup/server/soup-server-connection.c

import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TlsServerConnection } from '@wpe-networking/glib-gio'
import type {
  AcceptCertificate,
  SocketAddress,
  TlsAuthenticationMode,
  TlsBackend,
  TlsBackendName,
  TlsCertificate,
  TlsDatabase,
  TlsServerConnectionProperties,
} from '@wpe-networking/glib-gio'
import { RequestPipeline } from './request-pipeline.ts'
import type { ServerMessageDriver } from './server-message-driver.ts'
import type { ServerMessagePeer } from './server-message.ts'

/** What a server needs for TLS. */
export interface ServerTlsOptions {
  readonly certificate: TlsCertificate
  readonly chooseCertificate: TlsServerConnectionProperties['chooseCertificate']
  readonly acceptCertificate: AcceptCertificate
  readonly database: TlsDatabase | null
  readonly authenticationMode: TlsAuthenticationMode
  readonly backend: TlsBackend | TlsBackendName | null
  /** In the order of preference, for ALPN (RFC 7301). */
  readonly protocols: readonly string[]
}

/** Longest wait for a client's side of the TLS handshake. */
const HANDSHAKE_TIMEOUT_MS = 30_000

/** How long the rest of a request is read that was answered before it was whole. */
const LINGER_MS = 30_000

/** An accepted stream, and after `accept` what HTTP is spoken on. */
export class ServerConnection implements ServerMessagePeer {
  /** Number of this connection in its server, from 1; the diagnostics channels carry it. */
  readonly id: number
  readonly localAddress: SocketAddress | null
  readonly remoteAddress: SocketAddress | null
  /** Messages that have not ended. */
  readonly drivers = new Set<ServerMessageDriver>()
  /** Called once, when the stream has closed or was given away. */
  onGone: (() => void) | null = null
  /** Called once, when the stream has closed, whoever had it. */
  onClosed: (() => void) | null = null
  /** Tells the client of HTTP/2 that this connection takes no further requests; null on HTTP/1. */
  goAway: (() => void) | null = null
  readonly #baseIoStream: Duplex
  readonly #closing = new AbortController()
  readonly #waiting = new RequestPipeline()
  #tls: TlsServerConnection | null = null
  #isAccepted = false
  #isClosing = false
  #isGone = false
  #takesNoMore = false
  /** Bytes that had passed when something last did, and when that was noticed. */
  #bytesPassed = -1
  #lastNoticed = 0
  /** Since when the rest of a request that was answered already is read and thrown away; 0 when none is. */
  #lingeringSince = 0

  constructor(id: number, ioStream: Duplex, localAddress: SocketAddress | null, remoteAddress: SocketAddress | null) {
    this.id = id
    this.localAddress = localAddress
    this.remoteAddress = remoteAddress
    this.#baseIoStream = ioStream
    // A reset shows as the close of whatever is read or written at that moment; without a listener it ends the process.
    ioStream.on('error', this.#failed)
    ioStream.on('close', this.#closed)
  }

  /** The stream application data travels on: the TLS one once the handshake is done. */
  get ioStream(): Duplex {
    return this.#tls?.ioStream ?? this.#baseIoStream
  }

  get socket(): Socket | null {
    return this.#baseIoStream instanceof Socket ? this.#baseIoStream : null
  }

  get isTls(): boolean {
    return this.#tls !== null
  }

  /** True when the next response is the last one, which is to say so. */
  get isClosing(): boolean {
    return this.#isClosing && this.#waiting.length === 0
  }

  /** True once nothing further that comes in is looked at. */
  get takesNoMore(): boolean {
    return this.#takesNoMore
  }

  /** Whether requests came in that have not been answered to the end. */
  get isBusy(): boolean {
    return this.drivers.size > 0 || this.#waiting.length > 0
  }

  get isClosed(): boolean {
    return this.#isGone
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
        chooseCertificate: options.chooseCertificate,
        acceptCertificate: options.acceptCertificate,
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
      tls.ioStream.on('error', this.#failed)
    } catch (error) {
      void this.close()
      throw error
    }
  }

  /** From now on requests come in. */
  accepted(): void {
    this.#isAccepted = true
  }

  /** Whether silence here is the server's own: some handler has not answered yet. */
  get isWaitingForHandler(): boolean {
    for (const driver of this.drivers) if (driver.isWaitingForHandler) return true
    return false
  }

  /**
   * Milliseconds nothing has passed, as far as that was noticed by calls of this. A handler's time does not count, nor does
   * that of a stream that is no socket.
   */
  silentFor(now: number): number {
    const { socket } = this
    if (socket === null) return 0
    if (this.#lingeringSince > 0 && now - this.#lingeringSince > LINGER_MS) return Infinity
    const bytes = socket.bytesRead + socket.bytesWritten
    if (bytes !== this.#bytesPassed || this.isWaitingForHandler) {
      this.#bytesPassed = bytes
      this.#lastNoticed = now
    }
    return now - this.#lastNoticed
  }

  /** The client goes on sending a request that was answered; that is borne with for a while. */
  linger(): void {
    if (this.goAway === null) this.#lingeringSince = performance.now()
  }

  /** Starts a message of HTTP/1 when those before it are over: one at a time, in the order in which they came. */
  whenOthersEnded(start: () => void): void {
    if (this.#takesNoMore) return
    this.#lingeringSince = 0
    if (!this.isBusy) {
      start()
      return
    }
    if (!this.#waiting.push(start, this.ioStream)) void this.close()
  }

  /** A message has ended: the next one, if its turn has come. */
  messageEnded(driver: ServerMessageDriver): void {
    this.drivers.delete(driver)
    if (this.#isGone || this.drivers.size > 0) return
    const next = this.#waiting.shift(this.ioStream)
    if (next === undefined) {
      if (this.#isClosing && this.goAway === null) this.#end()
      return
    }
    next()
  }

  /**
   * What comes in from here on is not to be understood. Requests that came in whole are answered all the same, then the
   * connection closes.
   *
   * @returns False when there is none, and nothing was done but to take no more.
   */
  endInput(): boolean {
    this.#takesNoMore = true
    this.#isClosing = true
    for (const driver of this.drivers) {
      if (!driver.isRequestWhole) {
        void this.close()
        return true
      }
    }
    return this.drivers.size > 0
  }

  /** Lets what is under way finish, then closes. Resolves when the stream is closed. May be called twice. */
  finish(): Promise<void> {
    this.#isClosing = true
    if (!this.#isAccepted) return this.close()
    if (this.goAway !== null) this.goAway()
    else if (this.drivers.size === 0) this.#end()
    return this.#whenClosed()
  }

  /** Breaks off whatever is under way. Resolves when the stream is closed. May be called twice. */
  async close(): Promise<void> {
    if (this.#isGone && !this.#baseIoStream.destroyed) return
    this.#closing.abort()
    this.#tls?.ioStream.destroy()
    this.#baseIoStream.destroy()
    await this.#whenClosed()
  }

  /** The stream is somebody else's from now on. */
  release(): void {
    const stream = this.ioStream
    stream.off('error', this.#failed)
    this.#baseIoStream.off('error', this.#failed)
    // Failures are the new owner's to see, by 'close' at the latest; none may end the process before that.
    stream.on('error', ignore)
    this.#baseIoStream.on('error', ignore)
    this.#gone()
  }

  /** Sends what was written, then closes. */
  #end(): void {
    const stream = this.ioStream
    stream.end(() => void this.close())
  }

  async #whenClosed(): Promise<void> {
    if (this.#baseIoStream.closed) return
    await new Promise<void>((resolve) => this.#baseIoStream.once('close', resolve))
  }

  #gone(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#waiting.clear()
    this.onGone?.()
  }

  readonly #failed = (): void => void this.close()

  readonly #closed = (): void => {
    this.#gone()
    this.onClosed?.()
    for (const driver of this.drivers) driver.onClose()
  }
}

function ignore(): void {
  // See release().
}
