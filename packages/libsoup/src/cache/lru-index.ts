// What is stored under which key, in the order of its last use. The order is a list through the records themselves, so
// that a use moves pointers and leaves the map alone. Owned by the stores.

export class LruRecord {
  readonly key: string
  bytes = 0
  newer: LruRecord | null = null
  older: LruRecord | null = null

  constructor(key: string) {
    this.key = key
  }
}

export class LruIndex<T extends LruRecord> {
  readonly #records = new Map<string, T>()
  #newest: LruRecord | null = null
  #oldest: LruRecord | null = null
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#records.size
  }

  /** Without counting as a use. */
  peek(key: string): T | undefined {
    return this.#records.get(key)
  }

  use(key: string): T | undefined {
    const record = this.#records.get(key)
    if (record !== undefined && record !== this.#newest) {
      this.#unlink(record)
      this.#linkNewest(record)
    }
    return record
  }

  /** Adds a record whose key is new. */
  add(record: T): void {
    this.#records.set(record.key, record)
    this.#bytes += record.bytes
    this.#linkNewest(record)
  }

  resize(record: T, bytes: number): void {
    if (this.#records.get(record.key) === record) this.#bytes += bytes - record.bytes
    record.bytes = bytes
  }

  remove(record: T): void {
    if (this.#records.get(record.key) !== record) return
    this.#records.delete(record.key)
    this.#bytes -= record.bytes
    this.#unlink(record)
  }

  /** Takes out the records used least recently until no more than `maxBytes` are left. */
  evict(maxBytes: number): T[] {
    const evicted: T[] = []
    while (this.#bytes > maxBytes && this.#oldest !== null) {
      const record = this.#oldest as T
      this.remove(record)
      evicted.push(record)
    }
    return evicted
  }

  clear(): void {
    this.#records.clear()
    this.#newest = null
    this.#oldest = null
    this.#bytes = 0
  }

  /** From the one used least recently. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let record = this.#oldest; record !== null; record = record.newer) yield record as T
  }

  #linkNewest(record: LruRecord): void {
    record.older = this.#newest
    record.newer = null
    if (this.#newest !== null) this.#newest.newer = record
    this.#newest = record
    this.#oldest ??= record
  }

  #unlink(record: LruRecord): void {
    if (record.older !== null) record.older.newer = record.newer
    else this.#oldest = record.newer
    if (record.newer !== null) record.newer.older = record.older
    else this.#newest = record.older
    record.older = null
    record.newer = null
  }
}
