import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import {
  Message,
  Server,
  Session,
  WebsocketDataType,
  WebsocketExtensionDeflate,
  WebsocketExtensionManager,
} from '../../src/index.ts'
import type { WebsocketConnection, WebsocketExtensionDeflateOptions } from '../../src/index.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const MESSAGES = [
  '',
  'hello',
  'ä€😀'.repeat(20),
  'a line of text that repeats itself\n'.repeat(400),
  'x'.repeat(65_536),
  'ä€😀 mixed '.repeat(60_000),
]

type Setup = [name: string, ws: object | boolean, ours: WebsocketExtensionDeflateOptions | null]
const SETUPS: Setup[] = [
  ['without compression', false, null],
  ['with permessage-deflate', { threshold: 0 }, { threshold: 1 }],
  ['with small windows', { threshold: 0, serverMaxWindowBits: 9, clientMaxWindowBits: 9 }, { threshold: 1 }],
  [
    'without context takeover',
    { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true },
    { threshold: 1, serverNoContextTakeover: true, clientNoContextTakeover: true },
  ],
]

function echo(connection: WebsocketConnection): void {
  connection.maxIncomingPayloadSize = 0
  connection.maxTotalMessageSize = 0
  connection.on('message', (type, data) => void connection.sendMessage(type, data))
}

describe.each(SETUPS)('ws %s', (_name, perMessageDeflate, ours) => {
  const factory = (): WebsocketExtensionDeflate => new WebsocketExtensionDeflate(ours ?? {})

  test('as a client of our server', async () => {
    const server = new Server()
    server.removeWebsocketExtension()
    if (ours !== null) server.addWebsocketExtension(factory)
    let connection: WebsocketConnection | null = null
    server.addWebsocketHandler('/', null, null, (_server, _message, _path, accepted) => {
      connection = accepted
      echo(accepted)
    })
    await server.listenLocal(0, { ipv4Only: true })
    cleanups.push(() => server.disconnect())

    const client = new WebSocket(String(server.uris[0]).replace('http', 'ws'), { perMessageDeflate })
    await once(client, 'open')
    expect(client.extensions).toBe(ours === null ? '' : client.extensions)
    expect(client.extensions.includes('permessage-deflate')).toBe(ours !== null)
    for (const message of MESSAGES) {
      client.send(message)
      const [data, isBinary] = (await once(client, 'message')) as [Buffer, boolean]
      expect(data.toString() === message && !isBinary).toBe(true)
    }
    // In fragments, with a ping between them.
    client.send('first, ', { fin: false })
    client.ping('still there?')
    client.send('second', { fin: true })
    const answers = await Promise.all([once(client, 'pong'), once(client, 'message')])
    expect(answers.map((answer) => String(answer[0]))).toEqual(['still there?', 'first, second'])
    client.close(3001, 'thanks')
    const [code, reason] = (await once(client, 'close')) as [number, Buffer]
    expect([code, reason.toString()]).toEqual([3001, 'thanks'])
    expect(connection).toMatchObject({ closeCode: 3001, closeData: 'thanks' })
  })

  test('as a server of our client', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate })
    cleanups.push(() => server.close())
    server.on('connection', (peer) => {
      peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary }))
    })
    await once(server, 'listening')
    const session = new Session({ proxyResolver: null })
    cleanups.push(() => session.close())
    session.removeFeature(WebsocketExtensionManager)
    if (ours !== null) session.addFeature(new WebsocketExtensionManager([factory]))

    const uri = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const connection = await session.websocketConnect(new Message('GET', uri))
    connection.maxIncomingPayloadSize = 0
    expect(connection.extensions).toHaveLength(ours === null ? 0 : 1)
    for (const fragment of [0, 1000]) {
      connection.maxOutgoingPayloadSize = fragment
      for (const message of MESSAGES) {
        connection.sendText(message)
        const [type, data] = (await once(connection, 'message')) as [number, Buffer]
        expect(data.toString() === message && type === WebsocketDataType.TEXT).toBe(true)
      }
    }
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * i) & 0xff))
    connection.sendBinary(bytes)
    const [type, data] = (await once(connection, 'message')) as [number, Buffer]
    expect(data.equals(bytes) && type === WebsocketDataType.BINARY).toBe(true)
    connection.close(3002, 'bye')
    await once(connection, 'closed')
    expect(connection).toMatchObject({ closeCode: 3002, closeData: 'bye' })
  })
})
