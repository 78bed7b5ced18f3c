// Policies by domain, so many and no more. Owned by HSTSEnforcer. Upstream: the tables of soup-hsts-enforcer.c, which have
// no limit.

import { siteOf } from '../uri/tld.ts'
import { policyExpiry } from './hsts-policy.ts'
import type { HSTSPolicy } from './hsts-policy.ts'

export class PolicyTable {
  readonly #maxPolicies: number
  /** In the order in which they were set. */
  readonly #policies = new Map<string, HSTSPolicy>()
  readonly #sizes = new Map<string, number>()

  constructor(maxPolicies: number) {
    this.#maxPolicies = maxPolicies
  }

  get size(): number {
    return this.#policies.size
  }

  get(domain: string): HSTSPolicy | null {
    return this.#policies.get(domain) ?? null
  }

  /** The policy of `domain` if it is not over at `now`, in milliseconds since the epoch. */
  valid(domain: string, now: number): HSTSPolicy | null {
    const policy = this.get(domain)
    return policy === null || isOver(policy, now) ? null : policy
  }

  /** Puts `policy` in the place of its domain's. Returns what had to go to make room for it. */
  set(policy: HSTSPolicy, now: number): HSTSPolicy[] {
    this.delete(policy.domain)
    const gone = this.size < this.#maxPolicies ? [] : this.#makeRoom(now)
    this.#policies.set(policy.domain, policy)
    this.#count(policy.domain, 1)
    return gone
  }

  delete(domain: string): HSTSPolicy | null {
    const policy = this.get(domain)
    if (policy === null) return null
    this.#policies.delete(domain)
    this.#count(domain, -1)
    return policy
  }

  all(): IterableIterator<HSTSPolicy> {
    return this.#policies.values()
  }

  /**
   * Takes out all that are over, or else the oldest of the site that has most: a site that sets policies for a thousand
   * names does not drive out those of others.
   */
  #makeRoom(now: number): HSTSPolicy[] {
    const over = [...this.all()].filter((policy) => isOver(policy, now))
    if (over.length === 0) over.push(this.#oldestOf(this.#fattestSite()))
    for (const { domain } of over) this.delete(domain)
    return over
  }

  #fattestSite(): string {
    let fattest = ''
    let most = 0
    for (const [site, size] of this.#sizes) {
      if (size <= most) continue
      fattest = site
      most = size
    }
    return fattest
  }

  #oldestOf(site: string): HSTSPolicy {
    for (const policy of this.all()) if (siteOf(policy.domain) === site) return policy
    throw new Error('There is no policy to evict.')
  }

  #count(domain: string, by: number): void {
    const site = siteOf(domain)
    const size = (this.#sizes.get(site) ?? 0) + by
    if (size === 0) this.#sizes.delete(site)
    else this.#sizes.set(site, size)
  }
}

function isOver(policy: HSTSPolicy, now: number): boolean {
  const expires = policyExpiry(policy)
  return expires !== null && expires <= now
}
