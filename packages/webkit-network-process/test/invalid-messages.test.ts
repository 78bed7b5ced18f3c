// A WebProcess that breaks the protocol loses its connection, with the reason reported, and harms nobody else.
import { withServer } from '@wpe-networking/test-support'
import { on } from 'node:events'
import type { Socket } from 'node:net'
import { pack } from 'msgpackr/pack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FRAME_HEADER_BYTES, FrameFlag, writeFrameHeader } from '../src/platform/ipc/frame.ts'
import {
  MAXIMUM_LOADS_PER_CONNECTION,
  NetworkConnectionToWebProcessMessages,
  NetworkResourceLoaderMessages,
  WebResourceLoaderMessages,
  type NetworkProcessConnection,
} from '../src/index.ts'
import { load, loadParameters, request, TestNetworkProcess } from './support.ts'

const { ScheduleResourceLoad, RemoveLoadIdentifier } = NetworkConnectionToWebProcessMessages.messages
const { DidConsumeData } = NetworkResourceLoaderMessages.messages
const { DidReceiveResponse, WillSendRequest } = WebResourceLoaderMessages.messages

let network: TestNetworkProcess
let neighbour: NetworkProcessConnection
beforeEach(async () => {
  network = await TestNetworkProcess.start()
  neighbour = await network.connect(1)
})
afterEach(() => network.close())

interface Header {
  readonly length?: number
  readonly flags?: number
  readonly destination?: number
  readonly reply?: number
}

function frame(message: number, payload: Uint8Array, header: Header = {}): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES + payload.length)
  const { length = payload.length, flags = 0, destination = 0, reply = 0 } = header
  writeFrameHeader(bytes, length, message, flags, destination, reply)
  bytes.set(payload, FRAME_HEADER_BYTES)
  return bytes
}

const parameters = (identifier: number, url = 'http://127.0.0.1:1/', overrides = {}): unknown => ({
  ...loadParameters(url),
  ...overrides,
  identifier,
  sentAt: 0,
})
const schedule = (...values: Parameters<typeof parameters>): Buffer =>
  frame(ScheduleResourceLoad.id, pack([parameters(...values)]))

const nothing = new Uint8Array()
const huge = Buffer.alloc(2 * 1024 * 1024)
const withRequest = (overrides: object): Buffer => {
  const { request: plain } = loadParameters('http://127.0.0.1:1/')
  return schedule(1, undefined, { request: { ...plain, ...overrides } })
}

test.each<[what: string, bytes: Buffer, reason: RegExp]>([
  ['a length of 4 GB', frame(ScheduleResourceLoad.id, nothing, { length: 0xffffffff }), /claims 4294967295 bytes/],
  ['a payload over its limit', frame(RemoveLoadIdentifier.id, huge), /claims 2097152 bytes/],
  ['an empty payload', frame(RemoveLoadIdentifier.id, nothing), /cut short/],
  ['an unknown receiver', frame(0x7701, pack([])), /no message 30465 in this direction/],
  ['an unknown message of a known receiver', frame(ScheduleResourceLoad.id + 99, pack([])), /no message/],
  ['a message of the other direction', frame(DidReceiveResponse.id, pack([]), { destination: 1 }), /in this direction/],
  ['a message of the UIProcess', frame(0x0400, pack([])), /in this direction/],
  ['unknown flags', frame(RemoveLoadIdentifier.id, pack([1]), { flags: 0x80 }), /wrong flags/],
  [
    'a question where none is answered',
    frame(RemoveLoadIdentifier.id, pack([1]), { flags: 1, reply: 1 }),
    /wrong flags/,
  ],
  ['a reply number out of place', frame(RemoveLoadIdentifier.id, pack([1]), { reply: 5 }), /wrong reply number/],
  [
    'an answer nobody asked for',
    frame(WillSendRequest.id, pack([null]), { flags: FrameFlag.IS_REPLY, reply: 1 }),
    /never asked/,
  ],
  ['a string for a number', frame(RemoveLoadIdentifier.id, pack(['1'])), /RemoveLoadIdentifier: .*integer/],
  ['a missing argument', frame(RemoveLoadIdentifier.id, pack([])), /RemoveLoadIdentifier/],
  ['an argument too many', frame(RemoveLoadIdentifier.id, pack([1, 2])), /RemoveLoadIdentifier/],
  ['no arguments at all', frame(RemoveLoadIdentifier.id, pack(null)), /RemoveLoadIdentifier/],
  ['bytes after the payload', frame(RemoveLoadIdentifier.id, Buffer.concat([pack([1]), pack(2)])), /bytes follow/],
  ['a payload cut short', frame(RemoveLoadIdentifier.id, pack([1, 'text']).subarray(0, 4)), /cut short/],
  ['an extension type', frame(RemoveLoadIdentifier.id, pack([new Date(0)])), /type 0xd6 is not allowed/],
  [
    'a record definition',
    frame(RemoveLoadIdentifier.id, Buffer.from([0xd4, 0x72, 0x40, 0x90])),
    /type 0xd4 is not allowed/,
  ],
  ['deep nesting', frame(RemoveLoadIdentifier.id, Buffer.alloc(1000, 0x91)), /nested too deeply/],
  [
    'a destination where there is none',
    frame(RemoveLoadIdentifier.id, pack([1]), { destination: 3 }),
    /never given out/,
  ],
  ['a load that was never scheduled', frame(RemoveLoadIdentifier.id, pack([77])), /load 77 was never scheduled/],
  [
    'credit for a load never scheduled',
    frame(DidConsumeData.id, pack([1]), { destination: 9 }),
    /names 9, which was never given out/,
  ],
  ['a load scheduled twice', Buffer.concat([schedule(5), schedule(5)]), /load 5 was scheduled before/],
  [
    'credit for what was not sent',
    Buffer.concat([schedule(1), frame(DidConsumeData.id, pack([1]), { destination: 1 })]),
    /1 bytes were read, of 0/,
  ],
  ['credit of nothing', frame(DidConsumeData.id, pack([0]), { destination: 1 }), /DidConsumeData/],
  ['an unknown property', schedule(1, undefined, { more: 1 }), /ScheduleResourceLoad/],
  ['a header that ends the header section', withRequest({ httpHeaderFields: [['X', 'a\r\n\r\nGET /']] }), /pattern/],
  ['a header name with a space', withRequest({ httpHeaderFields: [['X Y', 'a']] }), /pattern/],
  ['a method with a space', withRequest({ httpMethod: 'GET /' }), /httpMethod/],
  ['a body that is no bytes', withRequest({ httpBody: 'text' }), /httpBody/],
  [
    'another site as first party',
    withRequest({ firstPartyForCookies: 'https://bank.example/' }),
    /another site's first party/,
  ],
  [
    'another site’s document',
    schedule(1, 'https://bank.example/', { isMainFrameNavigation: true }),
    /another site's document/,
  ],
])('%s ends that connection alone', async (_what, bytes, reason) => {
  await withServer(
    (_request, response) => void response.end('fine'),
    async (server) => {
      const forger = await network.connectRaw(2)
      await sendAndWaitForEnd(forger, bytes)
      await network.reported()
      expect(network.invalidMessages.map((message) => message.webProcessIdentifier)).toEqual([2])
      expect(network.invalidMessages[0]?.reason).toMatch(reason)
      const { body } = await load(neighbour, loadParameters(`${server.origin}/`))
      expect(body.toString()).toBe('fine')
    },
  )
})

test('the load of one connection cannot be ended or fed by another', async () => {
  await withServer(
    (_request, response) => void setImmediate(() => response.end('fine')),
    async (server) => {
      const loading = load(neighbour, loadParameters(`${server.origin}/`))
      await sendAndWaitForEnd(await network.connectRaw(2), frame(RemoveLoadIdentifier.id, pack([1])))
      await sendAndWaitForEnd(await network.connectRaw(3), frame(DidConsumeData.id, pack([1]), { destination: 1 }))
      expect((await loading).body.toString()).toBe('fine')
    },
  )
})

test('an invalid message cancels the loads of its sender', async () => {
  const asked = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<void>()
  await withServer(
    (incoming) => {
      incoming.socket.on('close', () => gone.resolve())
      asked.resolve()
    },
    async (server) => {
      const forger = await network.connectRaw(2)
      forger.write(schedule(1, `${server.origin}/`))
      await asked.promise
      await sendAndWaitForEnd(forger, frame(0x7777, nothing))
      await gone.promise
    },
  )
})

test('more loads at once than may be is an invalid message', async () => {
  await withServer(
    () => undefined,
    async (server) => {
      const forger = await network.connectRaw(2)
      const all = Array.from({ length: MAXIMUM_LOADS_PER_CONNECTION + 1 }, (_, index) =>
        schedule(index + 1, `${server.origin}/`),
      )
      await sendAndWaitForEnd(forger, Buffer.concat(all))
      await network.reported()
      expect(network.invalidMessages[0]?.reason).toMatch(/there are 10000 loads already/)
    },
  )
})

test('the answer to a redirect is checked like any request', async () => {
  await withServer(
    (_request, response) => void response.writeHead(302, { Location: '/next' }).end(),
    async (server) => {
      const connection = await network.connect(2)
      const { error } = await load(connection, loadParameters(`${server.origin}/`), {
        willSendRequest: (next) => ({ ...next, firstPartyForCookies: 'https://bank.example/' }),
      })
      expect(error?.code).toBe('NETWORK_PROCESS_CRASHED')
      await network.reported()
      expect(network.invalidMessages[0]?.reason).toMatch(/another site's first party/)

      const other = await network.connect(3)
      const elsewhere = await load(other, loadParameters(`${server.origin}/`), {
        willSendRequest: () => request('file:///etc/passwd'),
      })
      expect(elsewhere.error).toMatchObject({ code: 'UNKNOWN_PROTOCOL' })
    },
  )
})

test('messages for a load that is over are no fault', async () => {
  await withServer(
    (_request, response) => void response.end('fine'),
    async (server) => {
      const raw = await network.connectRaw(2)
      raw.write(schedule(1, `${server.origin}/`))
      await receivedText(raw, 'responseBodyDecodedSize')
      raw.write(frame(RemoveLoadIdentifier.id, pack([1])))
      raw.write(frame(DidConsumeData.id, pack([4]), { destination: 1 }))
      raw.write(schedule(2, `${server.origin}/`))
      await receivedText(raw, 'responseBodyDecodedSize')
      expect(network.invalidMessages).toEqual([])
      raw.destroy()
    },
  )
})

async function sendAndWaitForEnd(socket: Socket, bytes: Buffer): Promise<void> {
  socket.on('error', () => undefined)
  socket.resume()
  socket.write(bytes)
  await new Promise((resolve) => socket.on('close', resolve))
}

/** Resolves when `text` has come over `socket`. */
async function receivedText(socket: Socket, text: string): Promise<void> {
  let received = Buffer.alloc(0)
  for await (const [chunk] of on(socket.resume(), 'data') as AsyncIterable<[Buffer]>) {
    received = Buffer.concat([received, chunk])
    if (received.includes(text)) return
  }
}
