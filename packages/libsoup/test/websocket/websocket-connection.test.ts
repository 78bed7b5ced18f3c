import { once } from 'node:events'
import { Duplex, duplexPair } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { connectedSockets } from '@wpe-networking/test-support'
import {
  WebsocketCloseCode,
  WebsocketConnection,
  WebsocketConnectionType,
  WebsocketDataType,
  WebsocketError,
  WebsocketExtensionDeflate,
  WebsocketState,
} from '../../src/index.ts'
import { closeBytes, RawPeer } from './raw-peer.ts'

const { CLIENT, SERVER } = WebsocketConnectionType
const { OPEN, CLOSING, CLOSED } = WebsocketState

interface Ends {
  connection: WebsocketConnection
  peer: RawPeer
  /** Signals of the connection, in order. */
  signals: string[]
  errors: Error[]
}

const opened: Duplex[] = []

function open(type: WebsocketConnectionType = SERVER, extensions: WebsocketExtensionDeflate[] = []): Ends {
  const [ours, theirs] = duplexPair()
  return openOn(ours, theirs, type, extensions)
}

function openOn(
  ours: Duplex,
  theirs: Duplex,
  type: WebsocketConnectionType = SERVER,
  extensions: WebsocketExtensionDeflate[] = [],
): Ends {
  opened.push(ours, theirs)
  const connection = new WebsocketConnection(
    ours,
    'ws://example.org/chat',
    type,
    'http://a.example',
    'chat',
    extensions,
  )
  const signals: string[] = []
  const errors: Error[] = []
  connection.on('message', (dataType, data) => void signals.push(`message ${dataType} ${data.toString()}`))
  connection.on('pong', (data) => void signals.push(`pong ${data.toString()}`))
  connection.on('closing', () => void signals.push('closing'))
  connection.on('closed', () => void signals.push('closed'))
  connection.on('error', (error) => {
    signals.push('error')
    errors.push(error)
  })
  return { connection, peer: new RawPeer(theirs, type === SERVER), signals, errors }
}

function closed(connection: WebsocketConnection): Promise<void> {
  return new Promise((resolve) => connection.once('closed', () => resolve()))
}

afterEach(() => {
  for (const stream of opened.splice(0)) stream.destroy()
  vi.useRealTimers()
})

describe('WebsocketConnection: properties', () => {
  test('tells how it was made', () => {
    const { connection } = open(CLIENT)
    expect(connection).toMatchObject({
      connectionType: CLIENT,
      origin: 'http://a.example',
      protocol: 'chat',
      extensions: [],
      state: OPEN,
      closeCode: 0,
      closeData: null,
      maxIncomingPayloadSize: 128 * 1024,
      maxTotalMessageSize: 16 * 1024 * 1024,
      keepaliveInterval: 0,
      keepalivePongTimeout: 0,
      bufferedAmount: 0,
    })
    expect(connection.uri.toString()).toBe('ws://example.org/chat')
    expect(connection.ioStream).toBeInstanceOf(Duplex)
  })

  test('refuses an unknown type and sizes below zero', () => {
    expect(() => open(WebsocketConnectionType.UNKNOWN)).toThrow(TypeError)
    const { connection } = open()
    expect(() => (connection.maxIncomingPayloadSize = -1)).toThrow(RangeError)
    expect(() => (connection.maxTotalMessageSize = Number.NaN)).toThrow(RangeError)
    expect(() => (connection.keepaliveInterval = -1)).toThrow(RangeError)
  })
})

describe.each([
  ['server', SERVER],
  ['client', CLIENT],
] as const)('WebsocketConnection: messages of a %s', (_name, type) => {
  test('go out as frames, masked by clients only', async () => {
    const { connection, peer } = open(type)
    expect(connection.sendText('ä')).toBe(true)
    connection.sendBinary(Buffer.from([1, 2]))
    connection.sendMessage(WebsocketDataType.TEXT, Buffer.from('nul \0'))
    connection.sendText('x'.repeat(5000))
    connection.sendText('')
    for (let i = 0; i < 5; i++) await peer.next(i)
    expect(peer.frames.map(({ opcode, payload }) => [opcode, payload.toString()])).toEqual([
      [1, 'ä'],
      [2, '\x01\x02'],
      [1, 'nul \0'],
      [1, 'x'.repeat(5000)],
      [1, ''],
    ])
    expect(peer.frames.every((frame) => frame.masked === (type === CLIENT) && frame.fin && frame.reserved === 0)).toBe(
      true,
    )
  })

  test('of every size come over whole', async () => {
    const { connection, peer } = open(type)
    const sizes = [0, 1, 125, 126, 127, 8192, 8193, 16_384, 32_768, 65_535, 65_536, 300_000]
    for (const [i, size] of sizes.entries()) {
      const data = Buffer.from(Array.from({ length: size }, (_, j) => (i + j) & 0xff))
      connection.sendBinary(Buffer.from(data))
      expect((await peer.next(i)).payload.equals(data)).toBe(true)
    }
  })

  test('that are sent in one turn leave in one write', async () => {
    const { connection } = open(type)
    const writes = vi.spyOn(connection.ioStream, 'write')
    for (let i = 0; i < 50; i++) connection.sendText(`message ${i}`)
    await nextTurn()
    expect(writes).toHaveBeenCalledTimes(1)
  })

  test('are cut up when maxOutgoingPayloadSize says so', async () => {
    const { connection, peer } = open(type)
    connection.maxOutgoingPayloadSize = 4
    connection.sendText('0123456789')
    connection.sendText('0123')
    for (let i = 0; i < 4; i++) await peer.next(i)
    expect(peer.frames.map(({ opcode, fin, payload }) => [opcode, fin, payload.toString()])).toEqual([
      [1, false, '0123'],
      [0, false, '4567'],
      [0, true, '89'],
      [1, true, '0123'],
    ])
  })

  test('that are no text are refused as text', () => {
    const { connection } = open(type)
    expect(() => connection.sendMessage(WebsocketDataType.TEXT, Buffer.from([0xff]))).toThrow(TypeError)
  })
})

describe('WebsocketConnection: limits', () => {
  test.each([
    ['a frame', 'maxIncomingPayloadSize', (peer: RawPeer) => [peer.frame(1, 'x'.repeat(11))]],
    [
      'a message',
      'maxTotalMessageSize',
      (peer: RawPeer) => [peer.frame(1, 'x'.repeat(6), { fin: false }), peer.frame(0, 'x'.repeat(5))],
    ],
  ] as const)('%s above %s closes with 1009', async (_what, property, frames) => {
    const { connection, peer, signals, errors } = open()
    connection[property] = 10
    peer.send(peer.frame(1, '0123456789'), ...frames(peer), peer.frame(1, 'more'))
    expect((await peer.next(0)).payload).toEqual(closeBytes(1009))
    peer.stream.end()
    await closed(connection)
    expect(signals).toEqual(['message 1 0123456789', 'error', 'closed'])
    expect(errors[0]).toMatchObject({ domain: 'soup-websocket-error-quark', code: 'FAILED', closeCode: 1009 })
    expect(connection.state).toBe(CLOSED)
  })

  test('a compressed message above maxTotalMessageSize closes with 1009', async () => {
    const sender = new WebsocketExtensionDeflate({ threshold: 1 })
    sender.configure(CLIENT, new Map())
    const receiver = new WebsocketExtensionDeflate()
    receiver.configure(SERVER, new Map())
    const { connection, peer, errors } = open(SERVER, [receiver])
    connection.maxTotalMessageSize = 1000
    const payload = sender.processOutgoingMessage({ type: 2, reserved: 0 }, Buffer.alloc(1_000_000))
    peer.send(peer.frame(2, payload, { rsv: 4 }))
    expect((await peer.next(0)).payload).toEqual(closeBytes(1009))
    expect(errors[0]).toBeInstanceOf(WebsocketError)
  })

  test('compressed text is checked once it is decompressed', async () => {
    const sender = new WebsocketExtensionDeflate({ threshold: 1 })
    sender.configure(CLIENT, new Map())
    const receiver = new WebsocketExtensionDeflate()
    receiver.configure(SERVER, new Map())
    const { peer } = open(SERVER, [receiver])
    const payload = sender.processOutgoingMessage({ type: 1, reserved: 0 }, Buffer.alloc(100, 0xff))
    peer.send(peer.frame(1, payload, { rsv: 4 }))
    expect((await peer.next(0)).payload).toEqual(closeBytes(1007))
  })

  test('an error needs no listener', async () => {
    const { connection, peer } = open()
    connection.removeAllListeners('error')
    peer.send(peer.frame(3))
    expect((await peer.next(0)).payload).toEqual(closeBytes(1002))
  })
})

describe('WebsocketConnection: pings', () => {
  test('are answered at once, between fragments too', async () => {
    const { peer, signals } = open()
    peer.send(peer.frame(1, 'a', { fin: false }), peer.frame(9, 'hello'), peer.frame(0, 'b'), peer.frame(10, 'late'))
    expect(await peer.next(0)).toMatchObject({ opcode: 10, payload: Buffer.from('hello') })
    expect(signals).toEqual(['message 1 ab', 'pong late'])
  })

  test('of one who does not read are answered by the last pong alone', async () => {
    const { connection, peer } = open()
    peer.stream.pause()
    const big = Buffer.alloc(1024 * 1024)
    expect(connection.sendBinary(big)).toBe(false)
    await nextTurn()
    for (let i = 0; i < 1000; i++) peer.send(peer.frame(9, `ping ${i}`))
    while (peer.stream.writableLength > 0) await nextTurn()
    expect(connection.bufferedAmount).toBeLessThan(big.length + 1000)
    peer.stream.resume()
    await peer.until(() => peer.frames.some(({ payload }) => payload.toString() === 'ping 999'))
    expect(peer.frames.filter(({ opcode }) => opcode === 10)).toHaveLength(1)
  })
})

describe('WebsocketConnection: backpressure', () => {
  test('send methods say when to wait, and drain when to go on', async () => {
    const { client, server } = await connectedSockets()
    const { connection, peer } = openOn(server, client)
    peer.stream.pause()
    let sent = 0
    do sent++
    while (connection.sendBinary(Buffer.alloc(50_000)))
    // The buffers of the system are full: from here on all stays in this process.
    for (let i = 0; i < 400; i++, sent++) connection.sendBinary(Buffer.alloc(50_000))
    await nextTurn()
    expect(connection.bufferedAmount).toBeGreaterThan(1_000_000)
    const drained = once(connection, 'drain')
    peer.stream.resume()
    await drained
    await peer.until(() => peer.frames.length === sent)
    expect(connection.bufferedAmount).toBe(0)
  })

  test('pause holds messages and the peer back, resume goes on in the middle of a chunk', async () => {
    const { client, server } = await connectedSockets()
    const { connection, peer, signals } = openOn(server, client)
    connection.on('message', () => connection.pause())
    peer.send(peer.frame(1, 'one'), peer.frame(1, 'two'))
    await once(connection, 'message')
    await nextTurn()
    expect(signals).toEqual(['message 1 one'])
    const before = server.bytesRead
    for (let i = 0; i < 200; i++) peer.send(peer.frame(2, Buffer.alloc(100_000)))
    while (client.writableLength > 19_900_000) await nextTurn()
    expect(server.bytesRead - before).toBeLessThan(1_000_000)
    connection.resume()
    await once(connection, 'message')
    expect(signals[1]).toBe('message 1 two')
  })

  test('messages can be iterated over, read as they are taken', async () => {
    const { client, server } = await connectedSockets()
    const { connection, peer } = openOn(server, client)
    const iterator = connection[Symbol.asyncIterator]()
    const bytes = Buffer.concat(Array.from({ length: 500 }, (_, i) => peer.frame(1, `message ${i}`)))
    peer.send(bytes, peer.frame(8, closeBytes(1000)))
    const seen: string[] = []
    for await (const [type, data] of iterator) seen.push(`${type} ${data.toString()}`)
    expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => `1 message ${i}`))
    expect(connection.state).toBe(CLOSED)
  })
})

describe('WebsocketConnection: closing', () => {
  test.each([
    ['server', SERVER],
    ['client', CLIENT],
  ] as const)('a %s answers the peer and ends its side', async (_name, type) => {
    const { connection, peer, signals } = open(type)
    peer.send(peer.frame(1, 'last'), peer.frame(8, closeBytes(3000, 'enough')), peer.frame(1, 'too late'))
    expect((await peer.next(0)).payload).toEqual(closeBytes(3000, 'enough'))
    await peer.end()
    expect(connection.state).toBe(CLOSING)
    expect(connection.sendText('no')).toBe(false)
    peer.stream.end()
    await closed(connection)
    expect(signals).toEqual(['message 1 last', 'closing', 'closed'])
    expect(connection).toMatchObject({ state: CLOSED, closeCode: 3000, closeData: 'enough' })
    expect(peer.frames).toHaveLength(1)
  })

  test('close sends what is queued, a code and a reason, and still takes messages', async () => {
    const { connection, peer, signals } = open()
    connection.sendText('first')
    connection.close(4000, 'done')
    connection.close(4001, 'again')
    expect(connection.state).toBe(CLOSING)
    expect(connection.sendText('no')).toBe(false)
    expect((await peer.next(1)).payload).toEqual(closeBytes(4000, 'done'))
    peer.send(peer.frame(9, 'ping'), peer.frame(1, 'on its way'), peer.frame(8, closeBytes(4000, 'ok')))
    await peer.end()
    peer.stream.end()
    await closed(connection)
    expect(signals).toEqual(['closing', 'message 1 on its way', 'closed'])
    expect(connection).toMatchObject({ closeCode: 4000, closeData: 'ok' })
    expect(peer.frames).toHaveLength(2)
  })

  test('NO_STATUS is a frame without payload, and one such is told as NO_STATUS', async () => {
    const { connection, peer } = open()
    connection.close(WebsocketCloseCode.NO_STATUS, 'not sent')
    expect(await peer.next(0)).toMatchObject({ opcode: 8, payload: Buffer.alloc(0) })
    peer.send(peer.frame(8))
    peer.stream.end()
    await closed(connection)
    expect(connection).toMatchObject({ closeCode: 1005, closeData: null })
  })

  test('a long reason is cut at the end of a character', async () => {
    const { connection, peer } = open()
    connection.close(1000, '€'.repeat(100))
    expect((await peer.next(0)).payload).toEqual(closeBytes(1000, '€'.repeat(41)))
  })

  test.each([
    [SERVER, [0, 999, 1004, 1006, 1010, 1015, 1016, 2999, 5000, 1000.5]],
    [CLIENT, [1006, 1011, 1015, 70_000]],
  ] as const)('type %d may not send the codes %j', (type, codes) => {
    const { connection } = open(type)
    for (const code of codes) expect(() => connection.close(code)).toThrow(RangeError)
    expect(connection.state).toBe(OPEN)
  })

  test('a stream that ends without a Close frame closes with code 0', async () => {
    const { connection, peer, signals } = open()
    peer.send(peer.frame(1, 'cut').subarray(0, 4))
    peer.stream.end()
    await closed(connection)
    expect(signals).toEqual(['closed'])
    expect(connection.closeCode).toBe(0)
  })

  test('a stream that breaks reports an error and closes', async () => {
    const { connection, signals, errors } = open()
    connection.ioStream.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
    await closed(connection)
    expect(signals).toEqual(['error', 'closed'])
    expect(errors[0]).toMatchObject({ code: 'CONNECTION_CLOSED' })
  })
})

describe('WebsocketConnection: time', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  })

  test('a peer that does not answer a Close frame is left after five seconds', async () => {
    const { connection, peer } = open()
    connection.close()
    await peer.next(0)
    await vi.advanceTimersByTimeAsync(4999)
    expect(connection.state).toBe(CLOSING)
    const gone = closed(connection)
    await vi.advanceTimersByTimeAsync(1)
    await gone
    expect(connection.closeCode).toBe(0)
  })

  test('a peer that answers and does not end the stream is left after five seconds more', async () => {
    const { connection, peer } = open()
    connection.close()
    await peer.next(0)
    peer.send(peer.frame(8, closeBytes(1000)))
    await peer.end()
    expect(connection.state).toBe(CLOSING)
    const gone = closed(connection)
    await vi.advanceTimersByTimeAsync(5000)
    await gone
    expect(connection.closeCode).toBe(1000)
  })

  test('keepalive pings go out until closed, and pongs end their watch', async () => {
    const { connection, peer, signals } = open()
    connection.keepaliveInterval = 10
    connection.keepalivePongTimeout = 3
    await vi.advanceTimersByTimeAsync(10_000)
    const ping = await peer.next(0)
    expect(ping).toMatchObject({ opcode: 9, payload: Buffer.from('libsoup-keepalive-1') })
    peer.send(peer.frame(10, ping.payload))
    while (signals.length === 0) await nextTurn()
    await vi.advanceTimersByTimeAsync(5000)
    expect(connection.state).toBe(OPEN)
    connection.keepaliveInterval = 0
    await vi.advanceTimersByTimeAsync(100_000)
    expect(peer.frames).toHaveLength(1)
    connection.keepaliveInterval = 10
    connection.close()
    await vi.advanceTimersByTimeAsync(100_000)
    expect(peer.frames.map(({ opcode }) => opcode)).toEqual([9, 8])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a missing pong closes with POLICY_VIOLATION', async () => {
    const { connection, peer, errors } = open(CLIENT)
    connection.keepaliveInterval = 10
    connection.keepalivePongTimeout = 3
    await vi.advanceTimersByTimeAsync(10_000)
    peer.send(peer.frame(10, 'libsoup-keepalive-7'))
    await vi.advanceTimersByTimeAsync(3000)
    expect(errors[0]).toMatchObject({ code: 'FAILED', closeCode: 1008 })
    expect((await peer.next(1)).payload).toEqual(closeBytes(1008))
    peer.stream.end()
    await vi.advanceTimersByTimeAsync(5000)
    expect(connection.state).toBe(CLOSED)
    expect(vi.getTimerCount()).toBe(0)
  })
})
