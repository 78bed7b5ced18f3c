import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { startServer, withRawServer, withServer } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import { Message, MessageFlags, MessagePriority, Session } from '../../src/index.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** A server that answers nothing by itself: the test takes requests and answers them when it wants. */
async function holding() {
  const held: { url: string; response: ServerResponse }[] = []
  let arrived = (): void => undefined
  const server = await startServer((request, response) => {
    held.push({ url: request.url ?? '', response })
    arrived()
  })
  return {
    server,
    urls: () => held.map(({ url }) => url),
    /** Resolves once `count` requests wait. */
    async waiting(count: number) {
      while (held.length < count) await new Promise<void>((resolve) => (arrived = resolve))
    },
    answerFirst() {
      const { response, url } = held.shift() as { url: string; response: ServerResponse }
      response.end(url)
      return url
    },
  }
}

describe('connections', () => {
  test('are kept alive and reused', async () => {
    await withServer(
      (_request, response) => void response.end('ok'),
      async (server) => {
        using session = new Session()
        const ids = new Set<number>()
        for (let i = 0; i < 5; i++) {
          const message = new Message('GET', server.origin)
          await session.sendAndRead(message)
          ids.add(message.connectionId)
          expect(message.isConnectionReused).toBe(i > 0)
        }
        expect(ids.size).toBe(1)
        const fresh = new Message('GET', server.origin)
        fresh.addFlags(MessageFlags.NEW_CONNECTION)
        await session.sendAndRead(fresh)
        expect(fresh.isConnectionReused).toBe(false)
        expect(server.connectionCount).toBe(2)
        const head = new Message('HEAD', server.origin)
        await session.sendAndRead(head)
        await session.sendAndRead(new Message('GET', server.origin))
        expect(server.connectionCount).toBe(2)
      },
    )
  })

  test('are not kept when the server says close', async () => {
    await withServer(
      (_request, response) => void response.setHeader('Connection', 'close').end('ok'),
      async (server) => {
        using session = new Session()
        await session.sendAndRead(new Message('GET', server.origin))
        await session.sendAndRead(new Message('GET', server.origin))
        expect(server.connectionCount).toBe(2)
      },
    )
  })

  test('to one host stay within maxConnsPerHost, and messages wait their turn by priority', async () => {
    const held = await holding()
    const { server } = held
    try {
      using session = new Session({ maxConnsPerHost: 2 })
      const send = (path: string, priority: MessagePriority): Promise<Buffer> => {
        const message = new Message('GET', `${server.origin}${path}`)
        message.priority = priority
        return session.sendAndRead(message)
      }
      const all = [send('/first', MessagePriority.LOW), send('/second', MessagePriority.LOW)]
      await held.waiting(2)
      all.push(send('/low', MessagePriority.LOW), send('/normal-1', MessagePriority.NORMAL))
      all.push(send('/normal-2', MessagePriority.NORMAL))
      const raised = new Message('GET', `${server.origin}/raised`)
      raised.priority = MessagePriority.VERY_LOW
      all.push(session.sendAndRead(raised))
      raised.priority = MessagePriority.VERY_HIGH
      const order: string[] = []
      for (let i = 0; i < 6; i++) {
        await held.waiting(Math.min(2, 6 - i))
        expect(held.urls().length).toBeLessThanOrEqual(2)
        order.push(held.answerFirst())
      }
      await Promise.all(all)
      expect(order.slice(2)).toEqual(['/raised', '/normal-1', '/normal-2', '/low'])
      expect(server.connectionCount).toBe(2)
    } finally {
      await server.close()
    }
  })

  test('to all hosts stay within maxConns, by closing unused ones', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => startServer((_request, response) => void response.end('ok'))))
    try {
      using session = new Session({ maxConns: 1 })
      await Promise.all(
        servers.flatMap(({ origin }) => [1, 2].map(() => session.sendAndRead(new Message('GET', origin)))),
      )
      const open = servers.reduce((sum, server) => sum + server.openConnections, 0)
      expect(open).toBeLessThanOrEqual(2) // a server may not have seen the close yet
    } finally {
      await Promise.all(servers.map((server) => server.close()))
    }
  })

  test('that have been unused for idleTimeout are closed', async () => {
    await withServer(
      (_request, response) => void response.end('ok'),
      async (server) => {
        using session = new Session({ idleTimeout: 0.05 })
        await session.sendAndRead(new Message('GET', server.origin))
        await server.connectionClosed()
        await session.sendAndRead(new Message('GET', server.origin))
        expect(server.connectionCount).toBe(2)
      },
    )
  })
})

describe('a kept-alive connection that the server closes on the next request', () => {
  /** Answers the first request of each connection and closes at the second; new connections after `good` are fine. */
  function stale(): (socket: Socket) => void {
    let connections = 0
    return (socket) => {
      const first = ++connections === 1
      let requests = 0
      socket.on('data', () => {
        if (first && ++requests > 1) socket.resetAndDestroy()
        else socket.write(OK)
      })
    }
  }

  test.each([
    { method: 'GET', flags: 0, retried: true },
    { method: 'PUT', flags: 0, retried: true },
    { method: 'POST', flags: 0, retried: false },
    { method: 'POST', flags: MessageFlags.IDEMPOTENT, retried: true },
  ])('has a $method with flags $flags retried: $retried', async ({ method, flags, retried }) => {
    await withRawServer(stale(), async (server) => {
      using session = new Session()
      await session.sendAndRead(new Message('GET', `http://127.0.0.1:${server.port}/`))
      const message = new Message(method, `http://127.0.0.1:${server.port}/`)
      message.flags = flags
      if (method !== 'GET') message.setRequestBodyFromBytes('text/plain', Buffer.from('data'))
      const sent = session.sendAndRead(message)
      if (retried) expect((await sent).toString()).toBe('ok')
      else await expect(sent).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
      expect(server.connectionCount).toBe(retried ? 2 : 1)
    })
  })

  test('is not tried a second time', async () => {
    const closing = (socket: Socket): void => {
      let requests = 0
      socket.on('data', () => (++requests > 1 ? socket.destroy() : socket.write(OK)))
    }
    await withRawServer(closing, async (server) => {
      using session = new Session()
      const uri = `http://127.0.0.1:${server.port}/`
      await Promise.all([session.sendAndRead(new Message('GET', uri)), session.sendAndRead(new Message('GET', uri))])
      await expect(session.sendAndRead(new Message('GET', uri))).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    })
  })
})

describe('a body that is read slowly', () => {
  test('holds back its server', async () => {
    let written = 0
    await withServer(
      (_request, response) => {
        const chunk = Buffer.alloc(64 * 1024)
        const write = (): void => {
          while (written < 64 * 1024 * 1024) {
            written += chunk.length
            if (!response.write(chunk)) return
          }
          response.end()
        }
        response.on('drain', write)
        write()
      },
      async (server) => {
        using session = new Session()
        const body = await session.send(new Message('GET', server.origin))
        await once(body, 'readable')
        for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
        expect(written).toBeLessThan(32 * 1024 * 1024)
        expect((await text(body)).length).toBe(64 * 1024 * 1024)
      },
    )
  })

  test('and given up closes its connection', async () => {
    await withServer(
      (_request, response) => void response.write('part'),
      async (server) => {
        using session = new Session()
        const message = new Message('GET', server.origin)
        const finished = once(message, 'finished')
        const body = await session.send(message)
        body.destroy()
        await finished
        await server.connectionClosed()
      },
    )
  })
})
