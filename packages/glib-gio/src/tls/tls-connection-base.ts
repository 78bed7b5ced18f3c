// What all four ends of TLS share, over streams and over datagrams: properties, the handshake and what it found out.
// Upstream: glib/gio/gtlsconnection.c, gdtlsconnection.c, glib-networking/tls/base/gtlsconnection-base.c.

import { EventEmitter } from 'node:events'
import { TlsChannelBindingError, TlsProtocolVersion } from '@wpe-networking/glib-networking-base'
import type {
  AcceptCertificate,
  TlsBackend,
  TlsCertificate,
  TlsCertificateFlags,
  TlsChannelBindingType,
  TlsDatabase,
  TlsHandshakeOptions,
  TlsHandshakeResult,
} from '@wpe-networking/glib-networking-base'
import { timestamp, tlsChannel } from '../diagnostics.ts'
import { IOError } from '../io-error.ts'
import { nodeErrorCode } from '../node-error.ts'
import { getDefaultTlsBackend, loadTlsBackend } from './tls-backend.ts'
import type { TlsBackendName } from './tls-backend.ts'

/** Common to streams and datagrams. */
export interface TlsBaseProperties {
  /** ALPN protocols, most wanted first. */
  readonly advertisedProtocols?: readonly string[] | undefined
  /** The anchors to trust; default the backend's, which are the system's. */
  readonly database?: TlsDatabase | undefined
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

/** What a backend's connections over streams and over datagrams have in common. */
interface BackendConnection {
  handshake(options?: TlsHandshakeOptions): Promise<TlsHandshakeResult>
  getChannelBindingData(type: TlsChannelBindingType): Buffer
}

let connections = 0

/** Base of `TlsConnection` and `DtlsConnection`. Properties may be set until the handshake begins. */
export abstract class TlsConnectionBase<
  Connection extends BackendConnection,
> extends EventEmitter<TlsConnectionEvents> {
  advertisedProtocols: readonly string[]
  database: TlsDatabase | undefined
  backend: TlsBackend | TlsBackendName | undefined
  acceptCertificate: AcceptCertificate | undefined
  readonly #connectionId = ++connections
  #state: HandshakeState = 'idle'
  #handshake: Promise<void> | undefined
  #backend: TlsBackend | undefined
  #connection: Connection | undefined
  #result: TlsHandshakeResult | undefined

  protected constructor(properties: TlsBaseProperties) {
    super()
    this.advertisedProtocols = properties.advertisedProtocols ?? []
    this.database = properties.database
    this.backend = properties.backend
    this.acceptCertificate = properties.acceptCertificate
  }

  protected abstract readonly side: 'client' | 'server'
  /** What the peer has to prove to be; null on the server and where nothing is asked for. */
  abstract readonly serverIdentity: string | null
  /** This end's own certificate, with its private key. */
  abstract certificate: TlsCertificate | undefined
  protected abstract open(backend: TlsBackend, accept: AcceptCertificate): Connection
  /** What has to be known before the library is called; null when everything is. */
  protected prepare(_signal: AbortSignal | undefined): Promise<void> | null {
    return null
  }
  /** After a handshake that failed: closes what it ran over. */
  protected abstract closeBase(): void
  /** After a handshake that worked. */
  protected onEstablished(): void {}

  /**
   * Does the handshake. A second call waits for the first one and has no effect of its own.
   *
   * @param options.signal Aborting closes what is below.
   * @throws {TlsError} `UNAVAILABLE`, `BAD_CERTIFICATE` (failed checks in `error.flags`), `HANDSHAKE`, `NOT_TLS`, `EOF`, …
   * @throws {IOError} `CANCELLED`, or what happened below. After any error what is below is closed.
   */
  handshake(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    this.#handshake ??= this.#doHandshake(options.signal)
    return this.#handshake
  }

  /** What the library made. @throws {IOError} `NOT_INITIALIZED` before the handshake is done. */
  protected get established(): Connection {
    if (this.#state !== 'established' || !this.#connection) {
      throw new IOError('NOT_INITIALIZED', 'The TLS handshake is not done yet.')
    }
    return this.#connection
  }

  protected get isEstablished(): boolean {
    return this.#state === 'established'
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

  /** The authorities the server takes certificates from, as DER names. */
  protected get acceptedAuthorities(): readonly Uint8Array[] {
    return this.#result?.acceptedCas ?? []
  }

  /**
   * What ties an authentication above to this very connection; the same bytes on both ends (RFC 5929, RFC 9266).
   *
   * @throws {TlsChannelBindingError} `INVALID_STATE` before the handshake is done; `NOT_SUPPORTED` for `TLS_UNIQUE` in
   *   TLS 1.3; `NOT_AVAILABLE`, `NOT_IMPLEMENTED`, `GENERAL_ERROR`.
   */
  getChannelBindingData(type: TlsChannelBindingType): Buffer {
    if (!this.isEstablished) {
      throw new TlsChannelBindingError('INVALID_STATE', 'There is no channel binding before the TLS handshake is done.')
    }
    return this.established.getChannelBindingData(type)
  }

  /** 'openssl' or 'gnutls'; null before the handshake. */
  get backendName(): string | null {
    return this.#backend?.name ?? null
  }

  async #doHandshake(signal: AbortSignal | undefined): Promise<void> {
    this.#moveTo('handshaking')
    try {
      IOError.throwIfCancelled(signal)
      this.#backend = await this.#chooseBackend()
      IOError.throwIfCancelled(signal)
      this.#report({ state: 'handshaking' })
      const preparation = this.prepare(signal)
      if (preparation !== null) {
        await preparation
        IOError.throwIfCancelled(signal)
      }
      this.#connection = this.open(this.#backend, this.#accept)
      const result = await this.#connection.handshake({ signal })
      this.#result = result
    } catch (cause) {
      const error = asHandshakeError(cause, signal, this.serverIdentity)
      this.#moveTo('failed')
      this.closeBase()
      this.#report({ state: 'failed', error })
      throw error
    }
    this.#moveTo('established')
    this.onEstablished()
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
