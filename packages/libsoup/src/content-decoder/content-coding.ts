// The content codings that can be undone, each as a stream of node:zlib. Called by ContentDecoder.
// RFC 9110 section 8.4.1, RFC 8878 (zstd), RFC 7932 (br). Upstream: soup-content-decoder.c and its decompressors.

import { Transform } from 'node:stream'
import type { TransformCallback } from 'node:stream'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'

/** Largest zstd window taken: 8 MiB, what RFC 9659 allows a server to use. */
const ZSTD_WINDOW_LOG_MAX = 23

const CREATORS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: () => new DeflateDecoder(),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX } }),
}

/** A stream that undoes `coding`, or null if there is none for it. */
export function createContentDecoder(coding: string): Transform | null {
  const create = Object.hasOwn(CREATORS, coding) ? CREATORS[coding] : undefined
  return create?.() ?? null
}

export function isKnownContentCoding(coding: string): boolean {
  return Object.hasOwn(CREATORS, coding)
}

/** 'deflate' means the zlib format, but some servers send raw deflate: the first byte tells (RFC 1950 section 2.2). */
class DeflateDecoder extends Transform {
  #inflate: Transform | null = null

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    if (chunk.length === 0) {
      callback()
      return
    }
    const inflate = (this.#inflate ??= this.#start(chunk[0] as number))
    inflate.write(chunk, callback)
  }

  override _flush(callback: TransformCallback): void {
    const inflate = this.#inflate
    if (inflate === null) {
      callback()
      return
    }
    inflate.once('end', () => callback())
    inflate.end()
  }

  override _read(size: number): void {
    this.#inflate?.resume()
    super._read(size)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#inflate?.destroy()
    callback(error)
  }

  #start(firstByte: number): Transform {
    const inflate = (firstByte & 0x0f) === 8 ? createInflate() : createInflateRaw()
    inflate.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) inflate.pause()
    })
    inflate.once('error', (error) => this.destroy(error))
    return inflate
  }
}
