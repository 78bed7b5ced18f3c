import { once } from 'node:events'
import { Message, Session } from '@wpe-networking/libsoup'
import { expect, test } from 'vitest'
import { createServer } from '../../examples/server.ts'

test('the server example serves ranges, an echo, a private page and a WebSocket', async () => {
  const lines: string[] = []
  const server = createServer(new Map([['alice', 'secret']]), (line) => lines.push(line))
  await server.listenLocal(0, { ipv4Only: true })
  using session = new Session({ proxyResolver: null })
  const send = async (message: Message): Promise<string> => (await session.sendAndRead(message)).toString()
  try {
    const uri = String(server.uris[0])
    const part = new Message('GET', `${uri}alphabet`)
    part.requestHeaders.append('Range', 'bytes=-3')
    expect(await send(part)).toBe('xyz')

    const echo = new Message('PUT', `${uri}echo`)
    echo.setRequestBodyFromBytes('text/plain', Buffer.from('there and back'))
    expect(await send(echo)).toBe('there and back')

    const page = new Message('GET', `${uri}private`)
    page.on('authenticate', (auth) => {
      auth.authenticate('alice', 'secret')
      return true
    })
    expect(await send(page)).toBe('only for alice\n')

    const chat = await session.websocketConnect(new Message('GET', `${uri}chat`))
    const answer = once(chat, 'message')
    chat.sendText('hello')
    expect(String((await answer)[1])).toBe('hello')
    const closed = once(chat, 'closed')
    chat.close(1000, null)
    await closed
    expect(lines).toEqual(['GET /alphabet 206', 'PUT /echo 200', 'GET /private 401', 'GET /private 200'])
  } finally {
    await server.shutdown()
  }
})
