// The server's steps of a handshake: its certificate and chain, ALPN, the stapled OCSP response, and the judgement of a
// client's certificates.
// Upstream: glib-networking/tls/openssl/gtlsserverconnection-openssl.c. RFC 8446 section 4.3.2, RFC 6066 section 8.

import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import {
  HandshakeReporter,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT,
  TlsAuthenticationMode,
  TlsCertificateFlags,
  TlsDatabase,
  TlsError,
  type TlsHandshakeResult,
  type TlsServerConnectionOptions,
} from '@wpe-networking/glib-networking-base'
import { addOwnVerdict, verifyChain } from './certificate-verification.ts'
import type { HandshakeSteps } from './handshake.ts'
import { forwardHandshakeErrors, markSecured, stapleOcspResponse, verifyErrorOf } from './node-tls-internals.ts'
import { type PeerCertificates, peerCertificatesOf } from './peer-certificates.ts'
import { acceptOrRefuse, handshakeResult } from './peer-judgement.ts'
import { asksForCertificate, type ServerContext, serverContext } from './secure-contexts.ts'

/** One server handshake over `baseIoStream`. */
export class ServerHandshake implements HandshakeSteps {
  readonly baseIoStream: Duplex
  readonly reporter = new HandshakeReporter({ backend: 'openssl', side: 'server', serverIdentity: null })
  readonly requireCloseNotify: boolean | undefined
  readonly readyEvent = 'secure'
  readonly #options: TlsServerConnectionOptions
  readonly #context: ServerContext

  /** @throws {TlsError} As `serverContext`. */
  constructor(baseIoStream: Duplex, options: TlsServerConnectionOptions) {
    this.baseIoStream = baseIoStream
    this.requireCloseNotify = options.requireCloseNotify
    this.#options = options
    this.#context = serverContext(options)
  }

  prepare(): null {
    return null
  }

  open(): TLSSocket {
    const { authenticationMode, advertisedProtocols, ocspResponse } = this.#options
    const socket = new TLSSocket(this.baseIoStream, {
      isServer: true,
      secureContext: this.#context.secureContext,
      requestCert: asksForCertificate(this.#options),
      rejectUnauthorized: authenticationMode === TlsAuthenticationMode.REQUIRED, // Here: refuse to do without.
      ...(advertisedProtocols?.length && { ALPNProtocols: [...advertisedProtocols] }),
    })
    forwardHandshakeErrors(socket)
    if (ocspResponse !== undefined) stapleOcspResponse(socket, ocspResponse)
    return socket
  }

  finish(socket: TLSSocket): TlsHandshakeResult {
    markSecured(socket)
    const certificates = asksForCertificate(this.#options) ? this.#clientCertificates(socket) : null
    if (certificates === null) {
      // OpenSSL lets a resumed session do without one.
      if (this.#options.authenticationMode === TlsAuthenticationMode.REQUIRED) {
        throw new TlsError('CERTIFICATE_REQUIRED', 'The peer sent no certificate.')
      }
      return handshakeResult(socket, null, TlsCertificateFlags.NO_FLAGS)
    }
    const verifyError = verifyErrorOf(socket)
    const shared = verifyChain(certificates.sent, {
      database: this.#options.database ?? TlsDatabase.getDefault(),
      purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT,
      identity: null,
    })
    const errors = addOwnVerdict(shared, verifyError, certificates.sent)
    const { acceptCertificate } = this.#options
    acceptOrRefuse({ certificate: certificates.leaf, errors, identity: null, verifyError, acceptCertificate })
    // Not before: strangers must not fill the memory of chains, nor push out those that count.
    if (!socket.isSessionReused()) this.#context.clientChains.add(certificates)
    return handshakeResult(socket, certificates.leaf, errors)
  }

  /** A resumed session brings back the leaf alone; the chain that came with it is remembered. */
  #clientCertificates(socket: TLSSocket): PeerCertificates | null {
    const certificates = peerCertificatesOf(socket)
    if (certificates === null) return null
    if (!socket.isSessionReused()) return certificates
    return this.#context.clientChains.get(certificates.leaf) ?? certificates
  }
}
