import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { startServer, withRawServer, type ListeningServer } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Message, Session } from '../../src/index.ts'

let server: ListeningServer
beforeAll(async () => {
  server = await startServer((request, response) => {
    if (request.url === '/stall-in-body') response.writeHead(200, { 'Content-Length': 100 }).write('part')
    else if (request.url === '/ok') response.end('ok')
  })
})
afterAll(() => server.close())

const CANCELLED = { domain: 'g-io-error-quark', code: 'CANCELLED' }
const TIMED_OUT = { domain: 'g-io-error-quark', code: 'TIMED_OUT' }

describe('an abort signal', () => {
  test('that has fired already sends nothing', async () => {
    using session = new Session()
    const sent = session.sendAndRead(new Message('GET', `${server.origin}/ok`), { signal: AbortSignal.abort() })
    await expect(sent).rejects.toMatchObject(CANCELLED)
    expect(server.connectionCount).toBe(0)
  })

  test('ends a message that waits for its connection', async () => {
    using session = new Session({ maxConnsPerHost: 1 })
    const first = session.sendAndRead(new Message('GET', `${server.origin}/stall`))
    const controller = new AbortController()
    const second = session.sendAndRead(new Message('GET', `${server.origin}/ok`), { signal: controller.signal })
    controller.abort()
    await expect(second).rejects.toMatchObject(CANCELLED)
    session.abort()
    await expect(first).rejects.toMatchObject(CANCELLED)
    expect((await session.sendAndRead(new Message('GET', `${server.origin}/ok`))).toString()).toBe('ok')
  })

  test('ends a message while its connection is being made', async () => {
    using session = new Session()
    const controller = new AbortController()
    const message = new Message('GET', `${server.origin}/ok`)
    message.once('network-event', () => controller.abort())
    await expect(session.sendAndRead(message, { signal: controller.signal })).rejects.toMatchObject(CANCELLED)
  })

  test('ends a message that waits for an answer, and closes its connection', async () => {
    using session = new Session()
    const controller = new AbortController()
    const message = new Message('GET', `${server.origin}/stall`)
    const sent = session.sendAndRead(message, { signal: controller.signal })
    await once(message, 'wrote-body')
    controller.abort()
    await expect(sent).rejects.toMatchObject(CANCELLED)
  })

  test('ends a body that is being read', async () => {
    using session = new Session()
    const controller = new AbortController()
    const message = new Message('GET', `${server.origin}/stall-in-body`)
    const body = await session.send(message, { signal: controller.signal })
    body.once('data', () => controller.abort())
    await expect(text(body)).rejects.toMatchObject(CANCELLED)
  })

  test('ends a body that nobody has begun to read', async () => {
    using session = new Session()
    const controller = new AbortController()
    const message = new Message('GET', `${server.origin}/stall-in-body`)
    const body = await session.send(message, { signal: controller.signal })
    while (body.readableLength === 0) await once(message, 'got-body-data')
    controller.abort()
    await expect(finished(body)).rejects.toMatchObject(CANCELLED)
  })

  test('of AbortSignal.timeout is called a timeout', async () => {
    using session = new Session()
    const sent = session.sendAndRead(new Message('GET', `${server.origin}/stall`), { signal: AbortSignal.timeout(20) })
    await expect(sent).rejects.toMatchObject(TIMED_OUT)
  })
})

describe('the timeout of a session', () => {
  test('ends a message whose server does not answer', async () => {
    using session = new Session({ timeout: 0.1 })
    const sent = session.sendAndRead(new Message('GET', `${server.origin}/stall`))
    await expect(sent).rejects.toMatchObject({ ...TIMED_OUT, message: 'The server did not answer in time.' })
  })

  test('ends a message whose body stops coming', async () => {
    using session = new Session({ timeout: 0.1 })
    const body = await session.send(new Message('GET', `${server.origin}/stall-in-body`))
    await expect(text(body)).rejects.toMatchObject(TIMED_OUT)
  })

  test('ends a TLS handshake that gets no answer', async () => {
    await withRawServer(
      () => undefined,
      async ({ port }) => {
        using session = new Session({ timeout: 0.1 })
        const sent = session.sendAndRead(new Message('GET', `https://127.0.0.1:${port}/`))
        await expect(sent).rejects.toMatchObject(TIMED_OUT)
      },
    )
  })
})

describe('closing a session', () => {
  test('fails what is under way and leaves no connection', async () => {
    const own = await startServer(() => undefined)
    try {
      const session = new Session()
      const message = new Message('GET', own.origin)
      const sent = session.sendAndRead(message)
      await once(message, 'wrote-body')
      session.close()
      await expect(sent).rejects.toMatchObject(CANCELLED)
      if (own.openConnections > 0) await own.connectionClosed()
      await expect(session.sendAndRead(new Message('GET', own.origin))).rejects.toMatchObject({ code: 'CLOSED' })
    } finally {
      await own.close()
    }
  })
})

test('an idle session keeps no process alive', async () => {
  using session = new Session()
  await session.sendAndRead(new Message('GET', `${server.origin}/ok`))
  await new Promise((resolve) => setImmediate(resolve))
  const before = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  session.close()
  await new Promise((resolve) => setImmediate(resolve))
  const after = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  expect(after).toBe(before)
})

describe('cancelMessage', () => {
  test('ends one message and leaves the others alone', async () => {
    using session = new Session()
    const message = new Message('GET', `${server.origin}/stall`)
    const sent = session.sendAndRead(message)
    const other = session.sendAndRead(new Message('GET', `${server.origin}/ok`))
    await once(message, 'wrote-body')
    session.cancelMessage(message)
    await expect(sent).rejects.toMatchObject(CANCELLED)
    expect((await other).toString()).toBe('ok')
  })

  test("does nothing to a message that is over or another session's", async () => {
    using session = new Session()
    using stranger = new Session()
    const message = new Message('GET', `${server.origin}/ok`)
    const sent = session.sendAndRead(message)
    stranger.cancelMessage(message)
    expect((await sent).toString()).toBe('ok')
    session.cancelMessage(message)
    expect((await session.sendAndRead(message)).toString()).toBe('ok')
  })
})
