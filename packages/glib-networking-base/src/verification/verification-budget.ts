// Bounds the work one verification may cause, by counting, so that a crafted chain costs no more than an ordinary one
// many times over. Made once per verification by verify-chain.ts, spent by the builder and the checks.

/** Thrown, and caught within this folder, when a chain asks for more work than any real one needs. */
export class BudgetExceeded extends Error {
  override readonly name = 'BudgetExceeded'

  constructor(what: string) {
    super(`The chain of certificates takes too many ${what} to verify.`)
  }
}

export interface VerificationLimits {
  /** Signatures checked. */
  readonly signatures: number
  /** Paths, finished or not, that are looked at. */
  readonly steps: number
  /** Comparisons of a name with a name constraint. */
  readonly comparisons: number
}

/** Far more than real chains need: those take fewer than ten signatures and a few hundred comparisons. */
export const DEFAULT_LIMITS: VerificationLimits = { signatures: 100, steps: 500, comparisons: 250_000 }

/** What is left to spend. */
export class VerificationBudget {
  #signatures: number
  #steps: number
  #comparisons: number

  constructor(limits: VerificationLimits = DEFAULT_LIMITS) {
    this.#signatures = limits.signatures
    this.#steps = limits.steps
    this.#comparisons = limits.comparisons
  }

  /** @throws {BudgetExceeded} */
  spendSignature(): void {
    if (this.#signatures-- <= 0) throw new BudgetExceeded('signatures')
  }

  /** @throws {BudgetExceeded} */
  spendStep(): void {
    if (this.#steps-- <= 0) throw new BudgetExceeded('paths')
  }

  /** @throws {BudgetExceeded} */
  spendComparisons(count: number): void {
    this.#comparisons -= count
    if (this.#comparisons < 0) throw new BudgetExceeded('comparisons of names')
  }
}
