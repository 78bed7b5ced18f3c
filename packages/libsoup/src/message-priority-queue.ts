// Messages of one host that wait for a connection: highest priority first, then first come first served. Used by
// ConnectionManager. Adding, taking and removing cost the same however many wait.

import { MessagePriority } from './message-priority.ts'

/** Gaps left at the front of a bucket before it is compacted. */
const COMPACT_AFTER = 1024

interface Entry<T> {
  item: T | null
}

interface Bucket<T> {
  entries: Entry<T>[]
  head: number
}

export class MessagePriorityQueue<T extends object> {
  readonly #buckets: readonly Bucket<T>[] = Object.values(MessagePriority).map(() => ({ entries: [], head: 0 }))
  readonly #entries = new Map<T, Entry<T>>()

  get size(): number {
    return this.#entries.size
  }

  has(item: T): boolean {
    return this.#entries.has(item)
  }

  add(item: T, priority: MessagePriority): void {
    const entry: Entry<T> = { item }
    this.#entries.set(item, entry)
    this.#buckets[priority]?.entries.push(entry)
  }

  /** False when it was not waiting. */
  remove(item: T): boolean {
    const entry = this.#entries.get(item)
    if (entry === undefined) return false
    entry.item = null // its place in the bucket is skipped later
    this.#entries.delete(item)
    return true
  }

  /** Takes the first item that `accepts`; those before it keep their places. */
  take(accepts: (item: T) => boolean): T | null {
    const item = this.peek(accepts)
    if (item !== null) this.remove(item)
    return item
  }

  /** The first item that `accepts`, left where it is. */
  peek(accepts: (item: T) => boolean): T | null {
    if (this.#entries.size === 0) return null
    for (let priority = this.#buckets.length - 1; priority >= 0; priority--) {
      const bucket = this.#buckets[priority] as Bucket<T>
      skipRemoved(bucket)
      for (let i = bucket.head; i < bucket.entries.length; i++) {
        const item = bucket.entries[i]?.item ?? null
        if (item !== null && accepts(item)) return item
      }
    }
    return null
  }
}

function skipRemoved<T>(bucket: Bucket<T>): void {
  const { entries } = bucket
  while (bucket.head < entries.length && entries[bucket.head]?.item === null) bucket.head++
  if (bucket.head === entries.length) {
    entries.length = 0
    bucket.head = 0
  } else if (bucket.head > COMPACT_AFTER && bucket.head * 2 > entries.length) {
    entries.splice(0, bucket.head)
    bucket.head = 0
  }
}
