import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  InetSocketAddress,
  SocketClient,
  SocketListener,
  SocketListenerEvent,
  SocketService,
  TcpConnection,
  UnixSocketAddress,
} from '@wpe-networking/glib-gio'
import type { SocketAddress, SocketConnection } from '@wpe-networking/glib-gio'

const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
const loopback = new InetSocketAddress(InetSocketAddress.fromString('127.0.0.1', 0)!.address, 0)
const open: (SocketListener | Socket)[] = []
let listener: SocketListener

beforeEach(() => {
  listener = track(new SocketListener())
})

afterEach(() => {
  for (const one of open.splice(0)) {
    if (one instanceof SocketListener) one.close()
    else one.destroy()
  }
})

function track<T extends SocketListener | Socket>(one: T): T {
  open.push(one)
  return one
}

async function client(port: number): Promise<Socket> {
  const socket = track(connect(port, '127.0.0.1'))
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

const portOf = (address: SocketAddress): number => (address as InetSocketAddress).port

describe('SocketListener', () => {
  it('accepts connections on a free port of every address', async () => {
    const port = await listener.addAnyInetPort()
    const [accepted, connection] = await Promise.all([
      listener.accept(),
      new SocketClient().connectToHost('127.0.0.1', port),
    ])
    expect(accepted).toBeInstanceOf(TcpConnection)
    expect(accepted.remoteAddress.toString()).toContain(`:${portOf(connection.localAddress!)}`)
    connection.ioStream.write('hello')
    expect(String((await once(accepted.ioStream, 'data'))[0])).toBe('hello')
    await Promise.all([accepted.close(), connection.close()])
  })

  it('tells what it does with an address, with the port it got', async () => {
    const events: [SocketListenerEvent, number][] = []
    listener.on('event', (event, address) => events.push([event, portOf(address)]))
    const port = portOf(await listener.addAddress(loopback))
    const { BINDING, BOUND, LISTENING, LISTENED } = SocketListenerEvent
    expect(events).toEqual([
      [BINDING, 0],
      [BOUND, port],
      [LISTENING, port],
      [LISTENED, port],
    ])
  })

  it('keeps what a connection sent before it was accepted', async () => {
    const port = portOf(await listener.addAddress(loopback))
    const early = await client(port)
    const arrived = once(early, 'end')
    early.end('early')
    const accepted = await listener.accept()
    expect(String((await once(accepted.ioStream, 'data'))[0])).toBe('early')
    accepted.ioStream.end()
    early.resume()
    await arrived
  })

  it('closes what comes when its queue is full', async () => {
    listener.listenBacklog = 1
    const port = portOf(await listener.addAddress(loopback))
    const first = await client(port)
    const second = await client(port)
    await once(second.resume(), 'close')
    expect(first.destroyed).toBe(false)
    await (await listener.accept()).close()
  })

  it('serves waiting accepts in order, and forgets one that was aborted', async () => {
    const port = portOf(await listener.addAddress(loopback))
    const abort = new AbortController()
    const first = listener.accept({ signal: abort.signal })
    const second = listener.accept()
    abort.abort()
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(listener.accept({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' })
    const socket = await client(port)
    expect(portOf((await second).remoteAddress)).toBe(socket.localPort)
  })

  it('says ADDRESS_IN_USE and names the address', async () => {
    const address = await listener.addAddress(loopback)
    await expect(listener.addAddress(address)).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: `Could not listen on ${address.toString()}: the address is already in use.`,
    })
    await expect(listener.addInetPort(70_000)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it.skipIf(!hasIPv6)('listens on the same port of all IPv4 and of all IPv6 addresses', async () => {
    const first = await listener.addAddress(InetSocketAddress.fromString('0.0.0.0', 0)!)
    const second = await listener.addAddress(InetSocketAddress.fromString('::', portOf(first))!)
    expect(portOf(second)).toBe(portOf(first))
    await (await new SocketClient().connectToHost('[::1]', portOf(second))).close()
  })

  it.skipIf(!hasIPv6)('listens on one port of everything at once, IPv6 and IPv4', async () => {
    const port = await listener.addAnyInetPort()
    for (const host of ['127.0.0.1', '[::1]']) {
      const [accepted, connection] = await Promise.all([
        listener.accept(),
        new SocketClient().connectToHost(host, port),
      ])
      expect(portOf(accepted.remoteAddress)).toBe(portOf(connection.localAddress!))
      expect(accepted.localAddress?.toString()).toContain(`:${port}`)
      await Promise.all([accepted.close(), connection.close()])
    }
    const other = track(new SocketListener())
    await expect(other.addInetPort(port)).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' })
    listener.close()
    await other.addInetPort(port)
  })

  it('shares a port with others if all of them want to', async () => {
    const first = track(new SocketListener({ reusePort: true }))
    const second = track(new SocketListener({ reusePort: true }))
    const address = await first.addAddress(loopback)
    expect(portOf(await second.addAddress(address))).toBe(portOf(address))
    await expect(listener.addAddress(address)).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' })
    const taken = Promise.race([first.accept(), second.accept()])
    await client(portOf(address))
    await (await taken).close()
  })

  it('takes a port again at once after its connections were closed from here', async () => {
    const address = await listener.addAddress(loopback)
    const socket = await client(portOf(address))
    const accepted = await listener.accept()
    const gone = once(socket.resume(), 'close')
    await Promise.all([accepted.close(), gone]) // TIME_WAIT is on this side
    listener.close()
    const successor = track(new SocketListener())
    expect(portOf(await successor.addAddress(address))).toBe(portOf(address))
  })

  it('leaves nothing behind', async () => {
    const handles = (): string[] => process.getActiveResourcesInfo().filter((name) => /Socket|Server|Pipe/.test(name))
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
    await turn().then(turn) // what the tests before closed is gone now
    const before = handles()
    const directory = mkdtempSync(join(tmpdir(), 'gio-'))
    await listener.addAddress(new UnixSocketAddress(join(directory, 'socket')))
    const port = portOf(await listener.addAddress(loopback))
    const queued = await client(port)
    const waiting = Promise.allSettled([listener.accept(), listener.accept(), listener.accept()])
    expect(handles().length).toBeGreaterThan(before.length)
    const closed = once(queued.resume(), 'close')
    listener.close()
    for (const result of await waiting) if (result.status === 'fulfilled') await result.value.close()
    await closed
    rmSync(directory, { recursive: true })
    await turn().then(turn)
    expect(handles()).toEqual(before)
  })

  it('listens on Unix sockets and removes their files', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'gio-'))
    const address = new UnixSocketAddress(join(directory, 'socket'))
    expect(await listener.addAddress(address)).toBe(address)
    const [accepted, connection] = await Promise.all([listener.accept(), new SocketClient().connect(address)])
    expect(accepted.remoteAddress.toString()).toBe('anonymous')
    await Promise.all([accepted.close(), connection.close()])
    listener.close()
    expect(existsSync(address.path)).toBe(false)
    rmSync(directory, { recursive: true })
  })

  it('once closed, frees its port, closes its queue, leaves taken connections alone and says CLOSED', async () => {
    const address = await listener.addAddress(loopback)
    const taken = await client(portOf(address))
    const accepted = await listener.accept()
    const queued = await client(portOf(address))
    // The queue has it once a later accept() would not wait: make sure by taking and replacing one.
    const another = await client(portOf(address))
    await listener.accept()
    listener.close()
    listener.close()
    await Promise.race([once(queued.resume(), 'close'), once(another.resume(), 'close')])
    expect(taken.destroyed).toBe(false)
    expect(accepted.isClosed).toBe(false)
    await expect(listener.accept()).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(listener.addAddress(address)).rejects.toMatchObject({ code: 'CLOSED' })
    const successor = track(new SocketListener())
    expect(portOf(await successor.addAddress(address))).toBe(portOf(address))
  })

  it('rejects what waits when it is closed', async () => {
    await listener.addAddress(loopback)
    const waiting = listener.accept()
    listener.close()
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe('SocketService', () => {
  it('hands connections to its listeners while it is active', async () => {
    const service = track(new SocketService())
    const port = portOf(await service.addAddress(loopback))
    const incoming = once(service, 'incoming') as Promise<[SocketConnection]>
    const socket = await client(port)
    const [connection] = await incoming
    expect(portOf(connection.remoteAddress)).toBe(socket.localPort)
    await connection.close()
  })

  it('delivers what came while it was stopped, in order', async () => {
    const service = track(new SocketService({ active: false }))
    const port = portOf(await service.addAddress(loopback))
    const ports: number[] = []
    const both = new Promise<void>((resolve) => {
      service.on('incoming', (connection) => {
        if (ports.push(portOf(connection.remoteAddress)) === 2) resolve()
      })
    })
    const first = await client(port)
    const second = await client(port)
    expect(service.isActive).toBe(false)
    service.start()
    await both
    expect(ports).toEqual([first.localPort, second.localPort])
    service.stop()
    expect(service.isActive).toBe(false)
  })
})
