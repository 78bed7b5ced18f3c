import { mkdtempSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startUnacceptingServer, withRawServer } from '@wpe-networking/test-support'
import type { SocketConnection } from '@wpe-networking/glib-gio'
import {
  InetSocketAddress,
  SocketAddress,
  SocketClient,
  SocketFamily,
  SocketListener,
  TcpConnection,
  UnixConnection,
  UnixSocketAddress,
} from '@wpe-networking/glib-gio'

const loopback = (port: number): InetSocketAddress => InetSocketAddress.fromString('127.0.0.1', port)!

/** A new connection, around a socket that is not connected. */
function unconnected(address = loopback(1)): { socket: Socket; connection: TcpConnection } {
  const socket = new Socket()
  return { socket, connection: new TcpConnection(socket, address) }
}

describe('SocketConnection.connect', () => {
  it('connects the socket it was made around, once', async () => {
    await withRawServer(
      () => undefined,
      async ({ port }) => {
        const { socket, connection } = unconnected()
        expect(connection.isConnected).toBe(false)
        const connecting = connection.connect(loopback(port))
        await expect(connection.connect(loopback(port))).rejects.toMatchObject({ code: 'FAILED' })
        await connecting
        expect(connection.isConnected).toBe(true)
        expect(connection.remoteAddress.toString()).toBe(`127.0.0.1:${port}`)
        expect(connection.localAddress).not.toBeNull()
        expect([socket.listenerCount('connect'), socket.listenerCount('error')]).toEqual([0, 1])
        await expect(connection.connect(loopback(port))).rejects.toMatchObject({ code: 'FAILED' })
        await connection.close()
        await expect(connection.connect(loopback(port))).rejects.toMatchObject({ code: 'FAILED' })
      },
    )
  })

  it('says why it could not', async () => {
    const { connection } = unconnected()
    await expect(connection.connect(loopback(1))).rejects.toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: 'Could not connect to 127.0.0.1:1: the connection was refused.',
    })
    expect(connection.isClosed).toBe(true)
    class Strange extends SocketAddress {
      readonly family = SocketFamily.INVALID
      toString(): string {
        return 'strange'
      }
    }
    await expect(unconnected().connection.connect(new Strange())).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
  })

  it('ends when it is cancelled or closed on the way', async () => {
    const server = await startUnacceptingServer()
    try {
      const abort = new AbortController()
      const { connection } = unconnected()
      const connecting = connection.connect(loopback(server.port), { signal: abort.signal })
      abort.abort('why')
      await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED', cause: 'why' })
      expect(connection.isClosed).toBe(true)

      const { connection: other } = unconnected()
      const closed = other.connect(loopback(server.port))
      await Promise.all([expect(closed).rejects.toMatchObject({ code: 'CLOSED' }), other.close()])
      const { signal } = abort
      const { connection: never } = unconnected()
      await expect(never.connect(loopback(server.port), { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
    } finally {
      await server.close()
    }
  })
})

describe('UnixConnection', () => {
  let directory: string
  let listener: SocketListener

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gio-'))
    listener = new SocketListener()
  })

  afterEach(() => {
    listener.close()
    rmSync(directory, { recursive: true })
  })

  it.each([
    ['a file', () => join(directory, 'socket')],
    ['an abstract name', () => `\0gio-test-${process.pid}`],
  ])('is what both ends of %s get', async (_, path) => {
    const address = new UnixSocketAddress(path())
    await listener.addAddress(address)
    const [accepted, connection] = await Promise.all([listener.accept(), new SocketClient().connect(address)])
    expect(accepted).toBeInstanceOf(UnixConnection)
    expect(connection).toBeInstanceOf(UnixConnection)
    expect(connection.remoteAddress).toBe(address)
    await Promise.all([accepted.close(), connection.close()])
  })

  it('connects by itself too', async () => {
    const address = new UnixSocketAddress(join(directory, 'socket'))
    await listener.addAddress(address)
    const connection: SocketConnection = new UnixConnection(new Socket(), address)
    const [accepted] = await Promise.all([listener.accept(), connection.connect(address)])
    expect(connection.isConnected).toBe(true)
    await Promise.all([accepted.close(), connection.close()])
  })

  it('says that credentials cannot be had', async () => {
    const connection = new UnixConnection(new Socket(), new UnixSocketAddress(''))
    const expected = {
      domain: 'g-io-error-quark',
      code: 'NOT_SUPPORTED',
      message: 'Node.js cannot tell or ask for the credentials of a Unix socket.',
    }
    await expect(connection.receiveCredentials()).rejects.toMatchObject(expected)
    await expect(connection.sendCredentials()).rejects.toMatchObject(expected)
    await connection.close()
  })
})
