// Remembers how chains were judged, so that the next connection to the same server costs a comparison of bytes instead of
// signatures.
// Kept for each database and each library by verify-chain.ts.

import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import type { TlsCertificateFlags } from '../tls-certificate-flags.ts'
import type { GeneralName } from './general-name.ts'
import type { VerificationClock } from './verification-clock.ts'
import type { VerifyChainOptions } from './verify-chain.ts'

/** As many servers as a browser talks to in a while; an entry takes some 5 KiB. */
const MAXIMUM_VERDICTS = 256
/** A chain larger than this is judged anew each time rather than kept. */
const MAXIMUM_CHAIN_BYTES = 32 * 1024
/** Enough of the end of a leaf, its signature, to tell most leaves apart. */
const KEY_OCTETS = 24

/** What was found out about a chain, whoever it should have been for. */
export interface ChainVerdict {
  /** Without BAD_IDENTITY. */
  readonly flags: TlsCertificateFlags
  /** The subjectAltName of the leaf. */
  readonly names: readonly GeneralName[]
}

/** What is judged: equal for chains that get the same verdict from the same database at the same time. */
export class ChainQuestion {
  /** Different for most questions, and cheap; {@link ChainQuestion.isSame} has the last word. */
  readonly key: string
  readonly bytes: number
  readonly #parts: readonly Uint8Array[]

  constructor(certificates: readonly TlsCertificate[], { ocspResponse, purpose, maximumDepth }: VerifyChainOptions) {
    const parts: Uint8Array[] = certificates.map(({ certificate }) => certificate)
    const end = parts[0]?.subarray(-KEY_OCTETS) ?? Buffer.alloc(0)
    if (ocspResponse) parts.push(Buffer.from(ocspResponse)) // The original belongs to the connection.
    const lengths = parts.map(({ length }) => length)
    this.key = `${purpose} ${maximumDepth ?? ''} ${certificates.length} ${lengths.join()} ${Buffer.from(end).toString('latin1')}`
    this.bytes = lengths.reduce((sum, length) => sum + length, 0)
    this.#parts = parts
  }

  /** Whether `other`, which has the same key, is the same to the last byte. */
  isSame(other: ChainQuestion): boolean {
    return this.#parts.every((part, index) => Buffer.compare(part, other.#parts[index] ?? part.subarray(1)) === 0)
  }
}

interface CachedVerdict {
  readonly question: ChainQuestion
  readonly verdict: ChainVerdict
  /** From when on, and up to when, exclusive, it holds; milliseconds since the epoch. */
  readonly from: number
  readonly until: number
}

/** The verdicts used last. Each holds from one date in the chain to the next, so that an old one is never wrong. */
export class VerdictCache {
  readonly #verdicts = new Map<string, CachedVerdict>()

  /** The verdict remembered for `question`, if it holds at `now`. */
  get(question: ChainQuestion, now: number): ChainVerdict | null {
    const cached = this.#verdicts.get(question.key)
    if (cached === undefined || now < cached.from || now >= cached.until || !cached.question.isSame(question))
      return null
    this.#verdicts.delete(question.key)
    this.#verdicts.set(question.key, cached)
    return cached.verdict
  }

  /** Remembers `verdict` for as long as `clock`, which saw every date it depends on, says that it holds. */
  set(question: ChainQuestion, verdict: ChainVerdict, { from, until }: VerificationClock): void {
    if (question.bytes > MAXIMUM_CHAIN_BYTES) return
    this.#verdicts.delete(question.key)
    this.#verdicts.set(question.key, { question, verdict, from, until })
    const oldest = this.#verdicts.keys().next()
    if (this.#verdicts.size > MAXIMUM_VERDICTS && !oldest.done) this.#verdicts.delete(oldest.value)
  }
}
