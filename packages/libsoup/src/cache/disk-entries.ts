// The files of single entries: read, written and removed. Owned by DiskStore, which knows the entries there are.

import type { Readable } from 'node:stream'
import type { Range } from '../headers/ranges.ts'
import type { StoredEntry } from './cache-store.ts'
import type { DiskDirectory } from './disk-directory.ts'
import { MAX_ENTRY_FILE_BYTES } from './disk-inventory.ts'
import { formatEntry, parseEntry } from './entry-file.ts'
import type { EntryBody } from './entry-file.ts'
import type { StoredHead } from './stored-head.ts'
import { openBodyFile } from './stored-body-file.ts'

/** Read at first where the size of a file is not known; most entries have less. */
const USUAL_BYTES = 4096

/** Read at once at most. */
const MAX_PIECE_BYTES = 64 * 1024

export class DiskEntry implements StoredEntry {
  readonly stem: string
  readonly head: StoredHead
  readonly body: EntryBody

  constructor(stem: string, head: StoredHead, body: EntryBody) {
    this.stem = stem
    this.head = head
    this.body = body
  }

  get bodyLength(): number {
    return this.body.length
  }
}

export class DiskEntries {
  readonly #directory: DiskDirectory
  readonly #onError: (error: Error) => void

  constructor(directory: DiskDirectory, onError: (error: Error) => void) {
    this.#directory = directory
    this.#onError = onError
  }

  /** Null when it is gone or damaged. Never rejects. */
  async read(stem: string, sizeHint = USUAL_BYTES): Promise<DiskEntry | null> {
    try {
      const hint = Math.min(sizeHint, MAX_PIECE_BYTES)
      const bytes = await this.#directory.read(this.#directory.headPath(stem), hint, MAX_ENTRY_FILE_BYTES)
      const file = bytes === null ? null : parseEntry(bytes)
      return file === null ? null : new DiskEntry(stem, file.head, file.body)
    } catch (error) {
      this.#onError(error as Error)
      return null
    }
  }

  /** Resolves with the bytes that the entry takes, its body included, which is on disk already if it is not inline. */
  async write(stem: string, head: StoredHead, body: EntryBody): Promise<number> {
    const bytes = formatEntry({ head, body })
    await this.#directory.write(this.#directory.headPath(stem), bytes)
    return bytes.length + (body.inline === null ? body.length : 0)
  }

  /** The body in a file of its own; null when it is gone or damaged. Never rejects. */
  async openBody(stem: string, body: EntryBody, part: Range | null, verified: boolean): Promise<Readable | null> {
    try {
      return await openBodyFile(this.#directory.bodyPath(stem, body.id as string), body, part, verified)
    } catch (error) {
      this.#onError(error as Error)
      return null
    }
  }

  /** The entry first: a body without one is cleared away some time, an entry without its body is damaged. */
  async unlink(stem: string, bodyId: string | null): Promise<void> {
    await this.#directory.unlink(this.#directory.headPath(stem))
    if (bodyId !== null) await this.unlinkBody(stem, bodyId)
  }

  unlinkBody(stem: string, bodyId: string): Promise<void> {
    return this.#directory.unlink(this.#directory.bodyPath(stem, bodyId))
  }
}
