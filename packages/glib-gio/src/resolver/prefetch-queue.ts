// Looks names up ahead of need, a few at a time, so that hints never stand in the way of lookups that somebody waits for.
// Used by Resolver.prefetch. Upstream: WebCore/platform/network/DNSResolveQueue.cpp, whose limits these are.

const MAX_RUNNING = 8
const MAX_QUEUED = 64

export class PrefetchQueue {
  readonly #lookup: (name: string) => Promise<unknown>
  readonly #queued = new Set<string>()
  #running = 0

  /** @param lookup Its failures are left to whoever asks for the name in earnest. */
  constructor(lookup: (name: string) => Promise<unknown>) {
    this.#lookup = lookup
  }

  /** A hint: dropped when there are too many. */
  add(name: string): void {
    if (this.#queued.size < MAX_QUEUED) this.#queued.add(name)
    this.#runNext()
  }

  #runNext(): void {
    const [name] = this.#queued
    if (name === undefined || this.#running >= MAX_RUNNING) return
    this.#queued.delete(name)
    this.#running++
    const onEnd = (): void => {
      this.#running--
      this.#runNext()
    }
    this.#lookup(name).then(onEnd, onEnd)
  }
}
