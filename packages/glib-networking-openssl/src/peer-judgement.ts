// Decides on the certificates a peer presented and gathers what the handshake agreed on.
// Upstream: glib-networking/tls/base/gtlsconnection-base.c (verify_peer_certificate, accept_or_reject_peer_certificate).

import type { TLSSocket } from 'node:tls'
import {
  type AcceptCertificate,
  describeCertificateFlags,
  type TlsCertificate,
  TlsCertificateFlags,
  TlsError,
  type TlsHandshakeResult,
  tlsProtocolVersionFromName,
} from '@wpe-networking/glib-networking-base'

export interface PeerJudgement {
  readonly certificate: TlsCertificate
  /** What was found wrong with it. */
  readonly errors: TlsCertificateFlags
  /** Who it has to be for; null checks no identity. */
  readonly identity: string | null
  /** What OpenSSL found wrong, or null; the cause of the error. */
  readonly verifyError: string | null
  readonly acceptCertificate: AcceptCertificate | undefined
}

/**
 * Lets a certificate pass that has nothing wrong with it, or that `acceptCertificate` takes nonetheless.
 *
 * @throws {TlsError} `BAD_CERTIFICATE`.
 */
export function acceptOrRefuse({ certificate, errors, identity, verifyError, acceptCertificate }: PeerJudgement): void {
  if (errors === TlsCertificateFlags.NO_FLAGS || acceptCertificate?.(certificate, errors) === true) return
  const cause = verifyError === null ? {} : { cause: verifyError }
  throw new TlsError('BAD_CERTIFICATE', describeCertificateFlags(errors, identity), { flags: errors, ...cause })
}

/** What `socket`, whose handshake is done, agreed on with its peer. */
export function handshakeResult(
  socket: TLSSocket,
  peerCertificate: TlsCertificate | null,
  peerCertificateErrors: TlsCertificateFlags,
): TlsHandshakeResult {
  return {
    protocolVersion: tlsProtocolVersionFromName(socket.getProtocol()),
    ciphersuiteName: socket.getCipher().standardName,
    negotiatedProtocol: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : null,
    peerCertificate,
    peerCertificateErrors,
    resumed: socket.isSessionReused(),
    acceptedCas: [], // node:tls does not give the names in a server's request.
  }
}
