import { createServer } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UnixSocketAddress } from '@wpe-networking/glib-gio'
import { withRawServer } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import { Message, Session } from '../../src/index.ts'

test('remoteConnectable is connected to in place of every host, a Unix socket for one', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'soup-'))
  const path = join(directory, 'socket')
  const server = createServer((request, response) => response.end(`${request.headers.host}${request.url}`))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  try {
    using session = new Session({ remoteConnectable: new UnixSocketAddress(path) })
    const message = new Message('GET', 'http://containers.example:81/info')
    expect((await session.sendAndRead(message)).toString()).toBe('containers.example:81/info')
    expect(message.remoteAddress).toBeInstanceOf(UnixSocketAddress)
  } finally {
    await new Promise((resolve) => server.close(resolve))
    rmSync(directory, { recursive: true })
  }
})

describe('isKeepalive', () => {
  test.each([
    { answer: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', expected: true },
    { answer: 'HTTP/1.1 204 No Content\r\n\r\n', expected: true },
    { answer: 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', expected: false },
    { answer: 'HTTP/1.1 200 OK\r\n\r\n', expected: false },
    { answer: 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', expected: false },
    { answer: 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n', expected: true },
  ])('is $expected after $answer', async ({ answer, expected }) => {
    await withRawServer(
      (socket) => void socket.once('data', () => socket.end(answer)),
      async ({ port }) => {
        using session = new Session({ proxyResolver: null })
        const message = new Message('GET', `http://127.0.0.1:${port}/`)
        await session.sendAndRead(message)
        expect(message.isKeepalive).toBe(expected)
      },
    )
  })
})
