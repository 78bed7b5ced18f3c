import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameParser } from '../../src/websocket/frame-parser.ts'
import { rawFrame, type FrameOptions } from './raw-peer.ts'

type Found = [kind: string, payload: string] | ['failed', closeCode: number]

class Collector {
  readonly found: Found[] = []
  readonly parser: FrameParser
  onMessage = (): void => {}

  constructor(masked = true, reserved = 0) {
    const { found } = this
    this.parser = new FrameParser(
      {
        messageParsed: (type, payload, bits) => {
          found.push([`message ${type}${bits === 0 ? '' : ` reserved ${bits}`}`, payload.toString('latin1')])
          this.onMessage()
        },
        controlParsed: (opcode, payload) => void found.push([`control ${opcode}`, payload.toString('latin1')]),
        parsingFailed: (closeCode) => void found.push(['failed', closeCode]),
      },
      { masked, reserved },
    )
  }

  push(...frames: Buffer[]): Found[] {
    for (const frame of frames) this.parser.push(frame)
    return this.found
  }
}

const masked = (opcode: number, payload: string | Buffer = '', options: FrameOptions = {}): Buffer =>
  rawFrame(opcode, payload, { mask: true, ...options })

describe('FrameParser', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 })
  const long = fc.integer({ min: 100, max: 400 }).map((size) => 'ä€😀 '.repeat(size))
  const message = fc.record({
    payload: fc.oneof(text, long),
    cuts: fc.array(fc.nat(30), { maxLength: 3 }),
    ping: fc.boolean(),
  })

  test('finds the same messages however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 50 })), (messages, sizes) => {
        const expected: Found[] = []
        const bytes = Buffer.concat(messages.flatMap((one) => encode(one.payload, one.cuts, one.ping, expected)))
        const collector = new Collector()
        let at = 0
        for (let i = 0; at < bytes.length; i++) {
          const size = sizes.length === 0 ? bytes.length : (sizes[i % sizes.length] as number)
          collector.parser.push(Buffer.from(bytes.subarray(at, at + size)))
          at += size
        }
        expect(collector.found).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  test('random bytes end in messages or one failure, never in an exception', () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 80 }), { maxLength: 6 })
    fc.assert(
      fc.property(chunks, fc.boolean(), fc.constantFrom(0, 0x40, 0x70), (pieces, isMasked, reserved) => {
        const collector = new Collector(isMasked, reserved)
        collector.parser.maxPayloadSize = 1000
        const found = collector.push(...pieces.map((piece) => Buffer.from(piece)))
        const failures = found.filter(([kind]) => kind === 'failed')
        expect(failures.length).toBeLessThanOrEqual(1)
        if (failures.length === 1) expect(found.at(-1)).toBe(failures[0])
      }),
      { numRuns: 2000 },
    )
  })

  test.each<[why: string, frames: Buffer[], closeCode: number, masked?: boolean]>([
    ['a client that does not mask', [rawFrame(1, 'x')], 1002],
    ['a server that masks', [masked(1, 'x')], 1002, false],
    ['16 bits of length for 125 bytes', [Buffer.from([0x82, 126, 0, 125])], 1002, false],
    ['64 bits of length for 65535 bytes', [Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff])], 1002, false],
    ['the highest bit of a length', [Buffer.from([0x82, 127, 0x80, 0, 0, 0, 0, 1, 0, 0])], 1002, false],
    ['a length no number can hold', [Buffer.from([0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255])], 1009, false],
    ['a long ping, at its second byte', [Buffer.from([0x89, 126])], 1002, false],
    ['a ping in parts', [masked(9, 'x', { fin: false })], 1002],
    ['a reserved bit on a ping', [masked(9, '', { rsv: 4 })], 1002],
    ['a reserved bit on a continuation', [masked(1, 'a', { fin: false }), masked(0, 'b', { rsv: 4 })], 1002],
    ['an unknown opcode', [masked(3)], 1002],
    ['a continuation of nothing', [masked(0)], 1002],
    ['a message within a message', [masked(1, 'a', { fin: false }), masked(2, 'b')], 1002],
    ['text that is not UTF-8', [masked(1, Buffer.from([0xff]))], 1007],
    ['text that ends within a character', [masked(1, Buffer.from([0xe2, 0x82]))], 1007],
    ['such a text in parts', [masked(1, Buffer.from([0xe2, 0x82]), { fin: false }), masked(0)], 1007],
  ])('refuses %s', (_why, frames, closeCode, isMasked = true) => {
    const collector = new Collector(isMasked, 0x40)
    expect(collector.push(...frames).at(-1)).toEqual(['failed', closeCode])
    expect(collector.push(masked(1, 'more')).filter(([kind]) => kind === 'failed')).toHaveLength(1)
  })

  test('refuses a frame that is too long by its header alone', () => {
    const collector = new Collector(false)
    collector.parser.maxPayloadSize = 10
    expect(collector.push(rawFrame(2, '0123456789'), Buffer.from([0x82, 11]))).toEqual([
      ['message 2', '0123456789'],
      ['failed', 1009],
    ])
  })

  test('refuses a message that grows too long, control frames not counted', () => {
    const collector = new Collector(false)
    collector.parser.maxMessageSize = 10
    const part = (opcode: number): Buffer => rawFrame(opcode, '01234', { fin: false })
    expect(collector.push(part(2), rawFrame(9, 'ping payload'), part(0))).toEqual([['control 9', 'ping payload']])
    expect(collector.push(Buffer.from([0x80, 1])).at(-1)).toEqual(['failed', 1009])
  })

  test('takes reserved bits that were agreed on, and leaves such text unchecked', () => {
    const collector = new Collector(true, 0x40)
    const part = masked(1, Buffer.from([0xff]), { rsv: 4, fin: false })
    expect(collector.push(part, masked(0, Buffer.from([0xfe])))).toEqual([['message 1 reserved 64', '\xff\xfe']])
    expect(collector.push(masked(1, 'x', { rsv: 2 })).at(-1)).toEqual(['failed', 1002])
  })

  test('stops in the middle of a chunk and goes on there', () => {
    const collector = new Collector()
    collector.onMessage = () => collector.parser.stop()
    collector.push(Buffer.concat([masked(1, 'one'), masked(1, 'two'), masked(1, 'three').subarray(0, 4)]))
    expect(collector.found).toEqual([['message 1', 'one']])
    collector.push(masked(1, 'three').subarray(4))
    expect(collector.found).toHaveLength(1)
    collector.parser.resume()
    collector.parser.resume()
    expect(collector.found.map(([, payload]) => payload)).toEqual(['one', 'two', 'three'])
  })

  test('loses nothing when a listener throws', () => {
    const collector = new Collector()
    collector.onMessage = () => {
      collector.onMessage = () => {}
      throw new Error('of the application')
    }
    expect(() => collector.push(Buffer.concat([masked(1, 'one'), masked(1, 'two')]))).toThrow('of the application')
    expect(collector.push(masked(1, 'three')).map(([, payload]) => payload)).toEqual(['one', 'two', 'three'])
  })

  test('keeps little memory for many tiny fragments', () => {
    const collector = new Collector(false)
    const fragment = rawFrame(0, 'x', { fin: false })
    collector.push(rawFrame(2, '', { fin: false }))
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 1000; i++) collector.parser.push(Buffer.concat(Array.from({ length: 100 }, () => fragment)))
    collector.push(rawFrame(0, ''))
    expect((collector.found[0] as Found)[1]).toHaveLength(100_000)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024)
  })
})

// One text, fragmented at `cuts`, with a ping between its fragments if wanted; what must be found goes to `expected`.
function encode(payload: string, cuts: readonly number[], ping: boolean, expected: Found[]): Buffer[] {
  const bytes = Buffer.from(payload.toWellFormed())
  const ends = [...cuts.map((at) => Math.min(at, bytes.length)).sort((a, b) => a - b), bytes.length]
  const frames: Buffer[] = []
  let at = 0
  for (const [i, end] of ends.entries()) {
    if (i > 0 && ping) {
      frames.push(masked(9, `ping ${i}`))
      expected.push(['control 9', `ping ${i}`])
    }
    frames.push(masked(i === 0 ? 1 : 0, bytes.subarray(at, end), { fin: i === ends.length - 1 }))
    at = end
  }
  expected.push(['message 1', bytes.toString('latin1')])
  return frames
}
