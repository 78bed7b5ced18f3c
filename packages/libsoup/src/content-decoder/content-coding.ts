// The content codings that can be undone, each as a stream of node:zlib. Called by ContentDecoder.
// RFC 9110 section 8.4.1, RFC 8878 (zstd), RFC 7932 (br). Upstream: soup-content-decoder.c and its decompressors.

import { Transform } from 'node:stream'
import type { TransformCallback } from 'node:stream'
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib'

/** Largest zstd window taken: 8 MiB, what RFC 9659 allows a server to use. */
const ZSTD_WINDOW_LOG_MAX = 23

const ZSTD_PARAMS = { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX }

/** What the output of a small body is allocated by: most fit in one, and a fresh 16 KiB costs more than decoding them. */
const CHUNK_SIZE = 4096

type DecodeSync = (bytes: Uint8Array, maxOutputLength: number) => Buffer

const SYNC_DECODERS: Readonly<Record<string, DecodeSync>> = {
  gzip: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength, chunkSize: CHUNK_SIZE }),
  'x-gzip': (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength, chunkSize: CHUNK_SIZE }),
  deflate: (bytes, maxOutputLength) => {
    const inflate = isZlib(bytes[0] ?? 0) ? inflateSync : inflateRawSync
    return inflate(bytes, { maxOutputLength, chunkSize: CHUNK_SIZE })
  },
  br: (bytes, maxOutputLength) => brotliDecompressSync(bytes, { maxOutputLength, chunkSize: CHUNK_SIZE }),
  zstd: (bytes, maxOutputLength) => {
    return zstdDecompressSync(bytes, { maxOutputLength, chunkSize: CHUNK_SIZE, params: ZSTD_PARAMS })
  },
}

const CREATORS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: () => new DeflateDecoder(),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress({ params: ZSTD_PARAMS }),
}

/** A stream that undoes `coding`, or null if there is none for it. */
export function createContentDecoder(coding: string): Transform | null {
  const create = Object.hasOwn(CREATORS, coding) ? CREATORS[coding] : undefined
  return create?.() ?? null
}

/**
 * `bytes` with `coding`, a known one, undone.
 *
 * @throws {RangeError} `ERR_BUFFER_TOO_LARGE` when they come to more than `maxOutputLength`; errors of node:zlib.
 */
export function decodeContentSync(coding: string, bytes: Uint8Array, maxOutputLength: number): Buffer {
  return (SYNC_DECODERS[coding] as DecodeSync)(bytes, maxOutputLength)
}

export function isKnownContentCoding(coding: string): boolean {
  return Object.hasOwn(CREATORS, coding)
}

function isZlib(firstByte: number): boolean {
  return (firstByte & 0x0f) === 8
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
    const inflate = isZlib(firstByte) ? createInflate() : createInflateRaw()
    inflate.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) inflate.pause()
    })
    inflate.once('error', (error) => this.destroy(error))
    return inflate
  }
}
