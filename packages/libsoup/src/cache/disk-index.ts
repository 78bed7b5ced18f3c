// Which entries a DiskStore has, in memory: how long their files are, in which order they were used. Owned by DiskStore.

import { hash } from 'node:crypto'
import { MAX_VARIANTS } from './cache-store.ts'
import type { FoundEntry } from './disk-inventory.ts'
import { LruIndex, LruRecord } from './lru-index.ts'
import type { StoredHead } from './stored-head.ts'

export interface Variant {
  readonly bytes: number
  readonly bodyId: string | null
  /** The body has been read and found to be what was written. */
  readonly verified: boolean
}

/** All variants of one key; named by the hash of it. */
export class DiskRecord extends LruRecord {
  /** By the hash of the varying fields, the newest last. */
  readonly variants = new Map<string, Variant>()
}

export class DiskIndex extends LruIndex<DiskRecord> {
  /** Takes what is in the directory: first what has a place in the order of use, then what came after it, by time. */
  fill(found: readonly FoundEntry[], order: ReadonlyMap<string, number>): void {
    const byStem = new Map(found.map((entry) => [entry.stem, entry]))
    const ordered = [...order.keys()].map((stem) => byStem.get(stem)).filter((entry) => entry !== undefined)
    const others = found.filter((entry) => !order.has(entry.stem)).sort((a, b) => a.time - b.time)
    for (const { stem, bytes, bodyId } of [...ordered, ...others]) {
      this.setVariant(...splitStem(stem), { bytes, bodyId, verified: false })
    }
  }

  /** Stems and bytes, from the one used least recently. */
  *order(): IterableIterator<[stem: string, bytes: number]> {
    for (const record of this) {
      for (const [variant, { bytes }] of record.variants) yield [`${record.key}-${variant}`, bytes]
    }
  }

  setVariant(name: string, variant: string, value: Variant): void {
    let record = this.use(name)
    if (record === undefined) this.add((record = new DiskRecord(name)))
    const before = record.variants.get(variant)
    record.variants.set(variant, value)
    this.resize(record, record.bytes + value.bytes - (before?.bytes ?? 0))
  }

  forgetVariant(record: DiskRecord, variant: string, { bytes }: Variant): void {
    record.variants.delete(variant)
    this.resize(record, record.bytes - bytes)
    if (record.variants.size === 0) this.remove(record)
  }

  /** Forgets the oldest variant if there are too many, and returns it. */
  trim(name: string): [hash: string, Variant] | null {
    const record = this.peek(name)
    if (record === undefined || record.variants.size <= MAX_VARIANTS) return null
    const oldest = [...record.variants][0] as [string, Variant]
    this.forgetVariant(record, ...oldest)
    return oldest
  }
}

/** Files of a key are named by its hash, so that no URI has a say in their names. */
export function nameOf(key: string): string {
  return hash('sha256', key).slice(0, 32)
}

export function variantOf(head: StoredHead): string {
  return hash('sha256', JSON.stringify(head.data.varying)).slice(0, 8)
}

/** Hash of the key and of the varying fields. */
export function splitStem(stem: string): [name: string, variant: string] {
  const [name = '', variant = ''] = stem.split('-')
  return [name, variant]
}
