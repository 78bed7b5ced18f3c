// The decoder of what comes over a connection, fed with anything.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pack } from 'msgpackr/pack'
import { Type } from 'typebox'
import { Connection, defineMessages, IPCError } from '../src/connection.ts'
import { encodeFrame, decodePayload } from '../src/platform/ipc/payload-codec.ts'
import { FRAME_HEADER_BYTES, readFrameHeader, writeFrameHeader } from '../src/platform/ipc/frame.ts'
import { FrameReader } from '../src/platform/ipc/frame-reader.ts'
import { MAXIMUM_PAYLOAD_DEPTH, payloadFault } from '../src/platform/ipc/payload-guard.ts'
import { socketPair } from './support.ts'

const uint32 = fc.nat({ max: 0xffffffff })
const uint16 = fc.nat({ max: 0xffff })

test('a header is read as it was written', () => {
  fc.assert(
    fc.property(uint32, uint16, uint16, uint32, uint32, (length, message, flags, destination, reply) => {
      const bytes = new Uint8Array(FRAME_HEADER_BYTES)
      writeFrameHeader(bytes, length, message, flags, destination, reply)
      const header = { length: 0, message: 0, flags: 0, destination: 0, reply: 0 }
      readFrameHeader(bytes, 0, header)
      expect(header).toEqual({ length, message, flags, destination, reply })
    }),
  )
})

test('frames come out whole however the stream is cut', () => {
  const frames = fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 300 })), { maxLength: 10 })
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (sent, cuts) => {
      const stream = Buffer.concat(
        sent.flatMap(([raw, payload], index) => {
          const header = Buffer.alloc(FRAME_HEADER_BYTES)
          writeFrameHeader(header, payload.length, raw ? 1 : 0, 0, index, 0)
          return [header, Buffer.from(payload)]
        }),
      )
      const received: Buffer[] = []
      let slices: Buffer[] = []
      const reader = new FrameReader({
        didReadHeader: ({ message }) => (message === 1 ? 'sliced' : 'whole'),
        didReadPayload: (_header, payload) => void received.push(Buffer.from(payload)),
        didReadSlice: (_header, slice, isLast) => {
          slices.push(Buffer.from(slice))
          if (isLast) received.push(Buffer.concat(slices))
          if (isLast) slices = []
        },
      })
      for (let offset = 0, index = 0; offset < stream.length; index++) {
        const end = offset + (cuts[index % cuts.length] as number)
        reader.read(stream.subarray(offset, end))
        offset = end
      }
      expect(received.map((payload) => [...payload])).toEqual(sent.map(([, payload]) => [...payload]))
      expect(reader.isAtBoundary).toBe(true)
    }),
  )
})

test('a frame inside one chunk is handed on without a copy', () => {
  const chunk = Buffer.alloc(FRAME_HEADER_BYTES + 8)
  writeFrameHeader(chunk, 8, 0, 0, 0, 0)
  let shared = false
  const reader = new FrameReader({
    didReadHeader: () => 'whole',
    didReadPayload: (_header, payload) => (shared = payload.buffer === chunk.buffer),
    didReadSlice: () => undefined,
  })
  reader.read(chunk)
  expect(shared).toBe(true)
})

test('nothing is read after a refusal', () => {
  let headers = 0
  const reader = new FrameReader({
    didReadHeader: () => (headers++, 'refused'),
    didReadPayload: () => expect.unreachable(),
    didReadSlice: () => expect.unreachable(),
  })
  reader.read(Buffer.alloc(100))
  reader.read(Buffer.alloc(100))
  expect(headers).toBe(1)
})

describe('a payload', () => {
  const plain = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false),
      // MessagePack writes a negative zero as the integer zero.
      fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value)),
      fc.integer(),
      fc.string({ unit: 'binary' }),
      fc.uint8Array(),
      fc.array(tie('value')),
      fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        tie('value'),
        { noNullPrototype: true },
      ),
    ),
  })).value

  test('of plain values comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(plain), (values) => {
        const payload = encodeFrame(values).subarray(FRAME_HEADER_BYTES)
        expect(payloadFault(payload)).toBeNull()
        const decoded = decodePayload(payload)
        expect('value' in decoded ? normal(decoded.value) : decoded).toEqual(normal(values))
      }),
    )
  })

  test('of any bytes is either refused or decodes to plain values, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const decoded = decodePayload(Buffer.from(bytes))
        if ('value' in decoded) expectPlain(decoded.value)
      }),
      { numRuns: 3000 },
    )
  })

  test('of an honest message with any bytes changed does the same', () => {
    const honest = pack([{ url: 'http://x/', list: [1, 2, ['a', null]], body: Buffer.from('abc'), n: 1.5 }])
    const changes = fc.array(fc.tuple(fc.nat({ max: honest.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(changes, (changed) => {
        const bytes = Buffer.from(honest)
        for (const [at, value] of changed) bytes[at] = value
        const decoded = decodePayload(bytes)
        if ('value' in decoded) expectPlain(decoded.value)
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['an array that claims four billion values', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a map that claims four billion entries', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['a string that claims four gigabytes', [0xdb, 0xff, 0xff, 0xff, 0xff, 0x61]],
    ['bytes that claim four gigabytes', [0xc6, 0xff, 0xff, 0xff, 0xff, 0x61]],
    ['a length that is cut short', [0xdc, 0x00]],
    ['the token that is never used', [0xc1]],
    ['a 64-bit integer', [0xcf, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['a set', [0xc7, 0x01, 0x73, 0x90]],
    ['an error', [0xc7, 0x01, 0x65, 0x90]],
    ['nothing', []],
    ['two values', [0x01, 0x02]],
    ['arrays too deep', [...Array<number>(MAXIMUM_PAYLOAD_DEPTH + 1).fill(0x91), 0x01]],
  ])('of %s is refused', (_what, bytes) => {
    expect(payloadFault(Uint8Array.from(bytes))).not.toBeNull()
  })

  test('cannot reach the prototype of an object', () => {
    const decoded = decodePayload(Buffer.from([0x81, 0xa9, ...Buffer.from('__proto__'), 0x81, 0xa1, 0x78, 0x01]))
    expect('value' in decoded && Object.getPrototypeOf(decoded.value)).toBe(Object.prototype)
    expect(({} as { x?: number }).x).toBeUndefined()
  })
})

test('a connection survives any bytes: it closes, and throws nothing', async () => {
  const Receiver = defineMessages({
    receiver: 'Receiver',
    receiverId: 9,
    sentBy: 'WebProcess',
    sentTo: 'NetworkProcess',
    messages: { Hello: { arguments: { text: Type.String() } }, Bytes: { kind: 'raw', arguments: {} } },
  })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 16, maxLength: 64 }), async (bytes) => {
      const [ours, theirs] = await socketPair()
      const connection = new Connection(theirs)
      const seen: unknown[] = []
      connection.addReceiver(Receiver, { Hello: ({ text }) => void seen.push(text), Bytes: () => undefined })
      const closed = new Promise<IPCError>((resolve) => connection.on('close', resolve))
      connection.open()
      ours.on('error', () => undefined).resume()
      ours.end(bytes)
      const reason = await closed
      expect(reason).toBeInstanceOf(IPCError)
      expect(['INVALID_MESSAGE', 'CONNECTION_CLOSED']).toContain(reason.code)
      expect(seen.every((text) => typeof text === 'string')).toBe(true)
    }),
    { numRuns: 60 },
  )
})

/** Only what a message may hold: no class of any kind. */
function expectPlain(value: unknown): void {
  if (value === null || ['boolean', 'number', 'string'].includes(typeof value)) return
  if (value instanceof Uint8Array) return
  if (Array.isArray(value)) return value.forEach(expectPlain)
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  Object.values(value as object).forEach(expectPlain)
}

/** Bytes as text, so that views of different classes compare. */
function normal(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value)) return value.map(normal)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, normal(each)]))
}
