// One TLS connection: sets up a session, runs its handshake, judges the peer's certificate, then lets the data flow.
// Made by TlsBackendGnutls, used by glib-gio's TlsClientConnection and TlsServerConnection.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c and tls/base/gtlsconnection-base.c.

import type { Duplex } from 'node:stream'
import {
  describeCertificateFlags,
  HandshakeReporter,
  TlsCertificate,
  TlsCertificateFlags,
  TlsError,
  TlsProtocolVersion,
  type AcceptCertificate,
  type TlsBackendConnection,
  type TlsHandshakeOptions,
  type TlsHandshakeResult,
} from '@wpe-networking/glib-networking-base'
import { BaseStream } from './base-stream.ts'
import { alertOfFlags, verifyCertificate } from './certificate-verification.ts'
import type { GnutlsCredentials, GnutlsCredentialsCache } from './gnutls-credentials.ts'
import type { GnutlsRuntime } from './gnutls-runtime.ts'
import { GnutlsSession } from './gnutls-session.ts'
import { GNUTLS_A_BAD_CERTIFICATE, GNUTLS_AL_FATAL } from './libgnutls.ts'
import type { SessionCache } from './session-cache.ts'
import { TlsHandshake } from './tls-handshake.ts'
import { TlsStreamGnutls } from './tls-stream-gnutls.ts'

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
  #handshake: TlsHandshake | null = null
  #peerCertificate: TlsCertificate | null = null
  #peerCertificateErrors: TlsCertificateFlags = TlsCertificateFlags.NO_FLAGS
  #verified = false
  /** Why the handshake ends here: mostly an Error, but whatever acceptCertificate threw. */
  #refusal: unknown = null

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
    this.stream = new TlsStreamGnutls(this.base, {
      onReceived: () => {
        if (this.#session !== null) this.received(this.#session)
      },
      onDestroyed: (error) => this.#close(error ?? new TlsError('MISC', 'The TLS connection was destroyed.')),
    })
  }

  /** `gnutls_init` flags of this side. */
  protected abstract get flags(): number
  /** The extended key usage the peer's certificate needs. */
  protected abstract get peerKeyPurpose(): string
  /** Whether the peer may do without a certificate. */
  protected abstract get peerMayBeAnonymous(): boolean
  /** What to present and whom to trust. */
  protected abstract acquireCredentials(): GnutlsCredentials
  /** The rest of the settings. */
  protected abstract configure(session: GnutlsSession, credentials: GnutlsCredentials): void
  /** After each piece of application data, and each message that was none. */
  protected abstract received(session: GnutlsSession): void
  /** Once the handshake is done and the peer accepted. */
  protected abstract handshaked(session: GnutlsSession): void

  handshake(options: TlsHandshakeOptions = {}): Promise<TlsHandshakeResult> {
    return (this.#result ??= this.#run(options.signal))
  }

  async #run(signal: AbortSignal | undefined): Promise<TlsHandshakeResult> {
    this.#reporter.start()
    const abort = (): void => this.#close(signal?.reason)
    try {
      signal?.throwIfAborted()
      if (this.#state === 'closed') throw new TlsError('EOF', 'The connection was closed before the TLS handshake.')
      const session = this.#open()
      const handshake = new TlsHandshake(session, this.base, () => this.#refusal)
      this.#handshake = handshake
      signal?.addEventListener('abort', abort, { once: true })
      await handshake.run()
      const result = this.#conclude(session)
      this.#reporter.end(result)
      return result
    } catch (error) {
      this.#close(error)
      this.#reporter.failed(error, error instanceof TlsError ? error.flags : TlsCertificateFlags.NO_FLAGS)
      throw error
    } finally {
      signal?.removeEventListener('abort', abort)
      this.#handshake = null
    }
  }

  #open(): GnutlsSession {
    const { runtime, credentials: cache } = this.context
    const credentials = this.acquireCredentials()
    let session: GnutlsSession
    try {
      session = new GnutlsSession(runtime, this.flags)
    } catch (error) {
      cache.release(credentials)
      throw error
    }
    session.onFree = () => cache.release(credentials)
    this.#session = session
    this.#state = 'handshaking'
    session.setPriority(runtime.priority(this.minimumVersion, this.maximumVersion))
    session.setCredentials(credentials.handle)
    session.onVerify = () => this.#verify(session)
    this.configure(session, credentials)
    return session
  }

  /** The library's question in the middle of the handshake, so that a refused peer never sees it completed. */
  #verify(session: GnutlsSession): boolean {
    this.#verified = true
    try {
      this.#refusal = this.#judge(session)
    } catch (error) {
      // What acceptCertificate throws is the caller's own and passed on as it is.
      this.#refusal = error
    }
    if (this.#refusal === null) return true
    const flags = this.#refusal instanceof TlsError ? this.#refusal.flags : TlsCertificateFlags.NO_FLAGS
    session.sendAlert(GNUTLS_AL_FATAL, flags === 0 ? GNUTLS_A_BAD_CERTIFICATE : alertOfFlags(flags))
    return false
  }

  /** Why the peer's certificate will not do, or null. */
  #judge(session: GnutlsSession): Error | null {
    const chain = session.peerCertificates
    if (chain.length === 0) {
      return this.peerMayBeAnonymous ? null : new TlsError('CERTIFICATE_REQUIRED', 'The peer sent no certificate.')
    }
    const certificate = TlsCertificate.fromDerChain(chain)
    const errors = verifyCertificate(certificate, session.verifyPeers(this.peerKeyPurpose), this.#identity)
    this.#peerCertificate = certificate
    this.#peerCertificateErrors = errors
    if (errors === 0 || this.#acceptCertificate?.(certificate, errors) === true) return null
    return new TlsError('BAD_CERTIFICATE', describeCertificateFlags(errors, this.#identity), { flags: errors })
  }

  #conclude(session: GnutlsSession): TlsHandshakeResult {
    // The library does not ask when it resumes, but a database, the time or the caller's mind may have changed since.
    if (!this.#verified && !this.#verify(session)) {
      this.base.write(session.takeOutgoing())
      throw this.#refusal
    }
    const result: TlsHandshakeResult = {
      protocolVersion: session.protocolVersion,
      ciphersuiteName: session.ciphersuiteName,
      negotiatedProtocol: session.negotiatedProtocol,
      peerCertificate: this.#peerCertificate,
      peerCertificateErrors: this.#peerCertificateErrors,
      resumed: session.resumed,
    }
    this.#state = 'established'
    this.handshaked(session)
    this.stream.establish(session)
    return result
  }

  /** Frees everything; a handshake under way rejects with `reason`. Idempotent. */
  #close(reason: unknown): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#handshake?.cancel(reason)
    this.#session?.close()
    this.stream.destroy()
  }
}
