// Connections made ahead of need.

import type { Socket } from 'node:net'
import { withRawServer } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import { Message, Session } from '../../src/index.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

const answering = (socket: Socket): void => void socket.on('error', () => undefined).on('data', () => socket.write(OK))

/** Lets what the loop has pending happen, an event of a socket for one. */
async function turns(count = 10): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('a connection made ahead', () => {
  test('carries the next message', async () => {
    await withRawServer(answering, async (server) => {
      using session = new Session({ proxyResolver: null })
      const uri = `http://127.0.0.1:${server.port}/`
      await session.preconnect(new Message('HEAD', uri))
      await turns()
      for (let i = 0; i < 2; i++) expect((await session.sendAndRead(new Message('GET', uri))).toString()).toBe('ok')
      expect(server.connectionCount).toBe(1)
    })
  })

  test('is closed when it stays unused', async () => {
    await withRawServer(answering, async (server) => {
      using session = new Session({ proxyResolver: null, idleTimeout: 0.05 })
      await session.preconnect(new Message('HEAD', `http://127.0.0.1:${server.port}/`))
      await server.connectionClosed()
    })
  })

  test.each(['end', 'garbage'])('is not used once the server has sent an %s', async (what) => {
    let first: Socket | null = null
    const onSocket = (socket: Socket): void => {
      first ??= socket
      answering(socket)
    }
    await withRawServer(onSocket, async (server) => {
      using session = new Session({ proxyResolver: null })
      const uri = `http://127.0.0.1:${server.port}/`
      await session.preconnect(new Message('HEAD', uri))
      await turns()
      const socket = first as unknown as Socket
      if (what === 'end') socket.end()
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfalse')
      await server.connectionClosed()
      expect((await session.sendAndRead(new Message('POST', uri))).toString()).toBe('ok')
    })
  })

  test('that closes on its first request is taken for one that had gone stale', async () => {
    let connections = 0
    const onSocket = (socket: Socket): void => {
      const isFirst = ++connections === 1
      socket.on('error', () => undefined)
      socket.on('data', () => (isFirst ? socket.resetAndDestroy() : socket.write(OK)))
    }
    await withRawServer(onSocket, async ({ port }) => {
      using session = new Session({ proxyResolver: null })
      const uri = `http://127.0.0.1:${port}/`
      await session.preconnect(new Message('HEAD', uri))
      await turns()
      expect((await session.sendAndRead(new Message('GET', uri))).toString()).toBe('ok')
      expect(connections).toBe(2)
    })
  })
})
