import { describe, expect, it, vi } from 'vitest'
import { withRawServer } from '@wpe-networking/test-support'
import {
  NetworkAddress,
  SocketClient,
  SocketClientEvent,
  socketClientEventName,
  SocketConnection,
} from '@wpe-networking/glib-gio'
import { FakeResolver } from '../resolver/fake-resolver.ts'

const resolver = new FakeResolver({ 'h.example': ['127.0.0.1'], 'slow.example': new Promise(() => undefined) })

/** Connects, aborting in the very event `at`; returns the sockets it saw and the events. */
async function abortAt(at: SocketClientEvent, port: number, tls: boolean): Promise<[SocketConnection[], string[]]> {
  const abort = new AbortController()
  const client = new SocketClient({ resolver, tls, timeout: 60 })
  const seen = new Set<SocketConnection>()
  const events: string[] = []
  client.on('event', (event, _, connection) => {
    events.push(socketClientEventName(event))
    if (connection instanceof SocketConnection) seen.add(connection)
    if (event === at) abort.abort()
  })
  const connecting = client.connect(new NetworkAddress('h.example', port), { signal: abort.signal })
  await expect(connecting).rejects.toMatchObject({ domain: 'g-io-error-quark', code: 'CANCELLED' })
  return [[...seen], events]
}

describe('aborting', () => {
  const { RESOLVING, RESOLVED, CONNECTING, CONNECTED, TLS_HANDSHAKING } = SocketClientEvent
  it.each([
    ['RESOLVING', RESOLVING],
    ['RESOLVED', RESOLVED],
    ['CONNECTING', CONNECTING],
    ['CONNECTED', CONNECTED],
    ['TLS_HANDSHAKING', TLS_HANDSHAKING],
  ])('at %s rejects with CANCELLED, completes, and leaves no socket or timer', async (name, at) => {
    await withRawServer(
      () => undefined, // never answers a handshake
      async ({ port }) => {
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
        try {
          const [connections, events] = await abortAt(at, port, true)
          expect(events).toContain(name)
          expect(events.at(-1)).toBe('COMPLETE')
          expect(events.filter((event) => event === 'COMPLETE')).toHaveLength(1)
          expect(connections.map((connection) => connection.isClosed)).toEqual(connections.map(() => true))
          expect(vi.getTimerCount()).toBe(0)
        } finally {
          vi.useRealTimers()
        }
      },
    )
  })

  it('while the name is looked up does not wait for the answer', async () => {
    const abort = new AbortController()
    const connecting = new SocketClient({ resolver }).connectToHost('slow.example', 1, { signal: abort.signal })
    abort.abort('gone')
    await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED', cause: 'gone' })
  })

  it('before it starts tells nothing but the end', async () => {
    const client = new SocketClient({ resolver })
    const events: string[] = []
    client.on('event', (event) => events.push(socketClientEventName(event)))
    const connecting = client.connectToHost('h.example', 1, { signal: AbortSignal.abort() })
    await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(events).toEqual(['COMPLETE'])
    expect(resolver.asked).not.toContain('nobody')
  })

  it('after it has connected changes nothing, and no listener stays on the signal', async () => {
    await withRawServer(
      (socket) => socket.end(),
      async ({ port }) => {
        const abort = new AbortController()
        const added = vi.spyOn(abort.signal, 'addEventListener')
        const removed = vi.spyOn(abort.signal, 'removeEventListener')
        const connection = await new SocketClient({ resolver }).connectToHost('h.example', port, {
          signal: abort.signal,
        })
        expect(removed.mock.calls.length).toBe(added.mock.calls.length)
        abort.abort()
        expect(connection.isClosed).toBe(false)
        await connection.close()
      },
    )
  })
})
