import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  InetSocketAddress,
  IOError,
  NetworkAddress,
  SocketClient,
  SocketClientEvent,
  socketClientEventName,
  SocketConnection,
  SocketFamily,
  SocketProtocol,
  SocketType,
  TcpConnection,
  UnixSocketAddress,
} from '@wpe-networking/glib-gio'
import type { SocketAddress, SocketConnectable } from '@wpe-networking/glib-gio'
import { FakeResolver } from '../resolver/fake-resolver.ts'

let server: Server
let port: number

beforeEach(async () => {
  server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterEach(() => {
  server.close()
})

/** A port that nobody listens on. */
async function refusingPort(): Promise<number> {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port: free } = other.address() as AddressInfo
  other.close()
  await once(other, 'close')
  return free
}

function eventsOf(client: SocketClient): string[] {
  const events: string[] = []
  client.on('event', (event, _, connection) => {
    events.push(`${socketClientEventName(event)} ${connection instanceof SocketConnection ? 'connection' : 'null'}`)
  })
  return events
}

describe('SocketClient', () => {
  it('makes sockets of the type and protocol it is told, or says that there are none', async () => {
    const connection = await new SocketClient({ protocol: SocketProtocol.TCP }).connectToHost('127.0.0.1', port)
    expect(connection).toBeInstanceOf(TcpConnection)
    await connection.close()
    const unsupported = { domain: 'g-io-error-quark', code: 'NOT_SUPPORTED' }
    const datagrams = new SocketClient({ type: SocketType.DATAGRAM })
    await expect(datagrams.connectToHost('127.0.0.1', port)).rejects.toMatchObject(unsupported)
    const sctp = new SocketClient({ protocol: SocketProtocol.SCTP })
    await expect(sctp.connectToHost('127.0.0.1', port)).rejects.toMatchObject(unsupported)
    const unix = new SocketClient({ protocol: SocketProtocol.TCP })
    await expect(unix.connect(new UnixSocketAddress('/nowhere'))).rejects.toMatchObject(unsupported)
  })

  it('tells its events in the documented order', async () => {
    const client = new SocketClient()
    const events = eventsOf(client)
    const connection = await client.connectToHost('127.0.0.1', port)
    expect(events).toEqual([
      'RESOLVING null',
      'RESOLVED null',
      'CONNECTING connection',
      'CONNECTED connection',
      'COMPLETE connection',
    ])
    await connection.close()
  })

  it('gives the same connection with every event, unconnected at first, and the connectable', async () => {
    const client = new SocketClient()
    const address = new NetworkAddress('127.0.0.1', port)
    const seen: [SocketConnectable, unknown, boolean | undefined][] = []
    client.on('event', (_, connectable, connection) => {
      seen.push([connectable, connection, connection instanceof SocketConnection && connection.isConnected])
    })
    const connection = await client.connect(address)
    expect(seen.every(([connectable]) => connectable === address)).toBe(true)
    expect(seen.slice(2)).toEqual([
      [address, connection, false],
      [address, connection, true],
      [address, connection, true],
    ])
    await connection.close()
  })

  it('hands out the raw socket with Nagle off, and both addresses', async () => {
    const connection = await new SocketClient().connectToUri(`http://127.0.0.1:${port}/`)
    expect(connection).toBeInstanceOf(TcpConnection)
    expect(connection.ioStream).toBeInstanceOf(Socket)
    expect(connection.remoteAddress.toString()).toBe(`127.0.0.1:${port}`)
    expect(connection.localAddress?.toString()).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(connection.ioStream.listenerCount('connect')).toBe(0)
    connection.ioStream.write('hello')
    expect(String((await once(connection.ioStream, 'data'))[0])).toBe('hello')
    await connection.close()
    await connection.close()
    expect(connection.isClosed).toBe(true)
  })

  it('takes the port of the scheme for a URI without one', async () => {
    const seen: string[] = []
    class Recorder extends SocketClient {
      protected override startConnecting(socket: Socket, address: SocketAddress): void {
        seen.push(address.toString())
        socket.destroy(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
      }
    }
    const client = new Recorder()
    await expect(client.connectToUri('https://127.0.0.1/')).rejects.toThrow(IOError)
    await expect(client.connectToUri(new URL('ws://127.0.0.1/'))).rejects.toThrow(IOError)
    await expect(client.connectToUri('x-app://127.0.0.1/', 7)).rejects.toThrow(IOError)
    expect(seen).toEqual(['127.0.0.1:443', '127.0.0.1:80', '127.0.0.1:7'])
  })

  it('refuses what is no host or URI by rejecting', async () => {
    const client = new SocketClient()
    await expect(client.connectToHost('a b:c', 1)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(client.connectToUri('mailto:x')).rejects.toMatchObject({ code: 'BAD_HOST' })
  })

  it('says CONNECTION_REFUSED, names the destination and still completes', async () => {
    const client = new SocketClient()
    const events = eventsOf(client)
    const closed = await refusingPort()
    await expect(client.connectToHost('127.0.0.1', closed)).rejects.toMatchObject({
      domain: 'g-io-error-quark',
      code: 'CONNECTION_REFUSED',
      message: `Could not connect to 127.0.0.1:${closed}: the connection was refused.`,
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }) as unknown,
    })
    expect(events).toEqual(['RESOLVING null', 'RESOLVED null', 'CONNECTING connection', 'COMPLETE null'])
  })

  it('passes on what the resolver says, without RESOLVED', async () => {
    const client = new SocketClient({ resolver: new FakeResolver({}) })
    const events = eventsOf(client)
    await expect(client.connectToHost('nowhere.example', 1)).rejects.toMatchObject({
      domain: 'g-resolver-error-quark',
      code: 'NOT_FOUND',
    })
    expect(events).toEqual(['RESOLVING null', 'COMPLETE null'])
  })

  it('connects from the local address it is given, and then not to the other family', async () => {
    const resolver = new FakeResolver({ 'h.example': ['::1', '127.0.0.1'] })
    const localAddress = InetSocketAddress.fromString('127.0.0.9', 0)
    const client = new SocketClient({ localAddress, resolver })
    const events = eventsOf(client)
    const connection = await client.connectToHost('h.example', port)
    expect(connection.localAddress?.toString()).toMatch(/^127\.0\.0\.9:/)
    expect(events.filter((event) => event.startsWith('CONNECTING'))).toHaveLength(1)
    await connection.close()
  })

  it('keeps to the family it is given', async () => {
    const client = new SocketClient({ family: SocketFamily.IPV6 })
    await expect(client.connectToHost('127.0.0.1', port)).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
  })

  it('connects to Unix sockets', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'gio-'))
    const path = join(directory, 'socket')
    const unix = createServer((socket) => socket.end('unix')).listen(path)
    await once(unix, 'listening')
    const connection = await new SocketClient().connect(new UnixSocketAddress(path))
    expect(String((await once(connection.ioStream, 'data'))[0])).toBe('unix')
    expect(connection.localAddress).toBeInstanceOf(UnixSocketAddress)
    await connection.close()
    unix.close()
    await expect(new SocketClient().connect(new UnixSocketAddress(path))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    rmSync(directory, { recursive: true })
  })

  it('survives a connection that is reset while nobody looks', async () => {
    const connection = await new SocketClient().connectToHost('127.0.0.1', port)
    connection.ioStream.destroy(new Error('reset'))
    await once(connection.ioStream, 'close').catch(() => undefined)
    expect(connection.isConnected).toBe(false)
  })

  it('rejects with what a listener throws and closes the connection', async () => {
    for (const at of [SocketClientEvent.RESOLVING, SocketClientEvent.CONNECTING, SocketClientEvent.COMPLETE]) {
      const client = new SocketClient()
      let socket: SocketConnection | undefined
      client.on('event', (event, _, connection) => {
        if (connection instanceof SocketConnection) socket = connection
        if (event === at) throw new Error('listener')
      })
      await expect(client.connectToHost('127.0.0.1', port)).rejects.toThrow('listener')
      expect(socket?.isClosed ?? true).toBe(true)
    }
  })

  it('goes through a proxy resolver that says direct, and not around one that does not', async () => {
    const asked: string[] = []
    const answers = [['direct://'], ['socks9://127.0.0.1:1']]
    const proxyResolver = {
      isSupported: true,
      lookup: (uri: string) => {
        asked.push(uri)
        return Promise.resolve(answers.shift() ?? [])
      },
    }
    const client = new SocketClient({ proxyResolver })
    const connection = await client.connectToUri(`http://127.0.0.1:${port}/`)
    await connection.close()
    await expect(client.connectToUri(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: 'NOT_SUPPORTED',
      message: 'The proxy protocol "socks9" is not supported.',
    })
    expect(asked).toEqual([`http://127.0.0.1:${port}`, `http://127.0.0.1:${port}`])
    client.enableProxy = false
    await (await client.connectToUri(`http://127.0.0.1:${port}/`)).close()
  })
})
