// Remembers how chains were judged, so that the next connection to the same server costs a hash instead of signatures.
// Kept for each database and each library by verify-chain.ts.

import { hash } from 'node:crypto'
import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import type { TlsCertificateFlags } from '../tls-certificate-flags.ts'
import type { GeneralName } from './general-name.ts'
import type { VerificationClock } from './verification-clock.ts'
import type { VerifyChainOptions } from './verify-chain.ts'

/** As many servers as a browser talks to in a while; an entry takes some kilobytes at most. */
const MAXIMUM_VERDICTS = 256
/** A certificate with more names than this is judged anew each time rather than kept. */
const MAXIMUM_NAMES = 512

/** What was found out about a chain, whoever it should have been for. */
export interface ChainVerdict {
  /** Without BAD_IDENTITY. */
  readonly flags: TlsCertificateFlags
  /** The subjectAltName of the leaf. */
  readonly names: readonly GeneralName[]
}

interface CachedVerdict {
  readonly verdict: ChainVerdict
  /** From when on, and up to when, exclusive, it holds; milliseconds since the epoch. */
  readonly from: number
  readonly until: number
}

/** The verdicts used last. Each holds from one date in the chain to the next, so that an old one is never wrong. */
export class VerdictCache {
  readonly #verdicts = new Map<string, CachedVerdict>()

  /** The verdict remembered under `key`, if it holds at `now`. */
  get(key: string, now: number): ChainVerdict | null {
    const cached = this.#verdicts.get(key)
    if (cached === undefined || now < cached.from || now >= cached.until) return null
    this.#verdicts.delete(key)
    this.#verdicts.set(key, cached)
    return cached.verdict
  }

  /** Remembers `verdict` for as long as `clock`, which saw every date it depends on, says that it holds. */
  set(key: string, verdict: ChainVerdict, { from, until }: VerificationClock): void {
    if (verdict.names.length > MAXIMUM_NAMES) return
    this.#verdicts.delete(key)
    this.#verdicts.set(key, { verdict, from, until })
    const oldest = this.#verdicts.keys().next()
    if (this.#verdicts.size > MAXIMUM_VERDICTS && !oldest.done) this.#verdicts.delete(oldest.value)
  }
}

/** Equal for chains that have to be judged alike at the same time by the same database. */
export function verdictKey(certificates: readonly TlsCertificate[], options: VerifyChainOptions): string {
  const parts = certificates.map(({ certificate }) => certificate as Uint8Array)
  if (options.ocspResponse) parts.push(options.ocspResponse)
  const lengths = parts.map(({ length }) => length).join()
  const about = `${options.purpose} ${options.maximumDepth ?? ''} ${certificates.length} ${lengths}`
  return hash('sha256', Buffer.concat([Buffer.from(about), ...parts]), 'base64')
}
