// Compresses with deflate. Upstream: glib/gio/gzlibcompressor.c. RFC 1950, 1951, 1952.

import { createDeflate, createDeflateRaw, createGzip } from 'node:zlib'
import { IOError } from '../io-error.ts'
import { convertWith } from './converter.ts'
import type { Converter } from './converter.ts'
import { ZlibCompressorFormat } from './zlib-format.ts'
import { ZlibTransform } from './zlib-transform.ts'

export interface ZlibCompressorOptions {
  /** Default `ZLIB`, as upstream. */
  readonly format?: ZlibCompressorFormat
  /** From 0, stored, to 9, smallest; default -1, zlib's own choice. */
  readonly level?: number
}

const ENGINES = {
  [ZlibCompressorFormat.ZLIB]: createDeflate,
  [ZlibCompressorFormat.GZIP]: createGzip,
  [ZlibCompressorFormat.RAW]: createDeflateRaw,
} as const

/** Immutable; makes any number of streams. */
export class ZlibCompressor implements Converter {
  readonly format: ZlibCompressorFormat
  readonly level: number

  /** @throws {IOError} `INVALID_ARGUMENT` for a level outside -1 to 9. */
  constructor(options: ZlibCompressorOptions = {}) {
    this.format = options.format ?? ZlibCompressorFormat.ZLIB
    this.level = options.level ?? -1
    if (!Number.isInteger(this.level) || this.level < -1 || this.level > 9) {
      throw new IOError('INVALID_ARGUMENT', 'A compression level is a whole number from -1 to 9.')
    }
  }

  createTransform(): ZlibTransform {
    return new ZlibTransform(ENGINES[this.format]({ level: this.level }))
  }

  convertBytes(bytes: Uint8Array, options: { signal?: AbortSignal | undefined } = {}): Promise<Buffer> {
    return convertWith(this.createTransform(), bytes, options.signal)
  }
}
