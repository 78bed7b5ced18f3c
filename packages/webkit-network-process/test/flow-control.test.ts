// A WebProcess that reads slowly holds back its own loads and nobody's memory.
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { withServer } from '@wpe-networking/test-support'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ipcMessageChannel, LOAD_WINDOW_BYTES, NetworkProcessConnection, type IPCMessageEvent } from '../src/index.ts'
import { load, loadParameters, TestNetworkProcess } from './support.ts'

let network: TestNetworkProcess
beforeEach(async () => {
  network = await TestNetworkProcess.start()
})
afterEach(() => network.close())

const CHUNK = Buffer.alloc(64 * 1024, 'x')

/** An origin that sends `bytes` as fast as it may and counts what it got rid of. */
function bulk(bytes: number, progress: { sent: number; stalled: () => void }) {
  return async (_request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('Content-Length', bytes)
    for (progress.sent = 0; progress.sent < bytes; progress.sent += CHUNK.length) {
      if (response.write(CHUNK)) continue
      // No drain in the time a busy reader takes for many of them: the other side has stopped reading.
      const stall = setTimeout(progress.stalled, 300)
      await once(response, 'drain')
      clearTimeout(stall)
    }
    response.end()
  }
}

test('what is sent and unread never passes the window, and the origin stalls with it', async () => {
  const total = 48 * 1024 * 1024
  const stalled = Promise.withResolvers<void>()
  const progress = { sent: 0, stalled: () => stalled.resolve() }
  let sentBytes = 0
  const count = (event: unknown): void => {
    const { connection, direction, message, payloadBytes } = event as IPCMessageEvent
    if (direction === 'sent' && message.endsWith('.DidReceiveData') && connection.includes('WebProcess')) {
      sentBytes += payloadBytes
    }
  }
  ipcMessageChannel.subscribe(count)
  await withServer(bulk(total, progress), async (server) => {
    const release = Promise.withResolvers<void>()
    let readBytes = 0
    let mostUnread = 0
    const loading = load(await network.connect(), loadParameters(`${server.origin}/`), {
      didReceiveData: (chunk) => {
        mostUnread = Math.max(mostUnread, sentBytes - readBytes)
        const isRead = (): void => void (readBytes += chunk.length)
        return release.promise.then(isRead)
      },
    })
    await stalled.promise
    expect(sentBytes).toBe(LOAD_WINDOW_BYTES)
    expect(progress.sent).toBeLessThan(total / 2)
    release.resolve()
    const { body, error } = await loading
    expect(error).toBeNull()
    expect(body.length).toBe(total)
    expect(mostUnread).toBeLessThanOrEqual(LOAD_WINDOW_BYTES)
  })
  ipcMessageChannel.unsubscribe(count)
})

test('a load that is held back does not hold back the others', async () => {
  await withServer(
    (request, response) => void response.end(request.url === '/big' ? Buffer.alloc(4 * 1024 * 1024) : 'small'),
    async (server) => {
      const connection = await network.connect()
      const release = Promise.withResolvers<void>()
      const first = Promise.withResolvers<void>()
      const big = load(connection, loadParameters(`${server.origin}/big`), {
        didReceiveData: () => {
          first.resolve()
          return release.promise
        },
      })
      await first.promise
      for (let index = 0; index < 20; index++) {
        const { body } = await load(connection, loadParameters(`${server.origin}/small`))
        expect(body.toString()).toBe('small')
      }
      release.resolve()
      expect((await big).body.length).toBe(4 * 1024 * 1024)
    },
  )
})

test('a WebProcess that reads nothing at all stalls its loads, whatever their number', async () => {
  await withServer(
    (_request, response) => void response.end(Buffer.alloc(1024 * 1024)),
    async (server) => {
      const raw = await network.connectRaw(1)
      const connection = new NetworkProcessConnection(raw)
      let finished = 0
      const all = Promise.withResolvers<void>()
      raw.pause()
      for (let index = 0; index < 60; index++) {
        void load(connection, loadParameters(`${server.origin}/${index}`)).then(({ body }) => {
          expect(body.length).toBe(1024 * 1024)
          if (++finished === 60) all.resolve()
        })
      }
      let mostQueued = 0
      const watch = (event: unknown): void => {
        if ((event as IPCMessageEvent).direction === 'sent') mostQueued += (event as IPCMessageEvent).payloadBytes
      }
      ipcMessageChannel.subscribe(watch)
      // Six connections per origin deliver until the IPC connection is congested; then nothing moves any more.
      let before = -1
      while (before !== mostQueued) {
        before = mostQueued
        await new Promise((resolve) => setTimeout(resolve, 300))
      }
      expect(mostQueued).toBeLessThan(8 * 1024 * 1024)
      ipcMessageChannel.unsubscribe(watch)
      raw.resume()
      await all.promise
    },
  )
})
