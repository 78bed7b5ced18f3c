import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SocketClientEvent, SocketConnection } from '@wpe-networking/glib-gio'
import type { SocketClientOptions, SocketClient } from '@wpe-networking/glib-gio'
import { FakeResolver } from '../resolver/fake-resolver.ts'
import { SlowClient } from './slow-client.ts'

const HOLE_1 = '127.0.0.11'
const HOLE_2 = '127.0.0.12'
const REFUSING = '127.0.0.13'
const SERVER = '127.0.0.14'

let server: Server
let port: number

beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => undefined)).listen(0, SERVER)
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterEach(() => {
  vi.useRealTimers()
  server.close()
})

function clientFor(addresses: readonly string[], options: SocketClientOptions = {}): SlowClient {
  return new SlowClient([HOLE_1, HOLE_2], { resolver: new FakeResolver({ 'h.example': addresses }), ...options })
}

function connectingTo(client: SocketClient): string[] {
  const hosts: string[] = []
  client.on('event', (event, _, connection) => {
    if (event === SocketClientEvent.CONNECTING && connection instanceof SocketConnection) {
      hosts.push(connection.remoteAddress.toString().split(':')[0] ?? '')
    }
  })
  return hosts
}

const fakeTimers = (): unknown => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

describe('several addresses (RFC 8305 section 5)', () => {
  it('the next attempt starts after 250 ms without an answer, and the loser is closed', async () => {
    fakeTimers()
    const client = clientFor([HOLE_1, SERVER])
    const hosts = connectingTo(client)
    const connecting = client.connectToHost('h.example', port)
    await vi.advanceTimersByTimeAsync(249)
    expect(hosts).toEqual([HOLE_1])
    await vi.advanceTimersByTimeAsync(1)
    expect(hosts).toEqual([HOLE_1, SERVER])

    const connection = await connecting
    expect(connection.remoteAddress.toString()).toBe(`${SERVER}:${port}`)
    expect(client.sockets.get(HOLE_1)?.destroyed).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
    await connection.close()
  })

  it('the next attempt starts at once when one is refused', async () => {
    fakeTimers() // never advanced
    const client = clientFor([REFUSING, SERVER])
    const hosts = connectingTo(client)
    const connection = await client.connectToHost('h.example', port)
    expect(hosts).toEqual([REFUSING, SERVER])
    expect(vi.getTimerCount()).toBe(0)
    await connection.close()
  })

  it('an attempt that was slow may still win', async () => {
    fakeTimers()
    const client = clientFor([HOLE_1, HOLE_2])
    const connecting = client.connectToHost('h.example', port)
    await vi.advanceTimersByTimeAsync(300)
    client.sockets.get(HOLE_1)?.connect({ host: SERVER, port })
    const connection = await connecting
    expect(connection.ioStream).toBe(client.sockets.get(HOLE_1))
    expect(client.sockets.get(HOLE_2)?.destroyed).toBe(true)
    await connection.close()
  })

  it('each attempt has the whole timeout, and then the error says so', async () => {
    fakeTimers()
    const client = clientFor([HOLE_1, HOLE_2], { timeout: 2 })
    const failing = expect(client.connectToHost('h.example', port)).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: `Could not connect to h.example:${port}: the connection timed out.`,
    })
    await vi.advanceTimersByTimeAsync(2000)
    expect(client.sockets.get(HOLE_1)?.destroyed).toBe(true)
    expect(client.sockets.get(HOLE_2)?.destroyed).toBe(false)
    await vi.advanceTimersByTimeAsync(250)
    await failing
    expect(client.sockets.get(HOLE_2)?.destroyed).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('a timeout of 10 ms is 10 ms', async () => {
    const client = clientFor([HOLE_1], { timeout: 0.01 })
    await expect(client.connectToHost('h.example', port)).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })

  it('of failures at the same stage the last is told', async () => {
    const client = clientFor([HOLE_1, REFUSING], { timeout: 0.01 })
    await expect(client.connectToHost('h.example', port)).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' })
  })

  it('a name with more addresses than anybody has does not get a socket for each', async () => {
    fakeTimers()
    const addresses = Array.from({ length: 200 }, (_, index) => `127.0.2.${index}`)
    const client = new SlowClient(addresses, { resolver: new FakeResolver({ 'h.example': addresses }) })
    const abort = new AbortController()
    const connecting = client.connectToHost('h.example', port, { signal: abort.signal })
    const failing = expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' })
    await vi.advanceTimersByTimeAsync(200 * 250)
    expect(client.sockets.size).toBe(64)
    abort.abort()
    await failing
    expect([...client.sockets.values()].every((socket) => socket.destroyed)).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })
})
