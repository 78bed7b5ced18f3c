// Compresses a file into another one as it is read, and reads it back with a bound on its size.
// Run by test/examples.test.ts.

import { createReadStream, createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { ConverterOutputStream, ZlibCompressor, ZlibCompressorFormat, ZlibDecompressor } from '@wpe-networking/glib-gio'

export async function compressAndCheck(from: string, to: string, maximumSize: number): Promise<Buffer> {
  const format = ZlibCompressorFormat.GZIP
  const compressor = new ZlibCompressor({ format, level: 9 })
  await pipeline(createReadStream(from), new ConverterOutputStream(createWriteStream(to), compressor))
  return new ZlibDecompressor({ format, maximumSize }).convertBytes(await readFile(to))
}
