// Drives one TLSSocket from its first byte to the end of its handshake; client and server connections both call it.
// Upstream: glib-networking/tls/base/gtlsconnection-base.c (handshake thread and accept_or_reject_peer_certificate).

import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import {
  type AcceptCertificate,
  describeCertificateFlags,
  type HandshakeReporter,
  TlsCertificate,
  TlsCertificateFlags,
  TlsDatabase,
  TlsError,
  type TlsHandshakeResult,
  tlsProtocolVersionFromName,
} from '@wpe-networking/glib-networking-base'
import { verificationFlags } from './certificate-verification.ts'
import { handshakeError } from './errors.ts'
import { reportStreamErrors } from './stream-errors.ts'

export interface HandshakeSteps {
  readonly baseIoStream: Duplex
  readonly signal: AbortSignal | undefined
  readonly reporter: HandshakeReporter
  /** Makes the socket, which starts the handshake. */
  readonly open: () => TLSSocket
  /** The event that says the handshake is done. */
  readonly readyEvent: 'secureConnect' | 'secure'
  /** Judges the peer in the turn of that event, before anything it sent can be read; throws to refuse it. */
  readonly finish: (socket: TLSSocket) => TlsHandshakeResult
}

export interface Handshake {
  readonly socket: TLSSocket
  readonly result: TlsHandshakeResult
}

/**
 * Does the handshake. Whatever goes wrong, the socket and the stream below it are destroyed before this rejects.
 *
 * @throws {TlsError} As `TlsBackendConnection.handshake`; an abort throws the signal's reason.
 */
export async function performHandshake(steps: HandshakeSteps): Promise<Handshake> {
  const { baseIoStream, signal, reporter } = steps
  reporter.start()
  try {
    signal?.throwIfAborted()
    if (baseIoStream.destroyed) throw new TlsError('EOF', 'The connection was closed before the TLS handshake.')
    const handshake = await untilReady(steps.open(), steps)
    reporter.end(handshake.result)
    return handshake
  } catch (error) {
    baseIoStream.destroy()
    reporter.failed(error, error instanceof TlsError ? error.flags : TlsCertificateFlags.NO_FLAGS)
    throw error
  }
}

function untilReady(socket: TLSSocket, { readyEvent, signal, finish }: HandshakeSteps): Promise<Handshake> {
  const { promise, resolve, reject } = Promise.withResolvers<Handshake>()
  socket.on('error', () => undefined) // An error after the one that ended the handshake has nothing left to end.
  const settle = (): void => {
    socket.off(readyEvent, onReady).off('error', onError).off('end', onClosed).off('close', onClosed)
    signal?.removeEventListener('abort', onAbort)
  }
  const fail = (error: unknown): void => {
    settle()
    socket.destroy()
    reject(error)
  }
  const onReady = (): void => {
    try {
      const result = finish(socket)
      settle()
      reportStreamErrors(socket)
      resolve({ socket, result })
    } catch (error) {
      fail(error)
    }
  }
  const onError = (error: Error): void => fail(handshakeError(error))
  const onClosed = (): void => {
    fail(new TlsError('EOF', 'The peer closed the connection during the TLS handshake.'))
  }
  const onAbort = (): void => fail(signal?.reason)
  socket.on(readyEvent, onReady).on('error', onError).on('end', onClosed).on('close', onClosed)
  signal?.addEventListener('abort', onAbort)
  return promise
}

export interface PeerJudgement {
  readonly socket: TLSSocket
  readonly certificate: TlsCertificate | null
  /** Default: the system's. */
  readonly database: TlsDatabase | undefined
  /** Who the certificate must be for; null checks no identity. */
  readonly identity: string | null
  /** What OpenSSL said, or null. */
  readonly verifyError: string | null
  readonly acceptCertificate: AcceptCertificate | undefined
}

/**
 * Checks the peer's certificate, asks `acceptCertificate` if anything is wrong, and gathers what was agreed on.
 *
 * @throws {TlsError} `BAD_CERTIFICATE`.
 */
export function judgePeer(judgement: PeerJudgement): TlsHandshakeResult {
  const { socket, certificate, database, identity, verifyError, acceptCertificate } = judgement
  let errors: TlsCertificateFlags = TlsCertificateFlags.NO_FLAGS
  if (certificate !== null) {
    errors = verificationFlags({
      certificate,
      database: database ?? TlsDatabase.getDefault(),
      identity,
      verifyError,
    })
    if (errors !== TlsCertificateFlags.NO_FLAGS && acceptCertificate?.(certificate, errors) !== true) {
      const cause = verifyError === null ? {} : { cause: verifyError }
      throw new TlsError('BAD_CERTIFICATE', describeCertificateFlags(errors, identity), { flags: errors, ...cause })
    }
  }
  return {
    protocolVersion: tlsProtocolVersionFromName(socket.getProtocol()),
    ciphersuiteName: socket.getCipher().standardName,
    negotiatedProtocol: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : null,
    peerCertificate: certificate,
    peerCertificateErrors: errors,
    resumed: socket.isSessionReused(),
  }
}

/** The peer's certificate with the issuers it sent, or null when it sent none. */
export function peerCertificateOf(socket: TLSSocket): TlsCertificate | null {
  const x509 = socket.getPeerX509Certificate()
  return x509 === undefined ? null : new TlsCertificate(x509)
}
