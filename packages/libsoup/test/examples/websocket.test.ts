import { expect, test } from 'vitest'
import { exchange } from '../../examples/websocket.ts'
import { Server } from '../../src/index.ts'

test('the WebSocket example sends lines and gets them back', async () => {
  const server = new Server()
  server.addWebsocketHandler('/echo', null, null, (_server, _message, _path, connection) => {
    connection.on('message', (type, data) => void connection.sendMessage(type, data))
  })
  await server.listenLocal(0, { ipv4Only: true })
  try {
    const report: string[] = []
    const uri = `${String(server.uris[0]).replace('http', 'ws')}echo`
    expect(await exchange(uri, ['one', 'two', 'three'], (line) => report.push(line))).toEqual(['one', 'two', 'three'])
    expect(report).toEqual(['connected; sub-protocol none, extensions permessage-deflate', 'closed with 1000'])
  } finally {
    await server.disconnect()
  }
})
