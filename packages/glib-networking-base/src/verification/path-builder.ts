// Finds the paths from a leaf to an anchor: who issued what is decided by names and signatures, everything else is judged
// later by path-checks.ts. Depth first, best candidates first, bounded. Called by verify-chain.ts.
// RFC 4158 sections 2.4 and 3.

import type { AnchorIndex } from '../trust/anchor-index.ts'
import type { DecodedCertificate } from './decoded-certificate.ts'
import { isUsableKey } from './key-strength.ts'
import type { VerificationBudget } from './verification-budget.ts'
import type { VerificationClock } from './verification-clock.ts'
import type { SignatureVerifier } from './verify-chain.ts'

/** From the leaf to the anchor, which may be one and the same. */
export type CertificatePath = readonly DecodedCertificate[]

export interface PathBuilderOptions {
  readonly anchors: AnchorIndex
  /** What the peer sent besides the leaf. */
  readonly intermediates: readonly DecodedCertificate[]
  /** Most intermediates that are not self-issued. */
  readonly maximumDepth: number
  readonly signatures: SignatureVerifier
  readonly budget: VerificationBudget
  readonly clock: VerificationClock
}

/** Builds the paths of one verification. */
export class PathBuilder {
  readonly #options: PathBuilderOptions
  readonly #signatures = new Map<DecodedCertificate, Map<DecodedCertificate, boolean>>()

  constructor(options: PathBuilderOptions) {
    this.#options = options
  }

  /**
   * Every path there is, one after the other; each signature on it was checked, but the anchor's own.
   *
   * @throws {BudgetExceeded}
   */
  *paths(leaf: DecodedCertificate): Generator<CertificatePath, void, undefined> {
    yield* this.#extend([leaf])
  }

  *#extend(path: CertificatePath): Generator<CertificatePath, void, undefined> {
    this.#options.budget.spendStep()
    const last = path.at(-1)
    if (last === undefined) return
    if (this.#options.anchors.has(last)) yield path
    for (const anchor of this.#issuers(last, this.#options.anchors.named(last.issuer))) {
      if (mayIssueAsAnchor(anchor) && !isInPath(anchor, path) && this.#isSignedBy(last, anchor)) yield [...path, anchor]
    }
    for (const issuer of this.#issuers(last, this.#options.intermediates)) {
      if (!issuer.isAuthority || isInPath(issuer, path) || this.#options.anchors.has(issuer)) continue
      const longer = [...path, issuer]
      if (depthOf(longer) <= this.#options.maximumDepth && this.#isSignedBy(last, issuer)) yield* this.#extend(longer)
    }
  }

  /** Those of `candidates` that have the right name and a usable key; those with the right key and in their time first. */
  #issuers(issued: DecodedCertificate, candidates: readonly DecodedCertificate[]): readonly DecodedCertificate[] {
    const named = candidates.filter(({ publicKey, subject }) => subject.equals(issued.issuer) && isUsableKey(publicKey))
    if (named.length < 2) return named
    const ranks = new Map(named.map((candidate) => [candidate, this.#rank(issued, candidate)]))
    return named.toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0))
  }

  #rank(issued: DecodedCertificate, candidate: DecodedCertificate): number {
    const wanted = issued.extensions.authorityKeyIdentifier?.keyIdentifier ?? null
    const offered = candidate.extensions.subjectKeyIdentifier
    const keyRank = wanted === null || offered === null ? 1 : wanted.equals(offered) ? 0 : 2
    const { clock } = this.#options
    const inTime = !clock.isBefore(candidate.notBefore) && !clock.isAfter(candidate.notAfter)
    return keyRank * 2 + (inTime ? 0 : 1)
  }

  #isSignedBy(issued: DecodedCertificate, issuer: DecodedCertificate): boolean {
    const known = this.#signatures.get(issued) ?? new Map<DecodedCertificate, boolean>()
    this.#signatures.set(issued, known)
    let answer = known.get(issuer)
    if (answer === undefined) {
      this.#options.budget.spendSignature()
      answer = this.#options.signatures.isSignedBy(issued.certificate, issuer.certificate)
      known.set(issuer, answer)
    }
    return answer
  }
}

/** Certificates of version 1 cannot say whether they are authorities; as anchors they are what they are trusted for. */
function mayIssueAsAnchor(anchor: DecodedCertificate): boolean {
  return anchor.isAuthority || anchor.version === 1
}

/** The same authority twice makes a circle; certificates of one name with different keys do not. */
function isInPath(candidate: DecodedCertificate, path: CertificatePath): boolean {
  return path.some(
    ({ publicKey, subject }) => publicKey.raw.equals(candidate.publicKey.raw) && subject.equals(candidate.subject),
  )
}

function depthOf(path: CertificatePath): number {
  return path.slice(1).filter((certificate) => !certificate.isSelfIssued).length
}
