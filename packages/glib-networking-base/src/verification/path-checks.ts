// Everything that can be wrong with a path whose names and signatures fit. Called by verify-chain.ts.
// RFC 5280 section 6.1.

import { TlsCertificateFlags } from '../tls-certificate-flags.ts'
import { isProperAnchor, isProperAnchoredLeaf, isProperIntermediate, isProperLeaf } from './certificate-profile.ts'
import type { DecodedCertificate } from './decoded-certificate.ts'
import { isStrongKey, isStrongSignature } from './key-strength.ts'
import { namesAreAllowed } from './name-constraints.ts'
import type { CertificatePath } from './path-builder.ts'
import { PolicyState } from './policy-state.ts'
import type { VerificationBudget } from './verification-budget.ts'
import type { VerificationClock } from './verification-clock.ts'

const { EXPIRED, GENERIC_ERROR, INSECURE, NO_FLAGS, NOT_ACTIVATED } = TlsCertificateFlags

export interface PathCheckOptions {
  /** The extended key usage the leaf is needed for. */
  readonly purpose: string
  readonly clock: VerificationClock
  readonly budget: VerificationBudget
}

/**
 * The flags of `path`, without identity and revocation.
 *
 * @throws {BudgetExceeded}
 */
export function checkPath(path: CertificatePath, options: PathCheckOptions): TlsCertificateFlags {
  let flags: TlsCertificateFlags = NO_FLAGS
  path.forEach((certificate, index) => {
    flags |= datesOf(certificate, options.clock)
    flags |= strengthOf(certificate, index === path.length - 1)
  })
  if (!hasProperCertificates(path, options.purpose) || !hasAllowedLength(path)) flags |= GENERIC_ERROR
  if (!hasAllowedNames(path, options.budget) || !hasValidPolicies(path)) flags |= GENERIC_ERROR
  return flags
}

/** The flags of a leaf nobody known has issued: what it says about itself, its dates and its strength. */
export function checkUnknown(leaf: DecodedCertificate, clock: VerificationClock): TlsCertificateFlags {
  return datesOf(leaf, clock) | strengthOf(leaf, leaf.isSelfIssued)
}

function datesOf({ notBefore, notAfter }: DecodedCertificate, clock: VerificationClock): TlsCertificateFlags {
  return (clock.isBefore(notBefore) ? NOT_ACTIVATED : NO_FLAGS) | (clock.isAfter(notAfter) ? EXPIRED : NO_FLAGS)
}

/** What an anchor, or any certificate, says about itself proves nothing, so the signature under that is not looked at. */
function strengthOf(certificate: DecodedCertificate, ignoreSignature: boolean): TlsCertificateFlags {
  const isStrong =
    isStrongKey(certificate.publicKey) && (ignoreSignature || isStrongSignature(certificate.signatureAlgorithm))
  return isStrong ? NO_FLAGS : INSECURE
}

function hasProperCertificates(path: CertificatePath, purpose: string): boolean {
  const [leaf, ...issuers] = path
  const anchor = issuers.pop()
  if (leaf === undefined) return false
  if (anchor === undefined) return isProperAnchoredLeaf(leaf, purpose)
  return (
    isProperLeaf(leaf, purpose) &&
    issuers.every((issuer) => isProperIntermediate(issuer, purpose)) &&
    isProperAnchor(anchor, purpose)
  )
}

/** Whether nobody issued more levels than they may; certificates an authority issued to itself do not count. */
function hasAllowedLength(path: CertificatePath): boolean {
  let below = 0
  for (const issuer of path.slice(1)) {
    const limit = issuer.extensions.basicConstraints?.pathLength ?? null
    if (limit !== null && below > limit) return false
    if (!issuer.isSelfIssued) below++
  }
  return true
}

/** Each issuer constrains everything below it, but for what it issued to itself on the way. */
function hasAllowedNames(path: CertificatePath, budget: VerificationBudget): boolean {
  return path.every(({ extensions: { nameConstraints } }, level) => {
    if (nameConstraints === null) return true
    const below = path.slice(0, level).filter((certificate, index) => index === 0 || !certificate.isSelfIssued)
    return below.every((certificate) => namesAreAllowed(certificate, nameConstraints, budget))
  })
}

/** From the certificate below the anchor to the leaf. */
function hasValidPolicies(path: CertificatePath): boolean {
  const issued = path.slice(0, -1)
  const policies = new PolicyState(issued.length)
  return issued.toReversed().every((certificate, index) => policies.accept(certificate, index === issued.length - 1))
}
