// Undoes what ZlibCompressor did. Upstream: glib/gio/gzlibdecompressor.c. RFC 1950, 1951, 1952.

import { createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { IOError } from '../io-error.ts'
import { convertWith } from './converter.ts'
import type { Converter } from './converter.ts'
import { ZlibCompressorFormat } from './zlib-format.ts'
import { ZlibTransform } from './zlib-transform.ts'

export interface ZlibDecompressorOptions {
  /** Default `ZLIB`, as upstream. */
  readonly format?: ZlibCompressorFormat
  /** Most bytes one stream may grow to; default no limit. Data from others wants one: 1 MB can grow to 1 GB. */
  readonly maximumSize?: number
}

const ENGINES = {
  [ZlibCompressorFormat.ZLIB]: createInflate,
  [ZlibCompressorFormat.GZIP]: createGunzip,
  [ZlibCompressorFormat.RAW]: createInflateRaw,
} as const

/**
 * Immutable; makes any number of streams. They fail with `IOError` `INVALID_DATA` for what is not of the format or was
 * damaged, `PARTIAL_INPUT` when the input ends before its own end, and `MESSAGE_TOO_LARGE` beyond `maximumSize`.
 */
export class ZlibDecompressor implements Converter {
  readonly format: ZlibCompressorFormat
  readonly maximumSize: number

  /** @throws {IOError} `INVALID_ARGUMENT` for a maximum that is no number from 0 on. */
  constructor(options: ZlibDecompressorOptions = {}) {
    this.format = options.format ?? ZlibCompressorFormat.ZLIB
    this.maximumSize = options.maximumSize ?? Infinity
    if (!(this.maximumSize >= 0)) throw new IOError('INVALID_ARGUMENT', 'A maximum size is a number from 0 on.')
  }

  createTransform(): ZlibTransform {
    return new ZlibTransform(ENGINES[this.format](), this.maximumSize)
  }

  convertBytes(bytes: Uint8Array, options: { signal?: AbortSignal | undefined } = {}): Promise<Buffer> {
    return convertWith(this.createTransform(), bytes, options.signal)
  }
}
