// What every handshake has around it, over streams and over datagrams: reports, the signal, and the end after a failure.
// Upstream: glib-networking/tls/base/gtlsconnection-base.c (handshake).

import {
  TlsCertificateFlags,
  TlsError,
  type HandshakeReporter,
  type TlsHandshakeResult,
} from '@wpe-networking/glib-networking-base'
import type { GnutlsSession } from './gnutls-session.ts'
import type { PeerJudge } from './verification/peer-judge.ts'

export interface HandshakeRun {
  readonly reporter: HandshakeReporter
  readonly signal: AbortSignal | undefined
  /** Frees everything; a handshake under way rejects with `reason`. */
  readonly close: (reason: unknown) => void
  readonly perform: () => Promise<TlsHandshakeResult>
}

/** Does one handshake; rejects with the signal's reason when it is aborted, and has closed the connection after any error. */
export async function runHandshake({ reporter, signal, close, perform }: HandshakeRun): Promise<TlsHandshakeResult> {
  const abort = (): void => close(signal?.reason)
  reporter.start()
  try {
    signal?.throwIfAborted()
    signal?.addEventListener('abort', abort, { once: true })
    const result = await perform()
    reporter.end(result)
    return result
  } catch (error) {
    close(error)
    reporter.failed(error, error instanceof TlsError ? error.flags : TlsCertificateFlags.NO_FLAGS)
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

/** What `session` has agreed on with the peer that `judge` has admitted. */
export function resultOf(
  session: GnutlsSession,
  judge: PeerJudge,
  acceptedCas: readonly Uint8Array[],
): TlsHandshakeResult {
  return {
    protocolVersion: session.protocolVersion,
    ciphersuiteName: session.ciphersuiteName,
    negotiatedProtocol: session.negotiatedProtocol,
    peerCertificate: judge.certificate,
    peerCertificateErrors: judge.errors,
    resumed: session.resumed,
    acceptedCas,
  }
}
