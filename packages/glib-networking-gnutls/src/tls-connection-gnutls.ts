// One TLS connection: sets up a session, runs its handshake, judges the peer's certificate, then lets the data flow.
// Made by TlsBackendGnutls, used by glib-gio's TlsClientConnection and TlsServerConnection.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c and tls/base/gtlsconnection-base.c.

import type { Duplex } from 'node:stream'
import {
  HandshakeReporter,
  TlsChannelBindingError,
  TlsError,
  TlsProtocolVersion,
  type AcceptCertificate,
  type TlsBackendConnection,
  type TlsCertificate,
  type TlsChannelBindingType,
  type TlsDatabase,
  type TlsHandshakeOptions,
  type TlsHandshakeResult,
} from '@wpe-networking/glib-networking-base'
import { BaseStream } from './base-stream.ts'
import type { CertificateRequestGate } from './certificate-request/certificate-request-gate.ts'
import { channelBindingData } from './channel-binding.ts'
import type { GnutlsCredentials, GnutlsCredentialsCache } from './gnutls-credentials.ts'
import type { GnutlsRuntime } from './gnutls-runtime.ts'
import { GnutlsSession } from './gnutls-session.ts'
import { GNUTLS_A_USER_CANCELED, GNUTLS_AL_FATAL } from './libgnutls.ts'
import { resultOf, runHandshake } from './run-handshake.ts'
import type { SessionCache } from './session-cache.ts'
import { TlsHandshake } from './tls-handshake.ts'
import { TlsStreamGnutls } from './tls-stream-gnutls.ts'
import { PeerJudge } from './verification/peer-judge.ts'

/** What the connections of one backend share. */
export interface TlsBackendContext {
  readonly runtime: GnutlsRuntime
  readonly credentials: GnutlsCredentialsCache
  readonly sessions: SessionCache
}

/** Where a connection is. It only moves down this list. */
type ConnectionState =
  | 'idle' // no handle yet
  | 'handshaking'
  | 'established' // the stream owns the session
  | 'closed' // by failure, by the caller or at the end; the handle is freed

/** What client and server options have in common. */
interface CommonOptions {
  readonly minimumVersion?: TlsProtocolVersion | undefined
  readonly maximumVersion?: TlsProtocolVersion | undefined
  readonly requireCloseNotify?: boolean | undefined
  readonly acceptCertificate?: AcceptCertificate | undefined
}

export abstract class TlsConnectionGnutls implements TlsBackendConnection {
  readonly stream: TlsStreamGnutls
  protected readonly context: TlsBackendContext
  protected readonly base: BaseStream
  protected readonly minimumVersion: TlsProtocolVersion
  protected readonly maximumVersion: TlsProtocolVersion
  readonly #acceptCertificate: AcceptCertificate | undefined
  readonly #identity: string | null
  readonly #reporter: HandshakeReporter

  #state: ConnectionState = 'idle'
  #result: Promise<TlsHandshakeResult> | null = null
  #session: GnutlsSession | null = null
  /** Used by the session; the last is what it presents and trusts at the moment. */
  readonly #credentials: GnutlsCredentials[] = []
  #handshake: TlsHandshake | null = null
  #judge: PeerJudge | null = null
  /** Null until the handshake is done. */
  #protocolVersion: TlsProtocolVersion | null = null

  constructor(
    context: TlsBackendContext,
    baseIoStream: Duplex,
    options: CommonOptions,
    side: 'client' | 'server',
    identity: string | null,
  ) {
    this.context = context
    this.base = new BaseStream(baseIoStream)
    this.minimumVersion = options.minimumVersion ?? TlsProtocolVersion.TLS_1_2
    this.maximumVersion = options.maximumVersion ?? TlsProtocolVersion.TLS_1_3
    this.#acceptCertificate = options.acceptCertificate
    this.#identity = identity
    this.#reporter = new HandshakeReporter({ backend: 'gnutls', side, serverIdentity: identity })
    this.stream = new TlsStreamGnutls(this.base, options.requireCloseNotify ?? true, {
      onDestroyed: (error) => this.#close(error ?? new TlsError('MISC', 'The TLS connection was destroyed.')),
    })
  }

  /** `gnutls_init` flags of this side. */
  protected abstract get flags(): number
  /** The extended key usage the peer's certificate needs. */
  protected abstract get peerKeyPurpose(): string
  /** Whether the peer may do without a certificate. */
  protected abstract get peerMayBeAnonymous(): boolean
  /** Whom to trust. */
  protected abstract get database(): TlsDatabase
  /** One's own certificate where that is the server's; null on a client. */
  protected abstract get serverCertificate(): TlsCertificate | null
  /** What to present and whom to trust. */
  protected abstract acquireCredentials(): GnutlsCredentials
  /** The rest of the settings. */
  protected abstract configure(session: GnutlsSession, credentials: GnutlsCredentials): void
  /** What the handshake passes when somebody is to be asked for a certificate in its middle. */
  protected abstract createGate(session: GnutlsSession): CertificateRequestGate | null
  /** The authorities of a server's request for a certificate. */
  protected abstract get acceptedCas(): readonly Uint8Array[]
  /** Once the handshake is done and the peer accepted. */
  protected abstract handshaked(session: GnutlsSession): void
  /** Once everything is freed. */
  protected abstract closed(reason: unknown): void

  handshake(options: TlsHandshakeOptions = {}): Promise<TlsHandshakeResult> {
    return (this.#result ??= runHandshake({
      reporter: this.#reporter,
      signal: options.signal,
      close: (reason) => this.#close(reason),
      perform: () => this.#perform(),
    }))
  }

  async #perform(): Promise<TlsHandshakeResult> {
    if (this.#state === 'closed') throw new TlsError('EOF', 'The connection was closed before the TLS handshake.')
    const session = this.#open()
    const gate = this.createGate(session)
    const judge = this.#createJudge()
    session.onVerify = () => judge.admits(session)
    this.#handshake = new TlsHandshake({ session, base: this.base, refusal: () => judge.refusal, gate })
    await this.#handshake.run()
    this.#handshake = null
    return this.#conclude(session, judge)
  }

  #open(): GnutlsSession {
    const { runtime } = this.context
    const credentials = this.acquireCredentials()
    let session: GnutlsSession
    try {
      session = new GnutlsSession(runtime, this.flags)
    } catch (error) {
      this.context.credentials.release(credentials)
      throw error
    }
    session.onFree = () => {
      for (const used of this.#credentials.splice(0)) this.context.credentials.release(used)
    }
    this.#session = session
    this.#state = 'handshaking'
    this.#use(session, credentials)
    session.setPriority(runtime.priority(this.minimumVersion, this.maximumVersion))
    this.configure(session, credentials)
    return session
  }

  /** The credentials are released with the session, which may refer to them until then. */
  #use(session: GnutlsSession, credentials: GnutlsCredentials): void {
    this.#credentials.push(credentials)
    session.setCredentials(credentials.handle)
  }

  /** Lets a handshake that was held back for an answer go on, with other credentials if there are any. */
  protected proceed(credentials: GnutlsCredentials | null): void {
    const session = this.#session
    if (session === null || this.#state !== 'handshaking') {
      if (credentials !== null) this.context.credentials.release(credentials)
      return
    }
    if (credentials !== null) this.#use(session, credentials)
    this.#handshake?.resume()
  }

  /** Ends a handshake that was held back because there is no answer. */
  protected abandon(reason: unknown): void {
    const session = this.#session
    if (session !== null && this.#state === 'handshaking') {
      session.sendAlert(GNUTLS_AL_FATAL, GNUTLS_A_USER_CANCELED)
      this.base.write(session.takeOutgoing())
    }
    this.#handshake?.cancel(reason)
  }

  #createJudge(): PeerJudge {
    const judge = new PeerJudge(this.context.runtime, {
      database: this.database,
      purpose: this.peerKeyPurpose,
      identity: this.#identity,
      mayBeAnonymous: this.peerMayBeAnonymous,
      acceptCertificate: this.#acceptCertificate,
    })
    this.#judge = judge
    return judge
  }

  #conclude(session: GnutlsSession, judge: PeerJudge): TlsHandshakeResult {
    // The library does not ask when it resumes, but a database, the time or the caller's mind may have changed since.
    if (!judge.admits(session)) {
      this.base.write(session.takeOutgoing())
      throw judge.refusal
    }
    const result = resultOf(session, judge, this.acceptedCas)
    this.#state = 'established'
    this.#protocolVersion = result.protocolVersion
    this.handshaked(session)
    this.stream.establish(session)
    return result
  }

  getChannelBindingData(type: TlsChannelBindingType): Buffer {
    const session = this.#session
    if (session === null || this.#protocolVersion === null) {
      throw new TlsChannelBindingError('INVALID_STATE', 'The TLS handshake is not done yet.')
    }
    return channelBindingData(type, {
      session,
      protocolVersion: this.#protocolVersion,
      serverCertificate: this.serverCertificate ?? this.#judge?.certificate ?? null,
    })
  }

  /** Frees everything; a handshake under way rejects with `reason`. Idempotent. */
  #close(reason: unknown): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#handshake?.cancel(reason)
    this.#session?.close()
    this.closed(reason)
    this.stream.destroy()
  }
}
