// What the client and the server end of a TLS connection share. Upstream: glib/gio/gtlsconnection.c.

import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { TlsProtocolVersion } from '@wpe-networking/glib-networking-base'
import type {
  AcceptCertificate,
  TlsBackend,
  TlsBackendConnection,
  TlsCertificate,
  TlsCertificateFlags,
  TlsDatabase,
  TlsHandshakeResult,
} from '@wpe-networking/glib-networking-base'
import { timestamp, tlsChannel } from '../diagnostics.ts'
import { IOError } from '../io-error.ts'
import { nodeErrorCode } from '../node-error.ts'
import { closeStream } from '../sockets/socket-connection.ts'
import { getDefaultTlsBackend, loadTlsBackend } from './tls-backend.ts'
import type { TlsBackendName } from './tls-backend.ts'

export interface TlsConnectionProperties {
  /** ALPN protocols, most wanted first. */
  readonly advertisedProtocols?: readonly string[] | undefined
  /** The anchors to trust; default the backend's, which are the system's. */
  readonly database?: TlsDatabase | undefined
  /** Lowest version to agree to; default TLS 1.2. */
  readonly minimumVersion?: TlsProtocolVersion | undefined
  /** Default `getDefaultTlsBackend()`. */
  readonly backend?: TlsBackend | TlsBackendName | undefined
  /** Asked before the signal of the same name; any yes is enough. */
  readonly acceptCertificate?: AcceptCertificate | undefined
}

/** The signals of a TLS connection. */
export interface TlsConnectionEvents {
  /**
   * The peer's certificate failed the checks in `errors` (never 0). Comes at most once, during the handshake. To go on
   * all the same, call `accept` before returning; otherwise the handshake fails with `BAD_CERTIFICATE`.
   */
  'accept-certificate': [certificate: TlsCertificate, errors: TlsCertificateFlags, accept: () => void]
}

/** Where a connection is in its life. */
type HandshakeState = 'idle' | 'handshaking' | 'established' | 'failed'

const NEXT: Readonly<Record<HandshakeState, readonly HandshakeState[]>> = {
  idle: ['handshaking'],
  handshaking: ['established', 'failed'],
  established: [],
  failed: [],
}

let connections = 0

/** Base of `TlsClientConnection` and `TlsServerConnection`. Properties may be set until the handshake begins. */
export abstract class TlsConnection extends EventEmitter<TlsConnectionEvents> {
  /** What the handshake runs over; belongs to the TLS connection from then on. A raw socket is handed on as it is. */
  readonly baseIoStream: Duplex
  advertisedProtocols: readonly string[]
  database: TlsDatabase | undefined
  minimumVersion: TlsProtocolVersion | undefined
  backend: TlsBackend | TlsBackendName | undefined
  acceptCertificate: AcceptCertificate | undefined
  readonly #connectionId = ++connections
  #state: HandshakeState = 'idle'
  #handshake: Promise<void> | undefined
  #backend: TlsBackend | undefined
  #connection: TlsBackendConnection | undefined
  #result: TlsHandshakeResult | undefined

  protected constructor(baseIoStream: Duplex, properties: TlsConnectionProperties) {
    super()
    this.baseIoStream = baseIoStream
    this.advertisedProtocols = properties.advertisedProtocols ?? []
    this.database = properties.database
    this.minimumVersion = properties.minimumVersion
    this.backend = properties.backend
    this.acceptCertificate = properties.acceptCertificate
  }

  protected abstract readonly side: 'client' | 'server'
  /** What the peer has to prove to be; null on the server and where nothing is asked for. */
  abstract readonly serverIdentity: string | null
  protected abstract open(backend: TlsBackend, accept: AcceptCertificate): TlsBackendConnection

  /**
   * Does the handshake. A second call waits for the first one and has no effect of its own.
   *
   * @param options.signal Aborting destroys the stream below.
   * @throws {TlsError} `UNAVAILABLE`, `BAD_CERTIFICATE` (failed checks in `error.flags`), `HANDSHAKE`, `NOT_TLS`, `EOF`, …
   * @throws {IOError} `CANCELLED`, or what happened to the stream below. After any error that stream is destroyed.
   */
  handshake(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    this.#handshake ??= this.#doHandshake(options.signal)
    return this.#handshake
  }

  /** The decrypted stream. @throws {IOError} `NOT_INITIALIZED` before the handshake is done. */
  get ioStream(): Duplex {
    if (this.#state !== 'established' || !this.#connection) {
      throw new IOError('NOT_INITIALIZED', 'The TLS handshake is not done yet.')
    }
    return this.#connection.stream
  }

  /** null before the handshake, and when the peer has shown none. */
  get peerCertificate(): TlsCertificate | null {
    return this.#result?.peerCertificate ?? null
  }

  /** What was wrong with a certificate that was accepted all the same; 0 if nothing. */
  get peerCertificateErrors(): TlsCertificateFlags {
    return this.#result?.peerCertificateErrors ?? 0
  }

  get protocolVersion(): TlsProtocolVersion {
    return this.#result?.protocolVersion ?? TlsProtocolVersion.UNKNOWN
  }

  /** 'TLS_AES_128_GCM_SHA256'; '' before the handshake. */
  get ciphersuiteName(): string {
    return this.#result?.ciphersuiteName ?? ''
  }

  /** null when no protocol was agreed on by ALPN. */
  get negotiatedProtocol(): string | null {
    return this.#result?.negotiatedProtocol ?? null
  }

  /** True when keys of an earlier session were used again. */
  get resumed(): boolean {
    return this.#result?.resumed ?? false
  }

  /** 'openssl' or 'gnutls'; null before the handshake. */
  get backendName(): string | null {
    return this.#backend?.name ?? null
  }

  /** Sends what was written and the closing alert, then closes the stream below too. */
  close(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    const stream = this.#state === 'established' ? this.ioStream : this.baseIoStream.destroy()
    return closeStream(stream, options.signal, (ended) => ended.destroy())
  }

  async #doHandshake(signal: AbortSignal | undefined): Promise<void> {
    this.#moveTo('handshaking')
    try {
      IOError.throwIfCancelled(signal)
      this.#backend = await this.#chooseBackend()
      IOError.throwIfCancelled(signal)
      this.#report({ state: 'handshaking' })
      this.#connection = this.open(this.#backend, this.#accept)
      const result = await this.#connection.handshake({ signal })
      this.#result = result
    } catch (cause) {
      const error = asHandshakeError(cause, signal, this.serverIdentity)
      this.#moveTo('failed')
      this.baseIoStream.on('error', ignore).destroy()
      this.#report({ state: 'failed', error })
      throw error
    }
    this.#moveTo('established')
    const { ciphersuiteName, negotiatedProtocol, resumed } = this.#result
    this.#report({ state: 'handshaked', ciphersuiteName, negotiatedProtocol, resumed })
  }

  #chooseBackend(): TlsBackend | Promise<TlsBackend> {
    if (this.backend === undefined) return getDefaultTlsBackend()
    return typeof this.backend === 'string' ? loadTlsBackend(this.backend) : this.backend
  }

  readonly #accept: AcceptCertificate = (certificate, errors) => {
    let accepted = this.acceptCertificate?.(certificate, errors) ?? false
    this.emit('accept-certificate', certificate, errors, () => {
      accepted = true
    })
    return accepted
  }

  #moveTo(next: HandshakeState): void {
    if (!NEXT[this.#state].includes(next)) throw new Error(`TLS connection cannot go from ${this.#state} to ${next}.`)
    this.#state = next
  }

  #report(message: {
    state: 'handshaking' | 'handshaked' | 'failed'
    ciphersuiteName?: string
    negotiatedProtocol?: string | null
    resumed?: boolean
    error?: unknown
  }): void {
    if (!tlsChannel.hasSubscribers) return
    tlsChannel.publish({
      time: timestamp(),
      connectionId: this.#connectionId,
      side: this.side,
      backend: this.#backend?.name ?? '',
      serverIdentity: this.serverIdentity,
      ...message,
    })
  }
}

/** Backends throw TlsError, the signal's reason, or what Node said about the stream below. Only the last two change. */
function asHandshakeError(cause: unknown, signal: AbortSignal | undefined, identity: string | null): unknown {
  if (signal?.aborted) return IOError.cancelled(signal)
  const isFromNode = nodeErrorCode(cause) !== '' && !(cause instanceof Error && 'domain' in cause && cause.domain)
  const what = identity === null ? 'The TLS handshake failed' : `The TLS handshake with ${identity} failed`
  return isFromNode ? IOError.fromNode(cause, what) : cause
}

function ignore(): void {
  // handshake() has already rejected with the reason.
}
