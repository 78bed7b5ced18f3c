// Where a cache keeps its responses; MemoryStore and DiskStore each fill this. Called by Cache, which sees to the rules
// of HTTP: a store only keeps, finds and forgets.

import type { Readable } from 'node:stream'
import type { Range } from '../headers/ranges.ts'
import type { StoredHead } from './stored-head.ts'

/** Responses under one key that differ by what they were chosen by; with more, the oldest goes. */
export const MAX_VARIANTS = 8

export interface StoredEntry {
  readonly head: StoredHead
  /** In bytes, still encoded. */
  readonly bodyLength: number
}

/** Takes the body of one response. */
export interface EntryWriter {
  /** Takes a copy of `chunk`; false when it gave up, after which there is nothing to be done. */
  write(chunk: Buffer): boolean
  /** The body is complete: what is stored so far under the same key for the same request fields gives way. */
  commit(): void
  /** Forgets what was written. Does nothing after `commit`. */
  abort(): void
}

export interface CacheStore {
  /** Bytes of all entries, with what is kept beside their bodies. */
  readonly size: number
  /** Setting it lets the entries used least recently go. */
  maxSize: number
  /** Everything stored under `key`, which counts as a use; null when that is nothing. Never throws or rejects. */
  find(key: string): readonly StoredEntry[] | Promise<readonly StoredEntry[]> | null
  /** The body or a part of it; null when it is gone or damaged. Never throws or rejects. */
  openBody(entry: StoredEntry, part: Range | null): Readable | Promise<Readable | null>
  /** Begins an entry; null when there is no room for it now. `sizeHint` is the length its body is said to have. */
  createWriter(head: StoredHead, sizeHint: number | null): EntryWriter | null
  /** Replaces the head of an entry, unless the entry itself has been replaced. */
  update(entry: StoredEntry, head: StoredHead): void
  /** Forgets everything stored under `key`. */
  remove(key: string): void
  clear(): Promise<void>
  /** Resolves when what was begun is done. */
  flush(): Promise<void>
  /** Finds out what is stored. Happens by itself before the first use. */
  load(): Promise<void>
  /** Writes down what makes the next `load` quicker and keeps the order of use. */
  dump(): Promise<void>
  close(): Promise<void>
}
