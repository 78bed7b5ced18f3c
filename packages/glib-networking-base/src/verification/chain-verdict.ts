// Judges a chain as a whole, but for the identity: builds its paths, checks each, and keeps the best verdict. Called by
// verify-chain.ts for chains it does not remember. RFC 5280 section 6.

import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import { checkRevocation } from '../revocation/revocation-check.ts'
import { TlsCertificateFlags } from '../tls-certificate-flags.ts'
import { type DecodedCertificate, decodeOrNull } from './decoded-certificate.ts'
import { TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER } from './object-identifiers.ts'
import { type CertificatePath, PathBuilder, type PathBuilderOptions } from './path-builder.ts'
import { checkPath, checkUnknown } from './path-checks.ts'
import type { ChainVerdict } from './verdict-cache.ts'
import { BudgetExceeded, VerificationBudget } from './verification-budget.ts'
import type { VerificationClock } from './verification-clock.ts'
import type { SignatureVerifier, VerifyChainOptions } from './verify-chain.ts'

const { EXPIRED, GENERIC_ERROR, INSECURE, NO_FLAGS, NOT_ACTIVATED, REVOKED, UNKNOWN_CA } = TlsCertificateFlags

/** Intermediates; real chains have one or two. */
const DEFAULT_MAXIMUM_DEPTH = 8

/** Of two bad paths the better one is that whose faults weigh less. */
const WEIGHTS: readonly (readonly [TlsCertificateFlags, number])[] = [
  [REVOKED, 16],
  [GENERIC_ERROR, 8],
  [INSECURE, 4],
  [NOT_ACTIVATED, 2],
  [EXPIRED, 1],
]

/** Judges `certificates`, leaf first, at the time of `clock`. */
export function judgeChain(
  certificates: readonly TlsCertificate[],
  options: VerifyChainOptions,
  signatures: SignatureVerifier,
  clock: VerificationClock,
): ChainVerdict {
  const [leaf, ...others] = distinct(certificates).map(decodeOrNull)
  // Libraries do not agree on what to do with these either, so that they are not even asked.
  if (leaf === undefined || leaf === null || leaf.hasMalformedExtensions) return { flags: GENERIC_ERROR, names: [] }
  const building = {
    anchors: options.database.anchorIndex,
    intermediates: others.filter((certificate) => certificate !== null),
    maximumDepth: options.maximumDepth ?? DEFAULT_MAXIMUM_DEPTH,
    signatures,
    budget: new VerificationBudget(),
    clock,
  }
  return { flags: bestFlags(leaf, building, options), names: leaf.extensions.subjectAltNames ?? [] }
}

/** Each once, where it came first: what is sent over and over again must not be judged as often. */
function distinct(certificates: readonly TlsCertificate[]): readonly TlsCertificate[] {
  const seen = new Map<string, TlsCertificate>()
  for (const certificate of certificates) {
    const key = certificate.certificate.toString('latin1')
    if (!seen.has(key)) seen.set(key, certificate)
  }
  return [...seen.values()]
}

function bestFlags(
  leaf: DecodedCertificate,
  building: PathBuilderOptions,
  options: VerifyChainOptions,
): TlsCertificateFlags {
  let best: TlsCertificateFlags | null = null
  try {
    for (const path of new PathBuilder(building).paths(leaf)) {
      const flags = flagsOf(path, building, options)
      if (best === null || weightOf(flags) < weightOf(best)) best = flags
      if (best === NO_FLAGS) break
    }
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error
    return GENERIC_ERROR | (best ?? UNKNOWN_CA)
  }
  return best ?? UNKNOWN_CA | checkUnknown(leaf, building.clock)
}

function flagsOf(
  path: CertificatePath,
  { budget, clock, signatures }: PathBuilderOptions,
  options: VerifyChainOptions,
): TlsCertificateFlags {
  const revocation = {
    revocationLists: options.database.revocationLists,
    ocspResponse: options.ocspResponse ?? null,
    isServer: options.purpose === TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
    clock,
    signatures,
  }
  return checkPath(path, { purpose: options.purpose, clock, budget }) | checkRevocation(path, revocation)
}

function weightOf(flags: TlsCertificateFlags): number {
  return WEIGHTS.reduce((sum, [flag, weight]) => sum + ((flags & flag) === 0 ? 0 : weight), 0)
}
