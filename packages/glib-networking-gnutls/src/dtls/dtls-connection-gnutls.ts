// One DTLS connection: a session over datagrams, its handshake, the judgement of the peer, then messages.
// Made by DtlsBackendGnutls, used by glib-gio's DtlsClientConnection and DtlsServerConnection.
// Upstream: glib-networking/tls/gnutls/gtlsconnection-gnutls.c (with a base-socket). RFC 6347.

import {
  DatagramQueue,
  HandshakeReporter,
  TlsChannelBindingError,
  TlsError,
  TlsProtocolVersion,
  type DatagramBased,
  type DatagramReceiver,
  type DtlsBackendConnection,
  type DtlsOptions,
  type TlsCertificate,
  type TlsChannelBindingType,
  type TlsHandshakeOptions,
  type TlsHandshakeResult,
} from '@wpe-networking/glib-networking-base'
import { channelBindingData } from '../channel-binding.ts'
import { connectionError } from '../errors.ts'
import type { GnutlsCredentials } from '../gnutls-credentials.ts'
import { GNUTLS_E_AGAIN, MAXIMUM_RECORD_BYTES } from '../libgnutls.ts'
import { resultOf, runHandshake } from '../run-handshake.ts'
import type { TlsBackendContext } from '../tls-connection-gnutls.ts'
import { PeerJudge, type PeerRequirements } from '../verification/peer-judge.ts'
import { DtlsHandshake } from './dtls-handshake.ts'
import { DtlsSession, type DtlsSessionOptions } from './dtls-session.ts'

const DEFAULTS: DtlsSessionOptions = { mtu: 1200, retransmissionTimeoutMs: 1000, handshakeTimeoutMs: 60_000 }

export abstract class DtlsConnectionGnutls implements DtlsBackendConnection {
  protected readonly context: TlsBackendContext
  readonly #base: DatagramBased
  readonly #options: DtlsSessionOptions
  readonly #reporter: HandshakeReporter
  /** Decrypted messages on their way to whoever receives them. */
  readonly #messages = new DatagramQueue()
  #result: Promise<TlsHandshakeResult> | null = null
  #session: DtlsSession | null = null
  #handshake: DtlsHandshake | null = null
  #judge: PeerJudge | null = null
  #established = false

  constructor(
    context: TlsBackendContext,
    base: DatagramBased,
    options: DtlsOptions,
    side: 'client' | 'server',
    identity: string | null,
  ) {
    this.context = context
    this.#base = base
    this.#options = {
      mtu: options.mtu ?? DEFAULTS.mtu,
      retransmissionTimeoutMs: options.retransmissionTimeoutMs ?? DEFAULTS.retransmissionTimeoutMs,
      handshakeTimeoutMs: options.handshakeTimeoutMs ?? DEFAULTS.handshakeTimeoutMs,
    }
    this.#reporter = new HandshakeReporter({ backend: 'gnutls', side, serverIdentity: identity })
  }

  /** `gnutls_init` flags of this side. */
  protected abstract get flags(): number
  protected abstract get peerRequirements(): PeerRequirements
  /** One's own certificate where that is the server's; null on a client. */
  protected abstract get serverCertificate(): TlsCertificate | null
  /** What to present and whom to trust. */
  protected abstract acquireCredentials(): GnutlsCredentials
  /** The rest of the settings. */
  protected abstract configure(session: DtlsSession): void

  handshake(options: TlsHandshakeOptions = {}): Promise<TlsHandshakeResult> {
    return (this.#result ??= runHandshake({
      reporter: this.#reporter,
      signal: options.signal,
      close: (reason) => this.#end(reason),
      perform: () => this.#perform(),
    }))
  }

  async #perform(): Promise<TlsHandshakeResult> {
    if (this.#messages.closed) throw new TlsError('EOF', 'The connection was closed before the DTLS handshake.')
    const session = this.#open()
    const judge = new PeerJudge(this.context.runtime, this.peerRequirements)
    session.onVerify = () => judge.admits(session)
    this.#judge = judge
    this.#handshake = new DtlsHandshake(
      session,
      () => this.#flush(session),
      () => judge.refusal,
    )
    const done = this.#handshake.run()
    this.#base.receive(this.#receiver(session))
    await done
    this.#handshake = null
    return this.#conclude(session, judge)
  }

  #open(): DtlsSession {
    const { runtime, credentials: cache } = this.context
    const credentials = this.acquireCredentials()
    let session: DtlsSession
    try {
      session = new DtlsSession(runtime, this.flags, this.#options)
    } catch (error) {
      cache.release(credentials)
      throw error
    }
    session.onFree = () => cache.release(credentials)
    this.#session = session
    session.setPriority(runtime.priority(TlsProtocolVersion.DTLS_1_2, TlsProtocolVersion.DTLS_1_2))
    session.setCredentials(credentials.handle)
    this.configure(session)
    return session
  }

  #conclude(session: DtlsSession, judge: PeerJudge): TlsHandshakeResult {
    // A server is not asked by the library about a client that sent no certificate.
    if (!judge.admits(session)) {
      this.#flush(session)
      throw judge.refusal
    }
    this.#established = true
    return resultOf(session, judge, [])
  }

  #receiver(session: DtlsSession): DatagramReceiver {
    return {
      onDatagram: (datagram) => {
        session.feed(datagram)
        if (this.#handshake) this.#handshake.step()
        else this.#readMessages(session)
      },
      onError: (error) => this.#end(error),
      onClose: () => this.#end(new TlsError('EOF', 'The datagrams below the connection were closed.')),
    }
  }

  /** Reads what has come. A datagram that makes no sense, or comes twice, is passed over: anybody can send one. */
  #readMessages(session: DtlsSession): void {
    const target = Buffer.allocUnsafe(MAXIMUM_RECORD_BYTES)
    for (;;) {
      const result = session.receive(target)
      if (result > 0) {
        this.#messages.deliver(Buffer.from(target.subarray(0, result)))
      } else if (result === 0) {
        this.close()
        return
      } else if (result === GNUTLS_E_AGAIN || session.closed) {
        break
      } else if (session.isFatal(result)) {
        this.#end(connectionError(session.describe(result)))
        return
      }
    }
    this.#flush(session)
  }

  get maximumMessageBytes(): number {
    return this.#session?.maximumMessageBytes ?? 0
  }

  send(message: Uint8Array): void {
    const session = this.#session
    if (session === null || !this.#established || session.closed) return
    const result = session.send(message)
    this.#flush(session)
    if (result < 0 && session.isFatal(result)) this.#end(connectionError(session.describe(result)))
  }

  receive(receiver: DatagramReceiver): void {
    this.#messages.receive(receiver)
  }

  getChannelBindingData(type: TlsChannelBindingType): Buffer {
    const session = this.#session
    if (session === null || !this.#established) {
      throw new TlsChannelBindingError('INVALID_STATE', 'The DTLS handshake is not done yet.')
    }
    return channelBindingData(type, {
      session,
      protocolVersion: TlsProtocolVersion.DTLS_1_2,
      serverCertificate: this.serverCertificate ?? this.#judge?.certificate ?? null,
    })
  }

  /** Says close_notify, which may get lost, and frees everything. */
  close(): void {
    const session = this.#session
    if (session !== null && this.#established && !session.closed) {
      session.bye()
      this.#flush(session)
    }
    this.#end(null)
  }

  /** Frees everything; a handshake under way rejects with `reason`, a receiver is told of it unless it is null. */
  #end(reason: unknown): void {
    if (this.#messages.closed) return
    this.#handshake?.cancel(reason ?? new TlsError('MISC', 'The DTLS connection was closed.'))
    this.#messages.close(reason instanceof Error && this.#established ? reason : null)
    this.#session?.close()
    this.#base.close()
  }

  #flush(session: DtlsSession): void {
    for (const datagram of session.takeOutgoing()) this.#base.send(datagram)
  }
}
