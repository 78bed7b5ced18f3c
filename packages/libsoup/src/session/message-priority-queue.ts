// Messages of one host that wait for a connection: highest priority first, then first come first served. Used by
// ConnectionManager. Adding, taking and removing cost the same however many wait.

import { MessagePriority } from '../message/message-priority.ts'

/** Gaps left at the front of a bucket before it is compacted. */
const COMPACT_AFTER = 1024

/** A place in the queue; empty once its item was taken or removed. */
export interface WaitingPlace<T> {
  item: T | null
}

/** Where an item waits is kept in the item: a map of all of them would make garbage collection the main cost. */
export interface Waiter<T> {
  waitingPlace: WaitingPlace<T> | null
}

interface Bucket<T> {
  places: (WaitingPlace<T> | null)[]
  head: number
}

export class MessagePriorityQueue<T extends Waiter<T>> {
  readonly #buckets: readonly Bucket<T>[] = Object.values(MessagePriority).map(() => ({ places: [], head: 0 }))
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Adds an item that waits nowhere else. */
  add(item: T, priority: MessagePriority): void {
    const place: WaitingPlace<T> = { item }
    item.waitingPlace = place
    this.#size += 1
    const bucket = this.#buckets[priority] as Bucket<T>
    if (bucket.places.length >= COMPACT_AFTER && bucket.places.length > 2 * this.#size) compact(bucket)
    bucket.places.push(place)
  }

  /** False when it was not waiting. */
  remove(item: T): boolean {
    const place = item.waitingPlace
    if (place === null) return false
    place.item = null // the place is skipped later
    item.waitingPlace = null
    this.#size -= 1
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
    if (this.#size === 0) return null
    for (let priority = this.#buckets.length - 1; priority >= 0; priority--) {
      const bucket = this.#buckets[priority] as Bucket<T>
      skipEmpty(bucket)
      for (let i = bucket.head; i < bucket.places.length; i++) {
        const item = bucket.places[i]?.item ?? null
        if (item !== null && accepts(item)) return item
      }
    }
    return null
  }
}

function skipEmpty<T>(bucket: Bucket<T>): void {
  const { places } = bucket
  while (bucket.head < places.length && (places[bucket.head]?.item ?? null) === null) places[bucket.head++] = null
  if (bucket.head === places.length) {
    places.length = 0
    bucket.head = 0
  } else if (bucket.head > COMPACT_AFTER && bucket.head * 2 > places.length) {
    places.splice(0, bucket.head)
    bucket.head = 0
  }
}

/** Behind one that waits long, nobody comes by the places of those that were removed. */
function compact<T>(bucket: Bucket<T>): void {
  bucket.places = bucket.places.filter((place) => (place?.item ?? null) !== null)
  bucket.head = 0
}
