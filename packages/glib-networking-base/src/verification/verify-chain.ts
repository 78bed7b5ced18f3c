// Judges a chain of certificates: the one place where it is decided what either backend trusts.
// Upstream: glib/gio/gtlsdatabase.c (g_tls_database_verify_chain). RFC 5280 section 6.

import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import { checkRevocation } from '../revocation/revocation-check.ts'
import { TlsCertificateFlags } from '../tls-certificate-flags.ts'
import type { TlsDatabase } from '../trust/tls-database.ts'
import { certificateMatchesIdentity } from './certificate-identity.ts'
import { type DecodedCertificate, decodeOrNull } from './decoded-certificate.ts'
import { TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER } from './object-identifiers.ts'
import { PathBuilder } from './path-builder.ts'
import { checkPath, checkUnknown } from './path-checks.ts'
import { BudgetExceeded, VerificationBudget } from './verification-budget.ts'
import { VerificationClock } from './verification-clock.ts'

export {
  TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
} from './object-identifiers.ts'

const { BAD_IDENTITY, GENERIC_ERROR, NO_FLAGS, REVOKED, INSECURE, UNKNOWN_CA } = TlsCertificateFlags

const DEFAULT_MAXIMUM_DEPTH = 8
/** Certificates beside the leaf that are looked at; servers send fewer than ten. */
const MAXIMUM_INTERMEDIATES = 128

export interface VerifyChainOptions {
  /** Whom to trust. */
  readonly database: TlsDatabase
  /** The extended key usage the leaf is needed for. */
  readonly purpose: string
  /** The host name or IP address the leaf must be for; null checks no identity. */
  readonly identity: string | null
  /** Default: now. */
  readonly time?: Date | undefined
  /** Most intermediates between leaf and anchor that are not self-issued; default 8. */
  readonly maximumDepth?: number | undefined
  /** The DER OCSP response stapled to the handshake; null or absent when there was none. */
  readonly ocspResponse?: Uint8Array | null | undefined
}

/** The library's part of a verification. */
export interface SignatureVerifier {
  /** Whether the signature of `certificate` is one that the key of `issuer` made. */
  isSignedBy(certificate: TlsCertificate, issuer: TlsCertificate): boolean
}

/**
 * Everything that is wrong with the best path from the leaf to an anchor; 0 when there is a path with nothing wrong.
 *
 * @param certificates The leaf, then whatever the peer sent with it, in any order.
 */
export function verifyChain(
  certificates: readonly TlsCertificate[],
  options: VerifyChainOptions,
  signatures: SignatureVerifier,
): TlsCertificateFlags {
  const [leaf] = certificates
  if (leaf === undefined) throw new TypeError('There is no certificate to verify.')
  const clock = new VerificationClock(options.time?.getTime() ?? Date.now())
  const { identity } = options
  const identityFlags = identity !== null && !certificateMatchesIdentity(leaf, identity) ? BAD_IDENTITY : NO_FLAGS
  return identityFlags | pathFlags(certificates, options, signatures, clock)
}

function pathFlags(
  certificates: readonly TlsCertificate[],
  options: VerifyChainOptions,
  signatures: SignatureVerifier,
  clock: VerificationClock,
): TlsCertificateFlags {
  const [leaf, ...others] = certificates.slice(0, MAXIMUM_INTERMEDIATES + 1).map(decodeOrNull)
  if (leaf === undefined || leaf === null) return UNKNOWN_CA | GENERIC_ERROR
  const budget = new VerificationBudget()
  const builder = new PathBuilder({
    anchors: options.database.anchorIndex,
    intermediates: others.filter((certificate) => certificate !== null),
    maximumDepth: options.maximumDepth ?? DEFAULT_MAXIMUM_DEPTH,
    signatures,
    budget,
    clock,
  })
  const { purpose } = options
  const revocation = {
    revocationLists: options.database.revocationLists,
    ocspResponse: options.ocspResponse ?? null,
    isServer: purpose === TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
    clock,
    signatures,
  }
  let best: TlsCertificateFlags | null = null
  try {
    for (const path of builder.paths(leaf)) {
      const flags = checkPath(path, { purpose, clock, budget }) | checkRevocation(path, revocation)
      if (best === null || weightOf(flags) < weightOf(best)) best = flags
      if (best === NO_FLAGS) break
    }
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error
    return GENERIC_ERROR | (best ?? unknown(leaf, clock))
  }
  return best ?? unknown(leaf, clock)
}

function unknown(leaf: DecodedCertificate, clock: VerificationClock): TlsCertificateFlags {
  return UNKNOWN_CA | checkUnknown(leaf, clock)
}

/** Of two bad paths the better one is that whose faults are the easier to forgive. */
function weightOf(flags: TlsCertificateFlags): number {
  return (flags & REVOKED ? 1000 : 0) + (flags & GENERIC_ERROR ? 100 : 0) + (flags & INSECURE ? 50 : 0) + (flags & 15)
}
