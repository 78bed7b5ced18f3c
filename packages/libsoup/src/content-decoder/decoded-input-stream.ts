// A response body with its content codings undone: bounded, and with errors in the session's domain. Made by
// ContentDecoder. Upstream: the converter input streams of libsoup/content-decoder.

import { Readable } from 'node:stream'
import type { Transform } from 'node:stream'
import { SessionError } from '../errors.ts'
import { createContentDecoder } from './content-coding.ts'

export interface DecodedInputStreamOptions {
  readonly body: Readable
  /** In the order in which they are to be undone; at least one, all known. */
  readonly codings: readonly string[]
  /** Times the encoded size the decoded size may be, once it is over `freeBytes`. */
  readonly maxRatio: number
  /** Decoded size up to which the ratio does not matter. */
  readonly freeBytes: number
  /** Told the size of each decoded part. */
  readonly onDecoded: (size: number) => void
}

export class DecodedInputStream extends Readable {
  readonly #options: DecodedInputStreamOptions
  readonly #decoders: readonly Transform[]
  readonly #last: Transform
  #encodedBytes = 0

  constructor(options: DecodedInputStreamOptions) {
    super()
    this.#options = options
    const { body, codings } = options
    const decoders = codings.map((coding) => createContentDecoder(coding) as Transform)
    this.#decoders = decoders
    this.#last = decoders.at(-1) as Transform
    // Listeners, not streams, do the counting: they see the chunks that pass anyway.
    body.on('data', (chunk: Buffer) => (this.#encodedBytes += chunk.length))
    // Not `pipeline`: it stops watching once the last decoder took everything, before zlib finds that some is missing.
    let stream: Readable = body.on('error', (error) => this.destroy(error))
    for (const decoder of decoders) {
      stream = stream.pipe(decoder.on('error', (error) => this.#failed(error)))
      this.#limit(decoder)
    }
    this.#last.on('data', (chunk: Buffer) => this.#decoded(chunk))
    this.#last.once('end', () => this.push(null))
  }

  override _read(): void {
    this.#last.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    for (const decoder of this.#decoders) decoder.destroy()
    this.#options.body.destroy()
    callback(error)
  }

  #failed(error: Error): void {
    // No body at all is no gzip either, but servers label empty answers like all others.
    if (this.#encodedBytes === 0) this.push(null)
    else this.destroy(asDecodingError(error))
  }

  /** Each coding by itself: the last one may make nothing of what the first one blows up. */
  #limit(decoder: Transform): void {
    const { freeBytes, maxRatio } = this.#options
    let decodedBytes = 0
    decoder.on('data', (chunk: Buffer) => {
      decodedBytes += chunk.length
      if (decodedBytes > freeBytes && decodedBytes > this.#encodedBytes * maxRatio) {
        this.destroy(tooMuchExpanded(maxRatio))
      }
    })
  }

  #decoded(chunk: Buffer): void {
    if (this.destroyed) return
    this.#options.onDecoded(chunk.length)
    if (!this.push(chunk)) this.#last.pause()
  }
}

/** What zlib complains about is the body's fault. */
export function asDecodingError(error: Error): SessionError {
  return new SessionError('ENCODING', 'The response body is not encoded as its Content-Encoding says.', {
    cause: error,
  })
}

export function tooMuchExpanded(maxRatio: number): SessionError {
  return new SessionError('ENCODING', `The response body expands to more than ${maxRatio} times its size.`)
}
