// The directory of a DiskStore: names, atomic writes, removals, and the inventory at the start. Names are made of hashes,
// never of URIs:
//
//     <root>/<2 digits>/<hash of the key>-<hash of the varying fields>.h             the entry, see entry-file.ts
//     <root>/<2 digits>/<hash of the key>-<hash of the varying fields>.<id>.b        a body too long to be in it
//     <root>/<2 digits>/<name>.<id>.tmp                                              being written
//     <root>/order                                                                   see order-file.ts
//
// A file comes to its name whole, by a rename; killed at any moment, a process leaves a file without a name in use.

import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, open, readdir, rename, rm, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/** The variant is between them. */
export const STEM = /^[0-9a-f]{32}-[0-9a-f]{8}$/

const DIRECTORY_MODE = 0o700
const FILE_MODE = 0o600

/** What one part of the directory holds. */
export interface Shard {
  /** Stems of entries. */
  readonly heads: ReadonlySet<string>
  /** Ids of bodies by the stems of their entries. */
  readonly bodies: ReadonlyMap<string, readonly string[]>
  /** Whole names of files that are being written, or were when their process ended. */
  readonly temporary: readonly string[]
}

export class DiskDirectory {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  headPath(stem: string): string {
    return join(this.root, stem.slice(0, 2), `${stem}.h`)
  }

  bodyPath(stem: string, id: string): string {
    return join(this.root, stem.slice(0, 2), `${stem}.${id}.b`)
  }

  /** Makes the directory if it is not there; only its owner may look into it. */
  async create(): Promise<void> {
    await mkdir(this.root, { recursive: true, mode: DIRECTORY_MODE })
    await chmod(this.root, DIRECTORY_MODE)
  }

  /** Opens a new file that `rename` will give the name `path`. */
  async createTemporary(path: string): Promise<{ handle: FileHandle; temporary: string }> {
    const temporary = `${path}.${newId()}.tmp`
    try {
      return { handle: await open(temporary, 'wx', FILE_MODE), temporary }
    } catch (error) {
      if (!isMissing(error)) throw error
      await mkdir(join(path, '..'), { recursive: true, mode: DIRECTORY_MODE })
      return { handle: await open(temporary, 'wx', FILE_MODE), temporary }
    }
  }

  /** Writes `bytes` to `path`, in the place of what was there, at one stroke. */
  async write(path: string, bytes: Buffer): Promise<void> {
    const { handle, temporary } = await this.createTemporary(path)
    try {
      try {
        await handle.writeFile(bytes)
      } finally {
        await handle.close()
      }
      await rename(temporary, path)
    } catch (error) {
      await this.unlink(temporary)
      if (!isMissing(error)) throw error // else another process cleared the directory, and this with it
    }
  }

  /** Up to `maxBytes` of a file; null when it is not there, or longer. `sizeHint` is what it is likely to have. */
  async read(path: string, sizeHint: number, maxBytes: number): Promise<Buffer | null> {
    const handle = await openIfThere(path)
    if (handle === null) return null
    try {
      let buffer = Buffer.allocUnsafe(Math.min(sizeHint, maxBytes) + 1)
      for (let length = 0; ;) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length)
        length += bytesRead
        if (length < buffer.length) return buffer.subarray(0, length)
        if (length > maxBytes) return null
        buffer = Buffer.concat([buffer], Math.min(length * 2, maxBytes + 1))
      }
    } finally {
      await handle.close()
    }
  }

  async unlink(path: string): Promise<void> {
    try {
      await unlink(path)
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }

  /** Names of the parts of the directory. */
  async shards(): Promise<string[]> {
    return (await readdir(this.root)).filter((name) => /^[0-9a-f]{2}$/.test(name))
  }

  async readShard(name: string): Promise<Shard> {
    const heads = new Set<string>()
    const bodies = new Map<string, string[]>()
    const temporary: string[] = []
    for (const file of await namesIn(join(this.root, name))) {
      const [stem = '', id = ''] = file.split('.')
      if (file.endsWith('.tmp')) temporary.push(file)
      else if (STEM.test(stem) && file === `${stem}.h`) heads.add(stem)
      else if (STEM.test(stem) && file === `${stem}.${id}.b`) bodies.set(stem, [...(bodies.get(stem) ?? []), id])
    }
    return { heads, bodies, temporary }
  }

  /** Bytes and time of the last change; null when it is not there. */
  async stat(path: string): Promise<{ size: number; mtimeMs: number } | null> {
    try {
      return await lstat(path)
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  /** Removes everything a store may have put here, of other processes too. */
  async clear(): Promise<void> {
    for (const shard of await this.shards()) await rm(join(this.root, shard), { recursive: true, force: true })
  }
}

/** 16 hexadecimal digits. */
export function newId(): string {
  return randomBytes(8).toString('hex')
}

/** Null when there is no such file. */
export async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (isMissing(error)) return [] // another process cleared it
    throw error
  }
}

/** There is no such file. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
