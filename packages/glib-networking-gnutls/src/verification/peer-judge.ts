// Decides in the middle of a handshake whether the peer is let in: on its certificates, and by what the caller says of them.
// Used by connections over streams and over datagrams.
// Upstream: glib-networking/tls/base/gtlsconnection-base.c (verify_peer_certificate, accept_or_reject_peer_certificate).

import {
  describeCertificateFlags,
  TlsCertificate,
  TlsCertificateFlags,
  TlsError,
  type AcceptCertificate,
  type TlsDatabase,
} from '@wpe-networking/glib-networking-base'
import type { GnutlsRuntime } from '../gnutls-runtime.ts'
import type { GnutlsSession } from '../gnutls-session.ts'
import { GNUTLS_A_BAD_CERTIFICATE, GNUTLS_AL_FATAL } from '../libgnutls.ts'
import { addOwnVerdict, alertOfFlags, verifyChain } from './certificate-verification.ts'
import { ownVerdict } from './own-verdict.ts'

/** What the peer has to be. */
export interface PeerRequirements {
  readonly database: TlsDatabase
  /** The extended key usage its certificate needs. */
  readonly purpose: string
  /** Who it has to be; null checks no identity. */
  readonly identity: string | null
  /** Whether it may do without a certificate. */
  readonly mayBeAnonymous: boolean
  readonly acceptCertificate: AcceptCertificate | undefined
}

/** Judges one peer, once. */
export class PeerJudge {
  readonly #runtime: GnutlsRuntime
  readonly #requirements: PeerRequirements
  #judged = false
  #certificate: TlsCertificate | null = null
  #errors: TlsCertificateFlags = TlsCertificateFlags.NO_FLAGS
  #refusal: unknown = null

  constructor(runtime: GnutlsRuntime, requirements: PeerRequirements) {
    this.#runtime = runtime
    this.#requirements = requirements
  }

  /** Null when the peer sent none. */
  get certificate(): TlsCertificate | null {
    return this.#certificate
  }

  /** What is wrong with it. */
  get errors(): TlsCertificateFlags {
    return this.#errors
  }

  /** Why the peer was not let in: mostly an Error, but whatever `acceptCertificate` threw; null when it was. */
  get refusal(): unknown {
    return this.#refusal
  }

  /** Whether the peer of `session` may go on; one that may not is sent an alert. Judges at the first call only. */
  admits(session: GnutlsSession): boolean {
    if (this.#judged) return this.#refusal === null
    this.#judged = true
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

  #judge(session: GnutlsSession): Error | null {
    const { database, purpose, identity, mayBeAnonymous, acceptCertificate } = this.#requirements
    const chain = session.peerCertificates
    if (chain.length === 0) {
      return mayBeAnonymous ? null : new TlsError('CERTIFICATE_REQUIRED', 'The peer sent no certificate.')
    }
    const certificate = TlsCertificate.fromDerChain(chain)
    const ocspResponse = session.stapledResponse
    const certificates = withRest(certificate, chain)
    const shared = verifyChain(this.#runtime, certificates, { database, purpose, identity, ocspResponse })
    const tryPaths = (shared & ~TlsCertificateFlags.BAD_IDENTITY) === 0
    const own = ownVerdict(this.#runtime, session, { database, purpose, certificates, ocspResponse, tryPaths })
    const errors = addOwnVerdict(shared, own)
    this.#certificate = certificate
    this.#errors = errors
    if (errors === 0 || acceptCertificate?.(certificate, errors) === true) return null
    return new TlsError('BAD_CERTIFICATE', describeCertificateFlags(errors, identity), { flags: errors })
  }
}

/** The certificates of `chain`, those already decoded as `leaf` and its issuers taken from there. */
function withRest(leaf: TlsCertificate, chain: readonly Buffer[]): readonly TlsCertificate[] {
  const certificates: TlsCertificate[] = []
  for (let link: TlsCertificate | null = leaf; link !== null; link = link.issuer) certificates.push(link)
  for (const der of chain.slice(certificates.length)) certificates.push(new TlsCertificate(der))
  return certificates
}
