// The client's steps of a handshake: SNI, ALPN, resumption, and the judgement of the server's certificates.
// Upstream: glib-networking/tls/openssl/gtlsclientconnection-openssl.c. RFC 8446, RFC 6066 sections 3 and 8, RFC 7301.

import type { Duplex } from 'node:stream'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import {
  HandshakeReporter,
  serverNameOf,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
  TlsCertificateFlags,
  type TlsClientConnectionOptions,
  TlsDatabase,
  TlsError,
  type TlsHandshakeResult,
  TlsProtocolVersion,
} from '@wpe-networking/glib-networking-base'
import { addOwnVerdict, verifyChain } from './certificate-verification.ts'
import { askForCertificate } from './client-certificate-question.ts'
import type { HandshakeSteps } from './handshake.ts'
import { skipIdentityCheck } from './node-tls-internals.ts'
import { type PeerCertificates, peerCertificatesOf } from './peer-certificates.ts'
import { acceptOrRefuse, handshakeResult } from './peer-judgement.ts'
import { type ClientContext, clientContext } from './secure-contexts.ts'
import type { CachedSession } from './session-cache.ts'

const { NO_FLAGS, GENERIC_ERROR } = TlsCertificateFlags

/** One client handshake over `baseIoStream`. */
export class ClientHandshake implements HandshakeSteps {
  readonly baseIoStream: Duplex
  readonly reporter: HandshakeReporter
  readonly requireCloseNotify: boolean | undefined
  readonly readyEvent = 'secureConnect'
  readonly #options: TlsClientConnectionOptions
  readonly #sessionKey: string
  #context: ClientContext
  #offered: CachedSession | null = null
  #ocspResponse: Buffer | null = null
  #restoreSocket: () => void = () => undefined
  /** What the sessions of this connection vouch for; null as long as that is nothing. */
  #verified: Omit<CachedSession, 'session'> | null = null

  /** @throws {TlsError} As `clientContext`. */
  constructor(baseIoStream: Duplex, options: TlsClientConnectionOptions) {
    this.baseIoStream = baseIoStream
    this.#options = options
    this.requireCloseNotify = options.requireCloseNotify
    this.reporter = new HandshakeReporter({
      backend: 'openssl',
      side: 'client',
      serverIdentity: options.serverIdentity,
    })
    this.#context = clientContext(options, options.certificate)
    this.#sessionKey = JSON.stringify([options.serverIdentity, options.advertisedProtocols ?? []])
  }

  prepare(signal: AbortSignal | undefined): Promise<void> | null {
    const { interaction, certificate, serverIdentity } = this.#options
    if (interaction === undefined || certificate !== undefined) return null
    const { baseIoStream } = this
    return askForCertificate({ interaction, serverIdentity, baseIoStream, signal }).then((answer) => {
      if (answer !== null) this.#context = clientContext(this.#options, answer)
    })
  }

  open(): TLSSocket {
    this.#offered = this.#takeSession()
    const socket = connect(this.#connectOptions(this.#offered))
    this.#restoreSocket = skipIdentityCheck(socket)
    socket.once('OCSPResponse', (response: Buffer | null) => {
      this.#ocspResponse = response
    })
    // TLS 1.3 tickets come after the handshake, TLS 1.2's at its end; one whose certificate only `acceptCertificate` let
    // pass must not vouch for the next connection, which may have another opinion.
    socket.on('session', (session: Buffer) => {
      if (this.#verified !== null) this.#context.sessions.add(this.#sessionKey, { session, ...this.#verified })
    })
    return socket
  }

  finish(socket: TLSSocket): TlsHandshakeResult {
    this.#restoreSocket()
    if (this.#offered !== null && socket.isSessionReused()) return this.#finishResumed(socket, this.#offered)
    const certificates = peerCertificatesOf(socket)
    if (certificates === null) {
      throw new TlsError('BAD_CERTIFICATE', 'The server sent no certificate.', { flags: GENERIC_ERROR })
    }
    const ocspResponse = this.#ocspResponse
    const verifyError = authorizationErrorOf(socket)
    const errors = addOwnVerdict(this.#verify(certificates, ocspResponse), verifyError, certificates.sent)
    const { serverIdentity: identity, acceptCertificate } = this.#options
    acceptOrRefuse({ certificate: certificates.leaf, errors, identity, verifyError, acceptCertificate })
    if (errors === NO_FLAGS) this.#verified = { certificates, ocspResponse, madeAt: performance.now() }
    return handshakeResult(socket, certificates.leaf, errors)
  }

  /** Nothing was sent that could be judged; what the session stands for was judged again before it was offered. */
  #finishResumed(socket: TLSSocket, offered: CachedSession): TlsHandshakeResult {
    const { certificates, ocspResponse, madeAt } = offered
    this.#verified = { certificates, ocspResponse, madeAt }
    const result = handshakeResult(socket, certificates.leaf, NO_FLAGS)
    // A session of TLS 1.2 may be used again, and its server need not give a new one.
    if (result.protocolVersion < TlsProtocolVersion.TLS_1_3) this.#context.sessions.add(this.#sessionKey, offered)
    return result
  }

  /** A session to offer whose certificates are still good: they may have expired or been revoked since. */
  #takeSession(): CachedSession | null {
    const { sessions } = this.#context
    const session = sessions.take(this.#sessionKey)
    if (session === null || this.#verify(session.certificates, session.ocspResponse) === NO_FLAGS) return session
    sessions.forget(this.#sessionKey)
    return null
  }

  #verify({ sent }: PeerCertificates, ocspResponse: Buffer | null): TlsCertificateFlags {
    return verifyChain(sent, {
      database: this.#options.database ?? TlsDatabase.getDefault(),
      purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
      identity: this.#options.serverIdentity,
      ocspResponse,
    })
  }

  #connectOptions(offered: CachedSession | null): ConnectionOptions {
    const { serverIdentity, advertisedProtocols } = this.#options
    const servername = serverNameOf(serverIdentity)
    return {
      socket: this.baseIoStream,
      secureContext: this.#context.secureContext,
      requestOCSP: true,
      rejectUnauthorized: false, // The verdict is ours, with all flags, and then `acceptCertificate`'s.
      checkServerIdentity: () => undefined,
      ...(serverIdentity !== null && { host: serverIdentity }), // Node ties saved sessions to it.
      ...(servername !== null && { servername }),
      ...(offered !== null && { session: offered.session }),
      ...(advertisedProtocols?.length && { ALPNProtocols: [...advertisedProtocols] }),
    }
  }
}

/** Node's types say Error, what it sets is the code. */
function authorizationErrorOf(socket: TLSSocket): string | null {
  return socket.authorizationError === null ? null : String(socket.authorizationError)
}
