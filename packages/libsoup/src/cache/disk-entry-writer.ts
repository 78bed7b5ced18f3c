// Writes one response to disk while its reader reads: short bodies are kept until the end and become part of the entry's
// file; longer ones go to a file of their own from then on. Made by DiskStore.

import { rename } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import type { EntryWriter } from './cache-store.ts'
import { isMissing, newId } from './disk-directory.ts'
import type { DiskDirectory } from './disk-directory.ts'
import type { EntryBody } from './entry-file.ts'
import { GrowingBuffer } from './growing-buffer.ts'

/** Longest body that is kept in the file of its entry. */
export const MAX_INLINE_BYTES = 32 * 1024

/** Bytes on their way to the disk at most; if it is slower than the network by more, the response is not stored. */
const MAX_QUEUED_BYTES = 4 * 1024 * 1024

export interface DiskEntryWriterOptions {
  readonly directory: DiskDirectory
  readonly stem: string
  readonly sizeHint: number | null
  /** `body` resolves when it is on disk, or with null when that failed. */
  readonly onCommit: (body: Promise<EntryBody | null>) => void
  readonly onError: (error: Error) => void
  /** Nothing is left of it. */
  readonly onGone: () => void
}

export class DiskEntryWriter implements EntryWriter {
  readonly #options: DiskEntryWriterOptions
  readonly #id = newId()
  #state: 'writing' | 'committed' | 'aborted' = 'writing'
  #length = 0
  #crc = 0
  /** The body while it is short; null once it has a file. */
  #buffer: GrowingBuffer | null
  #queue: Buffer[] = []
  #queuedBytes = 0
  /** What the disk is doing. */
  #pumping: Promise<void> | null = null
  #file: { handle: FileHandle; temporary: string } | null = null

  constructor(options: DiskEntryWriterOptions) {
    this.#options = options
    this.#buffer = new GrowingBuffer(options.sizeHint === null ? null : Math.min(options.sizeHint, MAX_INLINE_BYTES))
  }

  write(chunk: Buffer): boolean {
    if (this.#state !== 'writing') return false
    this.#length += chunk.length
    this.#crc = crc32(chunk, this.#crc)
    if (this.#buffer !== null && this.#length <= MAX_INLINE_BYTES) {
      this.#buffer.append(chunk)
      return true
    }
    if (this.#buffer !== null) this.#enqueue(this.#buffer.take())
    this.#buffer = null
    this.#enqueue(Buffer.from(chunk))
    if (this.#queuedBytes > MAX_QUEUED_BYTES) this.abort()
    else this.#pumping ??= this.#pump()
    return this.isWriting
  }

  /** Whether it has neither been committed nor given up. */
  get isWriting(): boolean {
    return this.#state === 'writing'
  }

  commit(): void {
    if (this.#state !== 'writing') return
    this.#state = 'committed'
    this.#options.onCommit(this.#finish())
  }

  abort(): void {
    if (this.#state !== 'writing') return
    this.#state = 'aborted'
    this.#queue = []
    if (this.#pumping === null) this.#pumping = this.#pump()
  }

  #enqueue(bytes: Buffer): void {
    this.#queue.push(bytes)
    this.#queuedBytes += bytes.length
  }

  /** Writes until there is nothing more to write for now; gives everything up when that fails. Never rejects. */
  async #pump(): Promise<void> {
    try {
      const { directory, stem } = this.#options
      if (this.#state !== 'aborted') this.#file ??= await directory.createTemporary(directory.bodyPath(stem, this.#id))
      while (this.#queue.length > 0 && this.#file !== null) {
        const queue = this.#queue
        this.#queue = []
        await writeAll(this.#file.handle, queue)
        this.#queuedBytes -= queue.reduce((sum, bytes) => sum + bytes.length, 0)
      }
    } catch (error) {
      this.#state = 'aborted'
      this.#options.onError(error as Error)
    }
    this.#pumping = null
    if (this.#state === 'aborted') await this.#discard()
  }

  async #finish(): Promise<EntryBody | null> {
    const [length, crc] = [this.#length, this.#crc]
    if (this.#buffer !== null) {
      this.#options.onGone()
      return { length, crc, id: null, inline: this.#buffer.take() }
    }
    await this.#pumping
    if (this.#file === null) return null // writing failed, which has been told
    const { handle, temporary } = this.#file
    const { directory, stem } = this.#options
    try {
      this.#file = null
      await handle.close()
      await rename(temporary, directory.bodyPath(stem, this.#id))
      this.#options.onGone()
      return { length, crc, id: this.#id, inline: null }
    } catch (error) {
      // Without the file, another process has cleared the directory.
      if (!isMissing(error)) this.#options.onError(error as Error)
      this.#options.onGone()
      return null
    }
  }

  async #discard(): Promise<void> {
    const file = this.#file
    this.#file = null
    this.#buffer = null
    try {
      await file?.handle.close()
      if (file !== null) await this.#options.directory.unlink(file.temporary)
    } catch (error) {
      this.#options.onError(error as Error)
    }
    this.#options.onGone()
  }
}

/** `writev` may write less than it was given. */
async function writeAll(handle: FileHandle, buffers: readonly Buffer[]): Promise<void> {
  for (const buffer of buffers) {
    for (let at = 0; at < buffer.length;) at += (await handle.write(buffer, at)).bytesWritten
  }
}
