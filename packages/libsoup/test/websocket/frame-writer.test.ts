import { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { FrameWriter } from '../../src/websocket/frame-writer.ts'

/** A stream whose writes end when the test says so. */
class SlowStream extends Duplex {
  readonly written: Buffer[] = []
  #finish: (() => void) | null = null

  constructor() {
    super({ writableHighWaterMark: 100 })
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.written.push(chunk)
    this.#finish = callback
  }

  override _read(): void {}

  finishWrite(): void {
    this.#finish?.()
  }
}

const BINARY = 0x82

describe('FrameWriter', () => {
  test('calls drained when the stream has, after it said to wait', async () => {
    const stream = new SlowStream()
    let drained = 0
    const writer = new FrameWriter(stream, false, () => drained++)
    stream.on('drain', () => writer.streamDrained())
    expect(writer.write(BINARY, Buffer.alloc(50))).toBe(true)
    expect(writer.write(BINARY, Buffer.alloc(50))).toBe(false)
    expect(writer.bufferedAmount).toBe(104)
    await nextTurn()
    expect([stream.written.length, drained]).toEqual([1, 0])
    stream.finishWrite()
    await nextTurn()
    expect([writer.bufferedAmount, drained]).toEqual([0, 1])
  })

  test('calls drained when what was in the way left before the batch went out', async () => {
    const stream = new SlowStream()
    let drained = 0
    const writer = new FrameWriter(stream, false, () => drained++)
    stream.on('drain', () => writer.streamDrained())
    writer.write(BINARY, Buffer.alloc(60))
    writer.flush()
    writer.hold()
    expect(writer.write(BINARY, Buffer.alloc(60))).toBe(false)
    stream.finishWrite()
    await nextTurn()
    expect(drained).toBe(0)
    writer.release()
    await nextTurn()
    expect(drained).toBe(1)
  })

  test('keeps frames of connections apart that write by turns', async () => {
    const streams = [new SlowStream(), new SlowStream()]
    const writers = streams.map((stream) => new FrameWriter(stream, false, () => {}))
    for (const byte of [1, 2, 3])
      for (const [i, writer] of writers.entries()) writer.write(BINARY, Buffer.from([i, byte]))
    await nextTurn()
    for (const stream of streams) while (stream.writableLength > 0) stream.finishWrite()
    const bytes = (i: number): number[] => [1, 2, 3].flatMap((byte) => [BINARY, 2, i, byte])
    expect(streams.map(({ written }) => [...Buffer.concat(written)])).toEqual([bytes(0), bytes(1)])
  })

  test('drops what is left when the stream has ended', () => {
    const stream = new SlowStream()
    stream.on('error', () => {})
    const writer = new FrameWriter(stream, true, () => {})
    stream.end()
    writer.write(BINARY, Buffer.alloc(10))
    writer.flush()
    expect(writer.bufferedAmount).toBe(0)
  })
})
