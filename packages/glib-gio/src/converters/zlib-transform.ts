// One stream through zlib, with this package's errors and a bound on what comes out. Made by ZlibCompressor and
// ZlibDecompressor. Upstream: glib/gio/gzlibdecompressor.c, gconverterinputstream.c.

import { Transform } from 'node:stream'
import type { TransformCallback } from 'node:stream'
import { constants } from 'node:zlib'
import type { Zlib } from 'node:zlib'
import { IOError } from '../io-error.ts'
import { nodeErrorCode } from '../node-error.ts'
import type { ConverterTransform } from './converter.ts'

/** What `node:zlib` makes: a Transform that can be flushed. */
export type ZlibEngine = Transform & Pick<Zlib, 'flush'>

/** Follows the pace of its reader: while nobody reads, no more than the streams' buffers are filled. */
export class ZlibTransform extends Transform implements ConverterTransform {
  readonly #engine: ZlibEngine
  readonly #maximumSize: number
  #size = 0

  /** @param maximumSize Most bytes that may come out; beyond that it fails with `MESSAGE_TOO_LARGE`. */
  constructor(engine: ZlibEngine, maximumSize = Infinity) {
    super()
    this.#engine = engine
    this.#maximumSize = maximumSize
    engine.on('data', (chunk: Buffer) => this.#onOutput(chunk))
    engine.on('error', (error) => this.destroy(asIOError(error)))
  }

  flushPending(): Promise<void> {
    return new Promise((resolve, reject) => {
      const onClose = (): void => reject(this.errored ?? new IOError('CLOSED', 'The stream is closed.'))
      this.once('close', onClose)
      this.#engine.flush(constants.Z_SYNC_FLUSH, () => {
        this.off('close', onClose)
        resolve()
      })
      if (this.destroyed) onClose()
    })
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#engine.write(chunk, () => callback()) // a failure has destroyed this stream already
  }

  override _flush(callback: TransformCallback): void {
    this.#engine.once('end', () => callback())
    this.#engine.end()
  }

  override _read(size: number): void {
    this.#engine.resume()
    super._read(size)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#engine.destroy()
    callback(error)
  }

  #onOutput(chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size > this.#maximumSize) {
      this.destroy(new IOError('MESSAGE_TOO_LARGE', `The data grew beyond ${this.#maximumSize} bytes.`))
    } else if (!this.push(chunk)) {
      this.#engine.pause()
    }
  }
}

/** zlib says Z_BUF_ERROR when the input has ended and it wants more. */
function asIOError(error: unknown): IOError {
  if (nodeErrorCode(error) === 'Z_BUF_ERROR') {
    return new IOError('PARTIAL_INPUT', 'The compressed data ends too early.', { cause: error })
  }
  if (/^Z_(?:DATA|STREAM|NEED_DICT)/.test(nodeErrorCode(error))) {
    return new IOError('INVALID_DATA', 'The compressed data is not valid.', { cause: error })
  }
  return IOError.fromNode(error, 'The conversion failed')
}
