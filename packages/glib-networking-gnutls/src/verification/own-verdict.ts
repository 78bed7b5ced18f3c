// GnuTLS's own verdict on the chain of a handshake, as a second opinion beside the shared verification.
//
// It differs from gnutls_certificate_verify_peers in two points, in which that refuses what is right:
// - it takes the certificates in one order and tries no other way round a cross-signed or expired issuer; here each path
//   that can be made of what the peer sent may convince it;
// - its judgement of stapled OCSP responses is left out but for a revocation: it knows fewer kinds of responders than
//   RFC 6960, and the shared verification judges each response whole.
//
// Upstream: glib-networking/tls/gnutls/gtlsdatabase-gnutls.c (verify_chain).

import type { TlsCertificate, TlsDatabase } from '@wpe-networking/glib-networking-base'
import type { GnutlsRuntime } from '../gnutls-runtime.ts'
import type { GnutlsSession } from '../gnutls-session.ts'
import {
  GNUTLS_CERT_INVALID,
  GNUTLS_CERT_INVALID_OCSP_STATUS,
  GNUTLS_CERT_MISSING_OCSP_STATUS,
  GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE,
  GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED,
} from '../libgnutls.ts'
import { chainKey } from './accepted-chains.ts'
import { GnutlsCertificate } from './gnutls-certificate.ts'
import { sentPaths } from './sent-paths.ts'

const LEFT_TO_SHARED_VERIFICATION =
  GNUTLS_CERT_INVALID_OCSP_STATUS |
  GNUTLS_CERT_MISSING_OCSP_STATUS |
  GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE |
  GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED

export interface OwnVerdictOptions {
  readonly database: TlsDatabase
  /** The extended key usage the leaf is needed for. */
  readonly purpose: string
  /** What the peer sent, leaf first. */
  readonly certificates: readonly TlsCertificate[]
  readonly ocspResponse: Buffer | null
  /** Whether the shared verification found a path with nothing wrong, so that it is worth looking for it. */
  readonly tryPaths: boolean
}

/** `gnutls_certificate_status_t`; 0 when GnuTLS finds nothing wrong. */
export function ownVerdict(runtime: GnutlsRuntime, session: GnutlsSession, options: OwnVerdictOptions): number {
  const { acceptedChains } = runtime
  const { database, purpose, certificates, ocspResponse } = options
  const key = chainKey(certificates, purpose, ocspResponse)
  if (acceptedChains.has(database, key)) return 0
  const whole = session.verifyPeers(purpose)
  let status = whole & ~LEFT_TO_SHARED_VERIFICATION
  // Set besides any other bit; alone it stands for a fault that has none.
  if (status === GNUTLS_CERT_INVALID && status !== whole) status = 0
  if (status !== 0 && options.tryPaths && acceptsSomePath(runtime, session, options)) status = 0
  if (status === 0) acceptedChains.add(database, key)
  return status
}

function acceptsSomePath(
  runtime: GnutlsRuntime,
  session: GnutlsSession,
  { certificates, purpose }: OwnVerdictOptions,
): boolean {
  const parsed = new Map<TlsCertificate, GnutlsCertificate>()
  try {
    for (const certificate of certificates) {
      const imported = GnutlsCertificate.import(runtime, certificate)
      if (imported !== null) parsed.set(certificate, imported)
    }
    return sentPaths([...parsed.keys()]).some((path) => {
      const handles = path.flatMap((certificate) => parsed.get(certificate)?.handle ?? [])
      return session.verifyPath(handles, purpose) === 0
    })
  } finally {
    for (const certificate of parsed.values()) certificate[Symbol.dispose]()
  }
}
