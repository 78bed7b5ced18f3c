// Fuzzing of chunked bodies (RFC 9112 section 7.1): what a server frames well comes out whole however it is cut, and
// what is damaged on the way ends in an error of the documented kind, never in a hang.

import type { Socket } from 'node:net'
import { startRawServer, type ListeningServer } from '@wpe-networking/test-support'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Message, Session } from '../../src/index.ts'

let server: ListeningServer
let session: Session
let pieces: readonly Buffer[] = []
let closes = false

beforeAll(async () => {
  server = await startRawServer((socket) => {
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('data', () => writeInTurn(socket, pieces, closes))
  })
  session = new Session({ timeout: 5 })
})
afterAll(async () => {
  session.close()
  await server.close()
})

/** Each piece in a write of its own, so that the client may see it alone. */
function writeInTurn(socket: Socket, [first, ...rest]: readonly Buffer[], endsAfter: boolean): void {
  if (first !== undefined) socket.write(first, () => setImmediate(writeInTurn, socket, rest, endsAfter))
  else if (endsAfter) socket.end()
}

const HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

const extension = fc.oneof(
  fc.constant(''),
  fc.stringMatching(/^[a-z]{1,8}$/).map((name) => `;${name}`),
  fc.stringMatching(/^[a-zA-Z0-9 ,;=]{0,8}$/).map((value) => `;name="${value}"`),
)
const chunk = fc.record({
  data: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  extension,
  isUpperCase: fc.boolean(),
  zeros: fc.nat(3),
})
const trailers = fc.array(fc.tuple(fc.stringMatching(/^X-[a-zA-Z]{1,8}$/), fc.stringMatching(/^[!-~]{1,12}$/)), {
  maxLength: 3,
})
const body = fc.record({ chunks: fc.array(chunk, { maxLength: 8 }), trailers })
type Body = typeof body extends fc.Arbitrary<infer T> ? T : never

function frame({ chunks, trailers: fields }: Body): Buffer {
  const parts: (string | Uint8Array)[] = [HEAD]
  for (const { data, extension: text, isUpperCase, zeros } of chunks) {
    const size = `${'0'.repeat(zeros)}${data.length.toString(16)}`
    parts.push(isUpperCase ? size.toUpperCase() : size, text, '\r\n', data, '\r\n')
  }
  parts.push('0\r\n', ...fields.map(([name, value]) => `${name}: ${value}\r\n`), '\r\n')
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)))
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % bytes.length))].sort((a, b) => a - b)
  return [0, ...sorted].map((start, i) => bytes.subarray(start, sorted[i])).filter(({ length }) => length > 0)
}

const places = fc.array(fc.nat(4000), { maxLength: 6 })

test('a well framed body comes out whole, however it is cut', async () => {
  const property = fc.asyncProperty(body, places, async (framed, cuts) => {
    pieces = cut(frame(framed), cuts)
    closes = false
    const message = new Message('GET', `http://127.0.0.1:${server.port}/`)
    const received = await session.sendAndRead(message)
    expect(received.equals(Buffer.concat(framed.chunks.map(({ data }) => data)))).toBe(true)
    const got = message.responseTrailers === null ? [] : [...message.responseTrailers]
    expect(got).toEqual(framed.trailers)
  })
  await fc.assert(property, { numRuns: 200 })
})

test('a damaged body is an error or a body, and never a hang', async () => {
  const damage = fc.tuple(fc.nat(4000), fc.constantFrom(0, 0x0a, 0x0d, 0x30, 0x3b, 0x66, 0x80, 0xff))
  const property = fc.asyncProperty(body, fc.array(damage, { minLength: 1, maxLength: 3 }), async (framed, damages) => {
    const bytes = frame(framed)
    for (const [place, byte] of damages) bytes[HEAD.length + (place % (bytes.length - HEAD.length))] = byte
    pieces = [bytes]
    closes = true
    const sent = session.sendAndRead(new Message('GET', `http://127.0.0.1:${server.port}/`))
    const outcome: unknown = await sent.catch((error: unknown) => (error as { code: string }).code)
    if (!Buffer.isBuffer(outcome)) expect(outcome).toMatch(/^(PARSING|PARTIAL_INPUT|CONNECTION_CLOSED)$/)
  })
  await fc.assert(property, { numRuns: 200 })
})
