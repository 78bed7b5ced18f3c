// Reads another stream through a converter. Upstream: glib/gio/gconverterinputstream.c.

import { pipeline, Readable } from 'node:stream'
import type { Converter } from './converter.ts'

/**
 * What comes out of the converter when `baseStream` is read. An error of either is the error of this stream; destroying
 * this stream destroys `baseStream`.
 */
export class ConverterInputStream extends Readable {
  readonly baseStream: Readable
  readonly converter: Converter
  readonly #converted: Readable

  constructor(baseStream: Readable, converter: Converter) {
    super()
    this.baseStream = baseStream
    this.converter = converter
    this.#converted = pipeline(baseStream, converter.createTransform(), (error) => {
      if (error) this.destroy(error)
    })
    this.#converted.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) this.#converted.pause()
    })
    this.#converted.on('end', () => this.push(null))
    this.#converted.pause() // until somebody reads
  }

  override _read(): void {
    this.#converted.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // Cut off without an error, the base stream is not to hear of a premature close from the pipeline.
    if (error === null && !this.baseStream.readableEnded) this.baseStream.destroy()
    this.#converted.destroy()
    callback(error)
  }
}
