// Finds out what a directory holds, and takes away what is of no use: files that a process was writing when it was killed,
// and bodies that belong to no entry. Called by DiskStore when it loads.

import { join } from 'node:path'
import type { DiskDirectory, Shard } from './disk-directory.ts'
import { parseEntry } from './entry-file.ts'

/** Longest file of an entry, in bytes. */
export const MAX_ENTRY_FILE_BYTES = 1024 * 1024 + 64 * 1024

/** A file without a use that changed less than this many milliseconds ago may be another process's work. */
export const ORPHAN_AGE_MS = 10 * 60 * 1000

export interface FoundEntry {
  readonly stem: string
  readonly bytes: number
  readonly bodyId: string | null
  /** When it was written, in milliseconds since the epoch; 0 for those whose place in the order is known. */
  readonly time: number
}

export interface InventoryOptions {
  readonly directory: DiskDirectory
  /** Sizes by stem, from the last time. */
  readonly known: ReadonlyMap<string, number>
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly orphanAge: number
}

/** In no order. */
export async function takeInventory(options: InventoryOptions): Promise<FoundEntry[]> {
  const found: FoundEntry[] = []
  for (const name of await options.directory.shards()) {
    const shard = await options.directory.readShard(name)
    await removeOrphans(options, name, shard)
    const entries = await Promise.all([...shard.heads].map((stem) => describe(options, stem, shard.bodies.get(stem))))
    for (const entry of entries) if (entry !== null) found.push(entry)
  }
  return found
}

async function describe(
  { directory, known }: InventoryOptions,
  stem: string,
  bodies: readonly string[] = [],
): Promise<FoundEntry | null> {
  const bodyId = bodies.length > 1 ? await bodyOf(directory, stem) : (bodies[0] ?? null)
  const bytes = known.get(stem)
  if (bytes !== undefined) return { stem, bytes, bodyId, time: 0 }
  const head = await directory.stat(directory.headPath(stem))
  const body = bodyId === null ? null : await directory.stat(directory.bodyPath(stem, bodyId))
  return head === null ? null : { stem, bytes: head.size + (body?.size ?? 0), bodyId, time: head.mtimeMs }
}

async function removeOrphans(options: InventoryOptions, name: string, shard: Shard): Promise<void> {
  const { directory } = options
  for (const file of shard.temporary) await removeIfOld(options, join(directory.root, name, file))
  for (const [stem, ids] of shard.bodies) {
    if (shard.heads.has(stem) && ids.length === 1) continue
    const used = shard.heads.has(stem) ? await bodyOf(directory, stem) : null
    for (const id of ids) if (id !== used) await removeIfOld(options, directory.bodyPath(stem, id))
  }
}

async function removeIfOld({ directory, now, orphanAge }: InventoryOptions, path: string): Promise<void> {
  const stat = await directory.stat(path)
  if (stat !== null && now - stat.mtimeMs >= orphanAge) await directory.unlink(path)
}

async function bodyOf(directory: DiskDirectory, stem: string): Promise<string | null> {
  const file = await directory.read(directory.headPath(stem), 4096, MAX_ENTRY_FILE_BYTES)
  return (file === null ? null : parseEntry(file))?.body.id ?? null
}
