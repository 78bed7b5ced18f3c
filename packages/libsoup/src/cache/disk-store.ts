// A cache's responses in a directory. Made by Cache with a directory. The files are the truth (see disk-directory.ts and
// entry-file.ts); the index in memory only says which there are. Processes may share a directory: each finds what was
// there when it loaded and what it stores itself, and checks every file it reads.

import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Range } from '../headers/ranges.ts'
import { BytesInputStream } from './bytes-input-stream.ts'
import type { CacheStore, EntryWriter, StoredEntry } from './cache-store.ts'
import { DiskDirectory } from './disk-directory.ts'
import { DiskEntries } from './disk-entries.ts'
import type { DiskEntry } from './disk-entries.ts'
import { DiskEntryWriter } from './disk-entry-writer.ts'
import { DiskIndex, nameOf, splitStem, variantOf } from './disk-index.ts'
import type { DiskRecord, Variant } from './disk-index.ts'
import { ORPHAN_AGE_MS, takeInventory } from './disk-inventory.ts'
import type { EntryBody } from './entry-file.ts'
import { formatOrder, MAX_ORDER_BYTES, parseOrder } from './order-file.ts'
import type { StoredHead } from './stored-head.ts'
import { TaskChains } from './task-chains.ts'

export interface DiskStoreOptions {
  readonly cacheDir: string
  readonly maxSize: number
  /** Told what the disk complains about; the response in question is not stored, or not found. */
  readonly onError: (error: Error) => void
  /** See `ORPHAN_AGE_MS`. */
  readonly orphanAge?: number
}

/** Files of this layout; another will have another name. */
const SUBDIRECTORY = 'responses-1'

/** Entries being written at once; a response that comes while there are more is not stored. */
const MAX_WRITERS = 64

/** Entries whose writing is not over; the same. */
const MAX_PENDING = 512

export class DiskStore implements CacheStore {
  readonly #directory: DiskDirectory
  readonly #onError: (error: Error) => void
  readonly #orphanAge: number
  readonly #entries: DiskEntries
  readonly #index = new DiskIndex()
  /** What is being done to the files of a key, one thing after the other. */
  readonly #tasks: TaskChains
  #maxSize: number
  #loading: Promise<void> | null = null
  #state: 'new' | 'open' | 'unusable' = 'new'
  #writers = 0

  constructor({ cacheDir, maxSize, onError, orphanAge }: DiskStoreOptions) {
    this.#directory = new DiskDirectory(join(cacheDir, SUBDIRECTORY))
    this.#entries = new DiskEntries(this.#directory, onError)
    this.#maxSize = maxSize
    this.#onError = onError
    this.#orphanAge = orphanAge ?? ORPHAN_AGE_MS
    this.#tasks = new TaskChains(onError)
  }

  get size(): number {
    return this.#index.bytes
  }

  get maxSize(): number {
    return this.#maxSize
  }

  set maxSize(bytes: number) {
    this.#maxSize = bytes
    this.#evict()
  }

  find(key: string): readonly StoredEntry[] | Promise<readonly StoredEntry[]> | null {
    if (this.#state !== 'open') return this.#findLater(key)
    const name = nameOf(key)
    const record = this.#index.use(name)
    const pending = this.#tasks.pending(name)
    if (pending !== undefined) return pending.then(() => this.#read(key, this.#index.peek(name)))
    return record === undefined ? null : this.#read(key, record)
  }

  openBody(entry: StoredEntry, part: Range | null): Readable | Promise<Readable | null> {
    const { body } = entry as DiskEntry
    return body.inline === null ? this.#openFile(entry as DiskEntry, part) : new BytesInputStream(body.inline, part)
  }

  createWriter(head: StoredHead, sizeHint: number | null): EntryWriter | null {
    if (this.#state !== 'open' || this.#writers >= MAX_WRITERS || this.#tasks.size >= MAX_PENDING) return null
    this.#writers += 1
    const name = nameOf(head.data.key)
    const variant = variantOf(head)
    return new DiskEntryWriter({
      directory: this.#directory,
      stem: `${name}-${variant}`,
      sizeHint,
      onCommit: (body) => this.#tasks.add(name, () => this.#commit(name, variant, head, body)),
      onError: this.#onError,
      onGone: () => (this.#writers -= 1),
    })
  }

  update(entry: StoredEntry, head: StoredHead): void {
    const { stem, body } = entry as DiskEntry
    const [name, variant] = splitStem(stem)
    this.#tasks.add(name, async () => {
      const now = await this.#entries.read(stem)
      if (now === null || now.body.id !== body.id || now.body.crc !== body.crc) return // replaced since
      const bytes = await this.#entries.write(stem, head, now.body)
      const known = this.#index.peek(name)?.variants.get(variant)
      if (known !== undefined) this.#index.setVariant(name, variant, { ...known, bytes })
    })
  }

  remove(key: string): void {
    if (this.#state === 'unusable') return
    const name = nameOf(key)
    if (this.#state === 'open' && this.#index.peek(name) === undefined && this.#tasks.pending(name) === undefined)
      return
    this.#tasks.add(name, async () => {
      await this.#loaded()
      const record = this.#index.peek(name)
      if (record === undefined) return
      this.#index.remove(record)
      await this.#unlinkRecord(record)
    })
  }

  async clear(): Promise<void> {
    await this.load()
    await this.flush()
    this.#index.clear()
    await this.#directory.clear()
  }

  flush(): Promise<void> {
    return this.#tasks.idle()
  }

  load(): Promise<void> {
    return (this.#loading ??= this.#load())
  }

  async dump(): Promise<void> {
    await this.load()
    await this.flush()
    if (this.#state !== 'open') return
    await this.#directory.write(join(this.#directory.root, 'order'), formatOrder(this.#index.order()))
  }

  async close(): Promise<void> {
    if (this.#loading !== null) await this.#loaded()
    if (this.#state === 'open') await this.dump()
    this.#state = 'unusable'
    this.#index.clear()
  }

  async #load(): Promise<void> {
    const directory = this.#directory
    try {
      await directory.create()
      const known = parseOrder(await directory.read(join(directory.root, 'order'), 64 * 1024, MAX_ORDER_BYTES))
      const found = await takeInventory({ directory, known, now: Date.now(), orphanAge: this.#orphanAge })
      this.#index.fill(found, known)
      this.#state = 'open'
      this.#evict()
    } catch (error) {
      this.#state = 'unusable'
      throw error
    }
  }

  /** Never rejects: a directory that cannot be used is told once, and then there is nothing in it. */
  async #loaded(): Promise<void> {
    const first = this.#loading === null
    try {
      await this.load()
    } catch (error) {
      if (first) this.#onError(error as Error)
    }
  }

  #findLater(key: string): Promise<readonly StoredEntry[]> | null {
    if (this.#state === 'unusable') return null
    return this.#loaded().then(() => (this.#state === 'open' ? (this.find(key) ?? []) : []))
  }

  async #read(key: string, record: DiskRecord | undefined): Promise<readonly StoredEntry[]> {
    const entries: StoredEntry[] = []
    for (const [variant, { bytes }] of record?.variants ?? []) {
      const stem = `${(record as DiskRecord).key}-${variant}`
      const entry = await this.#entries.read(stem, bytes)
      if (entry === null) this.#dropDamaged(stem)
      else if (entry.head.data.key === key) entries.push(entry)
    }
    return entries
  }

  async #openFile({ stem, body }: DiskEntry, part: Range | null): Promise<Readable | null> {
    const [name, variant] = splitStem(stem)
    const id = body.id as string
    const known = (): Variant | undefined => this.#index.peek(name)?.variants.get(variant)
    const verified = known()?.bodyId === id && known()?.verified === true
    const stream = await this.#entries.openBody(stem, body, part, verified)
    const now = known()
    if (stream === null) this.#dropDamaged(stem, id)
    else if (now?.bodyId === id && !now.verified) this.#index.setVariant(name, variant, { ...now, verified: true })
    return stream
  }

  /** Forgets an entry that cannot be read, or whose body cannot, if it is still the same. */
  #dropDamaged(stem: string, bodyId?: string): void {
    const [name, variant] = splitStem(stem)
    this.#tasks.add(name, async () => {
      const entry = await this.#entries.read(stem)
      if (entry !== null && entry.body.id !== bodyId) return
      const record = this.#index.peek(name)
      const known = record?.variants.get(variant)
      if (record !== undefined && known !== undefined) this.#index.forgetVariant(record, variant, known)
      await this.#entries.unlink(stem, bodyId ?? known?.bodyId ?? null)
    })
  }

  async #commit(name: string, variant: string, head: StoredHead, pending: Promise<EntryBody | null>): Promise<void> {
    const body = await pending
    if (body === null) return
    const stem = `${name}-${variant}`
    const before = this.#index.peek(name)?.variants.get(variant)?.bodyId ?? null
    try {
      const bytes = await this.#entries.write(stem, head, body)
      this.#index.setVariant(name, variant, { bytes, bodyId: body.id, verified: true })
    } catch (error) {
      if (body.id !== null) await this.#entries.unlinkBody(stem, body.id)
      throw error
    }
    if (before !== null) await this.#entries.unlinkBody(stem, before)
    await this.#trimVariants(name)
    this.#evict()
  }

  async #trimVariants(name: string): Promise<void> {
    const gone = this.#index.trim(name)
    if (gone !== null) await this.#entries.unlink(`${name}-${gone[0]}`, gone[1].bodyId)
  }

  #evict(): void {
    for (const record of this.#index.evict(this.#maxSize)) {
      this.#tasks.add(record.key, () => this.#unlinkRecord(record))
    }
  }

  /** Removes the files of a record that is no longer in the index, save those that have been stored again. */
  async #unlinkRecord(record: DiskRecord): Promise<void> {
    const now = this.#index.peek(record.key)
    for (const [variant, { bodyId }] of record.variants) {
      if (now?.variants.has(variant) !== true) await this.#entries.unlink(`${record.key}-${variant}`, bodyId)
    }
  }
}
