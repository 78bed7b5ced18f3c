// Writes to another stream through a converter. Upstream: glib/gio/gconverteroutputstream.c.

import { pipeline, Writable } from 'node:stream'
import { IOError } from '../io-error.ts'
import type { Converter, ConverterTransform } from './converter.ts'

const NOTHING = Buffer.alloc(0)

type Callback = (error?: Error | null) => void

/**
 * What is written here goes through the converter to `baseStream`, which is ended with it: 'finish' means that the base
 * stream has finished. An error of either is the error of this stream; destroying this one destroys `baseStream`.
 */
export class ConverterOutputStream extends Writable {
  readonly baseStream: Writable
  readonly converter: Converter
  readonly #transform: ConverterTransform
  #finished: Callback | undefined

  constructor(baseStream: Writable, converter: Converter) {
    super()
    this.baseStream = baseStream
    this.converter = converter
    this.#transform = converter.createTransform()
    pipeline(this.#transform, baseStream, (error) => {
      if (error) this.destroy(error)
      else this.#finished?.()
    })
  }

  /**
   * Resolves when all that was written has been handed to the base stream.
   *
   * @throws {IOError} `NOT_SUPPORTED` by this converter; what the stream failed with.
   */
  async flush(): Promise<void> {
    if (!this.#transform.flushPending) throw new IOError('NOT_SUPPORTED', 'This converter cannot be flushed.')
    // Comes back when everything before it has gone through.
    await new Promise<void>((resolve, reject) => this.write(NOTHING, (error) => (error ? reject(error) : resolve())))
    await this.#transform.flushPending()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#transform.write(chunk, (error) => callback(error))
  }

  override _final(callback: Callback): void {
    this.#finished = callback
    this.#transform.end()
  }

  override _destroy(error: Error | null, callback: Callback): void {
    // Cut off without an error, the base stream is not to hear of a premature close from the pipeline.
    if (error === null && !this.baseStream.writableFinished) this.baseStream.destroy()
    this.#transform.destroy()
    callback(error)
  }
}
