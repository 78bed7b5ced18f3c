import { constants, deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WebsocketConnectionType, WebsocketExtensionDeflate } from '../../src/index.ts'
import type { WebsocketExtensionDeflateOptions } from '../../src/index.ts'
import { parseExtensionHeader } from '../../src/websocket/extension-header.ts'
import { StreamDeflate } from './stream-deflate.ts'

const { CLIENT, SERVER } = WebsocketConnectionType

function configured(
  type: WebsocketConnectionType,
  params: string,
  options: WebsocketExtensionDeflateOptions = {},
): WebsocketExtensionDeflate {
  const extension = new WebsocketExtensionDeflate({ threshold: 1, ...options })
  extension.configure(type, parseExtensionHeader(`x${params}`)?.[0]?.params ?? new Map())
  return extension
}

describe('permessage-deflate: parameters', () => {
  test.each<[options: WebsocketExtensionDeflateOptions, offer: string]>([
    [{}, '; client_max_window_bits'],
    [{ clientMaxWindowBits: null }, ''],
    [{ clientMaxWindowBits: 10, serverMaxWindowBits: 11 }, '; server_max_window_bits=11; client_max_window_bits=10'],
    [
      { serverNoContextTakeover: true, clientNoContextTakeover: true, clientMaxWindowBits: null },
      '; server_no_context_takeover; client_no_context_takeover',
    ],
  ])('a client with %j offers "%s"', (options, offer) => {
    expect(new WebsocketExtensionDeflate(options).getRequestParams()).toBe(offer)
  })

  test.each<[offer: string, options: WebsocketExtensionDeflateOptions, answer: string | null]>([
    ['', {}, ''],
    ['; client_max_window_bits', {}, ''],
    ['; client_max_window_bits=10', {}, '; client_max_window_bits=10'],
    ['; client_max_window_bits="10"', {}, '; client_max_window_bits=10'],
    ['; client_max_window_bits', { clientMaxWindowBits: 9 }, '; client_max_window_bits=9'],
    ['', { clientMaxWindowBits: 9 }, ''],
    ['; server_max_window_bits=12', {}, '; server_max_window_bits=12'],
    ['; server_max_window_bits=12', { serverMaxWindowBits: 9 }, '; server_max_window_bits=9'],
    ['; server_max_window_bits=8', {}, '; server_max_window_bits=8'],
    ['', { serverMaxWindowBits: 9 }, '; server_max_window_bits=9'],
    ['; server_no_context_takeover', {}, '; server_no_context_takeover'],
    ['; client_no_context_takeover', {}, '; client_no_context_takeover'],
    ['', { clientNoContextTakeover: true }, '; client_no_context_takeover'],
    ['; server_max_window_bits', {}, null],
    ['; server_max_window_bits=7', {}, null],
    ['; server_max_window_bits=16', {}, null],
    ['; server_max_window_bits=010', {}, null],
    ['; client_max_window_bits=x', {}, null],
    ['; server_no_context_takeover=1', {}, null],
    ['; something_else', {}, null],
  ])('a server answers the offer "%s" with %j by %j', (offer, options, answer) => {
    if (answer === null) {
      expect(() => configured(SERVER, offer, options)).toThrow(expect.objectContaining({ code: 'BAD_HANDSHAKE' }))
    } else {
      expect(configured(SERVER, offer, options).getResponseParams()).toBe(answer)
    }
  })

  test.each<[answer: string, options: WebsocketExtensionDeflateOptions, isGood: boolean]>([
    ['', {}, true],
    ['; client_max_window_bits=9; server_max_window_bits=9', {}, true],
    ['; server_no_context_takeover; client_no_context_takeover', {}, true],
    ['; client_max_window_bits', {}, false],
    ['; client_max_window_bits=9', { clientMaxWindowBits: null }, false],
    ['', { serverMaxWindowBits: 10 }, false],
    ['; server_max_window_bits=11', { serverMaxWindowBits: 10 }, false],
    ['; server_max_window_bits=9', { serverMaxWindowBits: 10 }, true],
    ['', { serverNoContextTakeover: true }, false],
  ])('a client takes the answer "%s" with %j: %j', (answer, options, isGood) => {
    const configure = (): unknown => configured(CLIENT, answer, options)
    if (isGood) expect(configure).not.toThrow()
    else expect(configure).toThrow(expect.objectContaining({ code: 'BAD_HANDSHAKE' }))
  })

  test('windows of 7 and 16 bits are refused', () => {
    expect(() => new WebsocketExtensionDeflate({ clientMaxWindowBits: 7 })).toThrow(RangeError)
    expect(() => new WebsocketExtensionDeflate({ serverMaxWindowBits: 16 })).toThrow(RangeError)
  })
})

describe('permessage-deflate: messages', () => {
  const bits = fc.constantFrom(8, 9, 10, 12, 15)
  const word = fc.constantFrom('alpha ', 'beta ', '{"id":', '}', 'ä€', '\0\0\0\0')
  const message = fc.oneof(
    fc.array(word, { minLength: 1, maxLength: 300 }).map((words) => Buffer.from(words.join(''))),
    fc.uint8Array({ minLength: 1, maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
    fc.integer({ min: 1, max: 90_000 }).map((size) => Buffer.alloc(size, 'a repeated text of some length ')),
  )
  const setup = fc.record({
    serverMaxWindowBits: bits,
    clientMaxWindowBits: bits,
    serverNoContextTakeover: fc.boolean(),
    clientNoContextTakeover: fc.boolean(),
  })

  test('are what a peer with zlib streams sends and understands, with all parameters', async () => {
    await fc.assert(
      fc.asyncProperty(setup, fc.array(message, { minLength: 1, maxLength: 6 }), async (params, messages) => {
        const { serverMaxWindowBits, clientMaxWindowBits, serverNoContextTakeover, clientNoContextTakeover } = params
        const agreed =
          `; server_max_window_bits=${serverMaxWindowBits}; client_max_window_bits=${clientMaxWindowBits}` +
          (serverNoContextTakeover ? '; server_no_context_takeover' : '') +
          (clientNoContextTakeover ? '; client_no_context_takeover' : '')
        const client = configured(CLIENT, agreed)
        const peer = new StreamDeflate(params, false)
        for (const one of messages) {
          const out = { type: 2 as const, reserved: 0 }
          const sent = client.processOutgoingMessage(out, one)
          expect(out.reserved === 0 ? sent : await peer.inflate(sent)).toEqual(one)
          const back = { type: 2 as const, reserved: 0x40 }
          expect(client.processIncomingMessage(back, await peer.compress(one), 0)).toEqual(one)
          expect(back.reserved).toBe(0)
        }
        peer.close()
      }),
      { numRuns: 60 },
    )
  })

  test('shorter than the threshold, or that do not shrink, go out as they are', () => {
    const extension = configured(SERVER, '', { threshold: 100 })
    const header = { type: 1 as const, reserved: 0 }
    const short = Buffer.alloc(99, 'a')
    expect(extension.processOutgoingMessage(header, short)).toBe(short)
    const random = Buffer.from(Array.from({ length: 100 }, (_, i) => (i * 167 + (i >> 3) * 89) & 0xff))
    extension.processOutgoingMessage(header, random)
    expect(header.reserved).toBe(0)
    expect(extension.processOutgoingMessage(header, Buffer.alloc(100, 'a')).length).toBeLessThan(20)
    expect(header.reserved).toBe(0x40)
  })

  test('that are bombs stop at the limit, with little memory', () => {
    const extension = configured(CLIENT, '')
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024), { finishFlush: constants.Z_SYNC_FLUSH })
    expect(bomb.length).toBeLessThan(70_000)
    const before = process.memoryUsage().arrayBuffers
    const inflate = (): unknown => extension.processIncomingMessage({ type: 2, reserved: 0x40 }, bomb, 1024 * 1024)
    expect(inflate).toThrow(expect.objectContaining({ code: 'FAILED', closeCode: 1009 }))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
  })

  test('exactly as long as the limit are taken', () => {
    const extension = configured(CLIENT, '')
    const sent = deflateRawSync(Buffer.alloc(1000), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
    expect(extension.processIncomingMessage({ type: 2, reserved: 0x40 }, sent, 1000)).toHaveLength(1000)
    const again = (): unknown => extension.processIncomingMessage({ type: 2, reserved: 0x40 }, sent, 999)
    expect(again).toThrow(expect.objectContaining({ closeCode: 1009 }))
  })

  test('with blocks marked final are read on, up to a bound', () => {
    const final = deflateRawSync(Buffer.from('part '))
    const sent = Buffer.concat([final, final, Buffer.from([0])])
    const extension = configured(CLIENT, '')
    expect(extension.processIncomingMessage({ type: 1, reserved: 0x40 }, sent, 0).toString()).toBe('part part ')
    const many = Buffer.concat(Array.from({ length: 100 }, () => final))
    const inflate = (): unknown => extension.processIncomingMessage({ type: 1, reserved: 0x40 }, many, 0)
    expect(inflate).toThrow(expect.objectContaining({ closeCode: 1002 }))
  })

  test('that are no deflate data are a protocol error', () => {
    const extension = configured(CLIENT, '')
    const inflate = (): unknown =>
      extension.processIncomingMessage({ type: 1, reserved: 0x40 }, Buffer.from([0xff, 0xff, 0xff]), 0)
    expect(inflate).toThrow(expect.objectContaining({ closeCode: 1002 }))
  })

  test('from random bytes never crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const extension = configured(SERVER, '')
        try {
          extension.processIncomingMessage({ type: 2, reserved: 0x40 }, Buffer.from(bytes), 100_000)
        } catch (error) {
          expect(error).toMatchObject({ code: 'FAILED' })
        }
      }),
      { numRuns: 500 },
    )
  })
})
