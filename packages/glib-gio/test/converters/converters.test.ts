import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ConverterInputStream,
  ConverterOutputStream,
  ZlibCompressor,
  ZlibCompressorFormat,
  ZlibDecompressor,
} from '@wpe-networking/glib-gio'
import type { Converter } from '@wpe-networking/glib-gio'

const { GZIP, RAW, ZLIB } = ZlibCompressorFormat
const text = Buffer.from('the quick brown fox jumps over the lazy dog. '.repeat(2000))
const pack = { [GZIP]: gzipSync, [ZLIB]: deflateSync, [RAW]: deflateRawSync }

/** Bytes in pieces of `size`. */
const pieces = (bytes: Buffer, size: number): Readable =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    })(),
  )

describe('ZlibCompressor and ZlibDecompressor', () => {
  it.each([
    ['gzip', GZIP],
    ['zlib', ZLIB],
    ['raw', RAW],
  ] as const)('read and write %s as zlib does', async (_, format) => {
    const packed = await new ZlibCompressor({ format }).convertBytes(text)
    expect(packed.equals(pack[format](text))).toBe(true)
    expect((await new ZlibDecompressor({ format }).convertBytes(packed)).equals(text)).toBe(true)
  })

  it('are each other’s inverse for any bytes, however they are cut', async () => {
    const formats = fc.constantFrom(GZIP, ZLIB, RAW)
    const levels = fc.integer({ min: -1, max: 9 })
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 5000 }),
        formats,
        levels,
        fc.integer({ min: 1, max: 700 }),
        async (bytes, format, level, size) => {
          const packed = await new ZlibCompressor({ format, level }).convertBytes(bytes)
          const unpacked = new ConverterInputStream(pieces(packed, size), new ZlibDecompressor({ format }))
          expect((await buffer(unpacked)).equals(bytes)).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('take a level, 0 storing and 9 being smaller than 1', async () => {
    const size = async (level: number): Promise<number> =>
      (await new ZlibCompressor({ level }).convertBytes(text)).length
    expect(await size(0)).toBeGreaterThan(text.length)
    expect(await size(9)).toBeLessThan(await size(1))
    expect(inflateSync(await new ZlibCompressor({ level: 0 }).convertBytes(text)).equals(text)).toBe(true)
    expect(() => new ZlibCompressor({ level: 10 })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    expect(() => new ZlibDecompressor({ maximumSize: NaN })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  })

  const packed = gzipSync(text)
  const damaged = Buffer.from(packed)
  damaged[20] = damaged[20]! ^ 0xff
  const wrongSum = Buffer.from(packed)
  wrongSum[packed.length - 8] = wrongSum[packed.length - 8]! ^ 0xff
  it.each([
    ['garbage', Buffer.from('this is no gzip'), 'INVALID_DATA'],
    ['a damaged body', damaged, 'INVALID_DATA'],
    ['a wrong checksum', wrongSum, 'INVALID_DATA'],
    ['half of it', packed.subarray(0, packed.length / 2), 'PARTIAL_INPUT'],
    ['all but the last byte', packed.subarray(0, -1), 'PARTIAL_INPUT'],
    ['a header alone', packed.subarray(0, 5), 'PARTIAL_INPUT'],
  ])('refuse %s', async (_, bytes, code) => {
    const decompressor = new ZlibDecompressor({ format: GZIP })
    const expected = { domain: 'g-io-error-quark', code }
    await expect(decompressor.convertBytes(bytes)).rejects.toMatchObject(expected)
    await expect(buffer(new ConverterInputStream(pieces(bytes, 7), decompressor))).rejects.toMatchObject(expected)
    await expect(decompressor.convertBytes(packed)).resolves.toEqual(text) // the next stream is not harmed
  })

  it('stop data that grows beyond the maximum, and let what fits it through', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    const bounded = new ZlibDecompressor({ format: GZIP, maximumSize: text.length })
    await expect(bounded.convertBytes(bomb)).rejects.toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      message: `The data grew beyond ${text.length} bytes.`,
    })
    expect(await bounded.convertBytes(packed)).toEqual(text)
  })

  it('stop when the signal is aborted', async () => {
    const abort = new AbortController()
    const converting = new ZlibCompressor().convertBytes(text, { signal: abort.signal })
    abort.abort('enough')
    await expect(converting).rejects.toMatchObject({ code: 'CANCELLED', cause: 'enough' })
    const { signal } = abort
    await expect(new ZlibCompressor().convertBytes(text, { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('ConverterInputStream', () => {
  it('reads no more than it is asked for', async () => {
    const zeros = Buffer.alloc(64 * 1024)
    let made = 0
    const base = Readable.from(
      (function* () {
        for (; made < 1000; made++) yield zeros
      })(),
      { objectMode: false },
    )
    const stream = new ConverterInputStream(base, new ZlibCompressor({ level: 0 }))
    await once(stream, 'readable')
    expect(stream.read(1)).not.toBeNull()
    expect(made).toBeLessThan(20)
    stream.destroy()
    await once(stream, 'close')
    expect(base.destroyed).toBe(true)
  })

  it('passes on what its base fails with', async () => {
    const base = new PassThrough()
    const stream = new ConverterInputStream(base, new ZlibDecompressor())
    stream.resume()
    const failed = once(stream, 'error')
    base.destroy(new Error('gone'))
    expect((await failed)[0]).toMatchObject({ message: 'gone' })
    expect([stream.baseStream, stream.destroyed]).toEqual([base, true])
  })
})

describe('ConverterOutputStream', () => {
  it('finishes when its base has', async () => {
    const base = new PassThrough()
    const stream = new ConverterOutputStream(base, new ZlibCompressor({ format: GZIP }))
    const written = buffer(base)
    stream.write(text.subarray(0, 100))
    stream.end(text.subarray(100))
    await once(stream, 'finish')
    expect(base.writableFinished).toBe(true)
    expect(gunzipSync(await written).equals(text)).toBe(true)
  })

  it('hands on what was written when it is flushed', async () => {
    const base = new PassThrough()
    const stream = new ConverterOutputStream(base, new ZlibCompressor({ format: RAW }))
    const reader = new ConverterInputStream(base, new ZlibDecompressor({ format: RAW }))
    for (const message of ['one', 'two']) {
      stream.write(message)
      const [, [chunk]] = (await Promise.all([stream.flush(), once(reader, 'data')])) as [void, [Buffer]]
      expect(String(chunk)).toBe(message)
    }
    reader.on('error', () => undefined) // cut off
    stream.destroy()
    await expect(stream.flush()).rejects.toThrow()
  })

  it('says what it cannot do, and takes any converter', async () => {
    const upper: Converter = {
      createTransform: () =>
        new PassThrough({ transform: (chunk: Buffer, _, done) => done(null, chunk.toString().toUpperCase()) }),
      convertBytes: (bytes) => Promise.resolve(Buffer.from(Buffer.from(bytes).toString().toUpperCase())),
    }
    const base = new PassThrough()
    const stream = new ConverterOutputStream(base, upper)
    await expect(stream.flush()).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
    stream.end('abc')
    expect(String(await buffer(base))).toBe('ABC')
  })

  it('fails with its base, and takes it along when destroyed', async () => {
    const base = new PassThrough()
    const stream = new ConverterOutputStream(base, new ZlibCompressor())
    const failed = once(stream, 'error')
    base.destroy(new Error('gone'))
    expect((await failed)[0]).toMatchObject({ message: 'gone' })
    const other = new PassThrough()
    new ConverterOutputStream(other, new ZlibCompressor()).destroy()
    if (!other.closed) await once(other, 'close')
    expect(other.destroyed).toBe(true)
  })
})
