// Keeps answers for as long as they hold, the most recently used ones when there are too many. Used by Resolver.

import type { ResolverAnswer } from './resolver-answer.ts'

/** As many names as Chromium keeps. */
const DEFAULT_MAX_ENTRIES = 1000

interface Entry {
  readonly values: readonly unknown[]
  /** On the clock of the cache, in milliseconds. */
  readonly expires: number
}

export interface AnswerCacheOptions {
  /** 0 keeps nothing. */
  readonly maxEntries?: number | undefined
  /** Milliseconds that never go backwards; `performance.now` unless a test owns the time. */
  readonly clock?: (() => number) | undefined
}

export class AnswerCache {
  /** In order of use, the one used longest ago first. */
  readonly #entries = new Map<string, Entry>()
  readonly #maxEntries: number
  readonly #clock: () => number

  constructor({ maxEntries = DEFAULT_MAX_ENTRIES, clock = () => performance.now() }: AnswerCacheOptions = {}) {
    this.#maxEntries = maxEntries
    this.#clock = clock
  }

  /** The values kept for `key`, none for a kept "no"; undefined when nothing is kept or it has run out. */
  get(key: string): readonly unknown[] | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    this.#entries.delete(key)
    if (entry.expires <= this.#clock()) return undefined
    this.#entries.set(key, entry)
    return entry.values
  }

  set(key: string, answer: ResolverAnswer<unknown>): void {
    if (!(answer.ttl > 0) || this.#maxEntries === 0) return
    this.#entries.delete(key)
    this.#entries.set(key, { values: answer.values, expires: this.#clock() + answer.ttl * 1000 })
    if (this.#entries.size <= this.#maxEntries) return
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined) this.#entries.delete(oldest)
  }

  clear(): void {
    this.#entries.clear()
  }

  get size(): number {
    return this.#entries.size
  }
}
