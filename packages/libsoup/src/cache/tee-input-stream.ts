// The body of a response on its way to its reader, who alone sets the pace, with a copy of it going into the store. Made
// by Cache. Upstream: libsoup/cache/soup-cache-input-stream.c.

import { Readable } from 'node:stream'
import type { EntryWriter } from './cache-store.ts'

export interface TeeInputStreamOptions {
  readonly body: Readable
  readonly writer: EntryWriter
  /** Bytes at which storing stops. */
  readonly maxBytes: number
  /** What `Content-Length` says; a body of another length is not stored. */
  readonly expectedBytes: number | null
  /** Nothing more will be stored. */
  readonly onOver: () => void
}

export class TeeInputStream extends Readable {
  readonly #options: TeeInputStreamOptions
  #bytes = 0
  #storing = true

  constructor(options: TeeInputStreamOptions) {
    super({ highWaterMark: 0 })
    this.#options = options
    const { body } = options
    body.on('data', (chunk: Buffer) => this.#pass(chunk))
    body.once('end', () => this.#complete())
    body.once('error', (error) => this.destroy(error))
    body.once('close', () => {
      if (!body.readableEnded) this.destroy()
    })
  }

  /** Gives up storing; the reader does not notice. */
  stopStoring(): void {
    if (!this.#storing) return
    this.#storing = false
    this.#options.writer.abort()
    this.#options.onOver()
  }

  override _read(): void {
    this.#options.body.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.stopStoring()
    this.#options.body.destroy()
    callback(error)
  }

  #pass(chunk: Buffer): void {
    this.#bytes += chunk.length
    const { maxBytes, writer, body } = this.#options
    if (this.#storing && (this.#bytes > maxBytes || !writer.write(chunk))) this.stopStoring()
    if (!this.push(chunk)) body.pause()
  }

  #complete(): void {
    const { expectedBytes, writer, onOver } = this.#options
    if (expectedBytes !== null && expectedBytes !== this.#bytes) this.stopStoring()
    if (this.#storing) {
      this.#storing = false
      writer.commit()
      onOver()
    }
    this.push(null)
  }
}
