// As DecodedInputStream, for a body known to be small: collected, and decoded at once. Made by ContentDecoder, which says
// why. Upstream has no counterpart: its converters cost little to make.

import { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'
import { decodeContentSync } from './content-coding.ts'
import { asDecodingError, DecodedInputStream, tooMuchExpanded } from './decoded-input-stream.ts'
import type { DecodedInputStreamOptions } from './decoded-input-stream.ts'

/** What comes to more is decoded by streams after all, so that it neither stops the process nor fills its memory. */
const MAX_SYNC_BYTES = 1024 * 1024

export class SmallDecodedInputStream extends Readable {
  readonly #options: DecodedInputStreamOptions
  #chunks: Buffer[] | null = null
  /** Takes over what is too large. */
  #stream: DecodedInputStream | null = null

  constructor(options: DecodedInputStreamOptions) {
    super()
    this.#options = options
    options.body.on('error', (error) => this.destroy(error))
  }

  override _read(): void {
    if (this.#stream !== null) return void this.#stream.resume()
    if (this.#chunks !== null) return
    const chunks: Buffer[] = (this.#chunks = [])
    this.#options.body.on('data', (chunk: Buffer) => chunks.push(chunk))
    this.#options.body.once('end', () => {
      this.#decode(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
    })
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#stream?.destroy()
    this.#options.body.destroy()
    callback(error)
  }

  #decode(encoded: Buffer): void {
    const { codings, freeBytes, maxRatio, onDecoded } = this.#options
    let bytes = encoded
    try {
      // No body at all is no gzip either, but servers label empty answers like all others.
      if (bytes.length > 0) for (const coding of codings) bytes = decodeContentSync(coding, bytes, MAX_SYNC_BYTES)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') this.#decodeLarge(encoded)
      else this.destroy(asDecodingError(error as Error))
      return
    }
    onDecoded(bytes.length)
    if (bytes.length > freeBytes && bytes.length > encoded.length * maxRatio) {
      this.destroy(tooMuchExpanded(maxRatio))
      return
    }
    if (bytes.length > 0) this.push(bytes)
    this.push(null)
  }

  #decodeLarge(encoded: Buffer): void {
    const body = Readable.from([encoded], { objectMode: false })
    const stream = new DecodedInputStream({ ...this.#options, body })
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stream.pause()
    })
    stream.once('end', () => this.push(null)).once('error', (error) => this.destroy(error))
  }
}
