// The nonces a Digest domain gives out: they cost no memory until they are used, expire, and count their uses.
// Made by AuthDomainDigest. No counterpart upstream, which takes any nonce any number of times. RFC 7616 sections 3.3, 5.4.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** `stale`: it was good once, the client should try again with another one. */
export type NonceVerdict = 'fresh' | 'stale' | 'invalid'

interface NonceUse {
  readonly issuedAt: number
  highest: number
  /** Bit n: `highest - n` was used. Requests of one client may overtake each other. */
  seen: bigint
}

/** How far a count may be behind the highest one. */
const WINDOW = 64
const WINDOW_MASK = (1n << BigInt(WINDOW)) - 1n
/** Nonces in use at a time; one more makes the oldest stale. */
const MAX_NONCES = 10_000
const TIME_BYTES = 6
const RANDOM_BYTES = 12
const TAG_BYTES = 16

/** Makes and checks nonces. */
export class DigestNonces {
  readonly #key = randomBytes(32)
  readonly #uses = new Map<string, NonceUse>()
  readonly #lifetimeMs: number
  readonly #now: () => number
  /** Nonces issued up to here are only good while they are in `#uses`: older ones were forgotten. */
  #forgottenUpTo = 0

  /** @param now The clock, in milliseconds. */
  constructor(lifetimeMs: number, now: () => number) {
    this.#lifetimeMs = lifetimeMs
    this.#now = now
  }

  /** A new nonce. */
  issue(): string {
    const body = Buffer.alloc(TIME_BYTES + RANDOM_BYTES)
    body.writeUIntBE(Math.max(0, Math.floor(this.#now())), 0, TIME_BYTES)
    randomBytes(RANDOM_BYTES).copy(body, TIME_BYTES)
    return Buffer.concat([body, this.#tag(body)]).toString('base64url')
  }

  /** Whether `nonce` is one of ours and may be used for the `count`th time. Changes nothing. */
  check(nonce: string, count: number): NonceVerdict {
    const issuedAt = this.#issuedAt(nonce)
    if (issuedAt === null) return 'invalid'
    const age = this.#now() - issuedAt
    if (age < 0 || age > this.#lifetimeMs) return 'stale'
    const use = this.#uses.get(nonce)
    if (use === undefined) return issuedAt <= this.#forgottenUpTo ? 'stale' : 'fresh'
    const behind = use.highest - count
    if (behind < 0) return 'fresh'
    return behind < WINDOW && (use.seen & (1n << BigInt(behind))) === 0n ? 'fresh' : 'stale'
  }

  /** Counts a use that `check` found fresh. To be called once the credentials were found to be right. */
  use(nonce: string, count: number): void {
    const use = this.#uses.get(nonce) ?? this.#remember(nonce)
    const ahead = count - use.highest
    if (ahead > 0) {
      use.seen = ahead >= WINDOW ? 1n : ((use.seen << BigInt(ahead)) | 1n) & WINDOW_MASK
      use.highest = count
    } else {
      use.seen |= 1n << BigInt(-ahead)
    }
  }

  #remember(nonce: string): NonceUse {
    if (this.#uses.size >= MAX_NONCES) this.#forgetOldest()
    const use: NonceUse = { issuedAt: this.#issuedAt(nonce) ?? 0, highest: 0, seen: 1n }
    this.#uses.set(nonce, use)
    return use
  }

  #forgetOldest(): void {
    const [oldest] = this.#uses
    if (oldest === undefined) return
    this.#uses.delete(oldest[0])
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, oldest[1].issuedAt)
  }

  #issuedAt(nonce: string): number | null {
    const bytes = Buffer.from(nonce, 'base64url')
    // Other spellings of the same bytes would have a count of their own.
    if (bytes.length !== TIME_BYTES + RANDOM_BYTES + TAG_BYTES || bytes.toString('base64url') !== nonce) return null
    const body = bytes.subarray(0, TIME_BYTES + RANDOM_BYTES)
    if (!timingSafeEqual(this.#tag(body), bytes.subarray(body.length))) return null
    return body.readUIntBE(0, TIME_BYTES)
  }

  #tag(body: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(body).digest().subarray(0, TAG_BYTES)
  }
}
