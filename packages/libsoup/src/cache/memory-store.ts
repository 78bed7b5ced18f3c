// A cache's responses in memory. Made by Cache without a directory. Everything happens at once.

import type { Readable } from 'node:stream'
import type { Range } from '../headers/ranges.ts'
import { BytesInputStream } from './bytes-input-stream.ts'
import { sameVarying } from './cache-key.ts'
import { MAX_VARIANTS } from './cache-store.ts'
import type { CacheStore, EntryWriter, StoredEntry } from './cache-store.ts'
import { GrowingBuffer } from './growing-buffer.ts'
import { LruIndex, LruRecord } from './lru-index.ts'
import type { StoredHead } from './stored-head.ts'

/** Bytes that an entry takes beside its strings and its body, roughly. */
const ENTRY_OVERHEAD_BYTES = 512

class MemoryEntry implements StoredEntry {
  head: StoredHead
  readonly body: Buffer

  constructor(head: StoredHead, body: Buffer) {
    this.head = head
    this.body = body
  }

  get bodyLength(): number {
    return this.body.length
  }
}

class MemoryRecord extends LruRecord {
  /** The newest last. */
  entries: readonly MemoryEntry[] = []
}

export class MemoryStore implements CacheStore {
  readonly #index = new LruIndex<MemoryRecord>()
  #maxSize: number

  constructor(maxSize: number) {
    this.#maxSize = maxSize
  }

  get size(): number {
    return this.#index.bytes
  }

  get maxSize(): number {
    return this.#maxSize
  }

  set maxSize(bytes: number) {
    this.#maxSize = bytes
    this.#index.evict(bytes)
  }

  find(key: string): readonly StoredEntry[] | null {
    return this.#index.use(key)?.entries ?? null
  }

  openBody(entry: StoredEntry, part: Range | null): Readable {
    return new BytesInputStream((entry as MemoryEntry).body, part)
  }

  createWriter(head: StoredHead, sizeHint: number | null): EntryWriter {
    let buffer: GrowingBuffer | null = new GrowingBuffer(sizeHint)
    return {
      write: (chunk) => {
        buffer?.append(chunk)
        return buffer !== null
      },
      commit: () => {
        if (buffer !== null) this.#add(new MemoryEntry(head, buffer.take()))
        buffer = null
      },
      abort: () => (buffer = null),
    }
  }

  update(entry: StoredEntry, head: StoredHead): void {
    const record = this.#index.peek(entry.head.data.key)
    const known = record?.entries.find((one) => one === entry)
    if (record === undefined || known === undefined) return
    known.head = head
    this.#resize(record)
  }

  remove(key: string): void {
    const record = this.#index.peek(key)
    if (record !== undefined) this.#index.remove(record)
  }

  clear(): Promise<void> {
    this.#index.clear()
    return Promise.resolve()
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }

  load(): Promise<void> {
    return Promise.resolve()
  }

  dump(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return this.clear()
  }

  #add(entry: MemoryEntry): void {
    const { key } = entry.head.data
    let record = this.#index.use(key)
    if (record === undefined) this.#index.add((record = new MemoryRecord(key)))
    const others = record.entries.filter((one) => !sameVarying(one.head, entry.head))
    // A new array: a message may be looking at the old one.
    record.entries = [...others.slice(-(MAX_VARIANTS - 1)), entry]
    this.#resize(record)
  }

  #resize(record: MemoryRecord): void {
    this.#index.resize(
      record,
      record.entries.reduce((sum, entry) => sum + bytesOf(entry), 0),
    )
    this.#index.evict(this.#maxSize)
  }
}

function bytesOf({ head, body }: MemoryEntry): number {
  const { key, fields } = head.data
  return fields.reduce((sum, text) => sum + text.length, ENTRY_OVERHEAD_BYTES + key.length + body.length)
}
