// Asks the interaction for a client certificate. node:tls cannot be stopped in the middle of a handshake, where the server
// says whether it wants one, so the question comes before the first byte.
// Upstream: glib-networking/tls/base/gtlsconnection-base.c (g_tls_connection_base_handshake_thread_request_certificate).

import type { Duplex } from 'node:stream'
import { type TlsCertificate, TlsError, type TlsInteraction } from '@wpe-networking/glib-networking-base'

export interface ClientCertificateQuestion {
  readonly interaction: TlsInteraction
  readonly serverIdentity: string | null
  /** The connection that asks; when it is gone, nobody waits for the answer. */
  readonly baseIoStream: Duplex
  readonly signal: AbortSignal | undefined
}

/**
 * The certificate the interaction answers with, or null to go on without.
 *
 * @throws {TlsError} `EOF` when the connection closes meanwhile, or its own error; an abort throws the signal's reason, and
 *   whatever the interaction rejects with is thrown as it is.
 */
export async function askForCertificate(question: ClientCertificateQuestion): Promise<TlsCertificate | null> {
  const { interaction, serverIdentity, baseIoStream, signal } = question
  const gone = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  const giveUp = (reason: unknown): void => {
    reject(reason)
    gone.abort(reason)
  }
  const onAbort = (): void => giveUp(signal?.reason)
  const onError = (error: Error): void => giveUp(error)
  const onClose = (): void => giveUp(new TlsError('EOF', 'The connection was closed before the TLS handshake.'))
  signal?.addEventListener('abort', onAbort)
  baseIoStream.on('error', onError).on('close', onClose)
  try {
    const answer = interaction.requestCertificate({ serverIdentity, acceptedCas: [] }, { signal: gone.signal })
    return await Promise.race([answer, promise])
  } finally {
    signal?.removeEventListener('abort', onAbort)
    baseIoStream.off('error', onError).off('close', onClose)
  }
}
