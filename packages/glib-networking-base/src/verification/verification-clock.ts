// The moment a chain is judged at, and how long the judgement stays true: every date looked at narrows that span.
// Made once per verification by verify-chain.ts, read by every check of a date, kept with the answer by verdict-cache.ts.

/** Certificates count whole seconds: the last one is valid to its end. RFC 5280 section 4.1.2.5. */
const SECOND_MS = 1000

/** All times in milliseconds since the epoch. */
export class VerificationClock {
  readonly now: number
  #from = Number.NEGATIVE_INFINITY
  #until = Number.POSITIVE_INFINITY

  constructor(now: number) {
    this.now = now
  }

  /** From when on the answers given so far are the same. */
  get from(): number {
    return this.#from
  }

  /** Up to when, exclusive, the answers given so far are the same. */
  get until(): number {
    return this.#until
  }

  /** Whether `moment` is still to come. */
  isBefore(moment: number): boolean {
    if (this.now < moment) {
      this.#until = Math.min(this.#until, moment)
      return true
    }
    this.#from = Math.max(this.#from, moment)
    return false
  }

  /** Whether the second that begins at `moment` is over. */
  isAfter(moment: number): boolean {
    return !this.isBefore(moment + SECOND_MS)
  }
}
