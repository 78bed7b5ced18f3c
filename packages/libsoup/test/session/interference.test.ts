// What callers, listeners and features do at the wrong moment must neither strand a message nor harm another.
import { getEventListeners } from 'node:events'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import {
  CertificateAuthority,
  startServer,
  withRawServer,
  withTlsServer,
  type ListeningServer,
} from '@wpe-networking/test-support'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { HSTSEnforcer, Message, MessageHeaders, MessageHeadersType, Session } from '../../src/index.ts'
import type { ResponseVerdict, StoredResponse } from '../../src/session/session-feature.ts'

let server: ListeningServer
let session: Session
const requests: string[] = []

beforeAll(async () => {
  server = await startServer((request, response) => {
    requests.push(`${String(request.headers.host)}${String(request.url)}`)
    if (request.url === '/stall-in-body') response.writeHead(200, { 'Content-Length': 100 }).write('part')
    else if (request.url === '/misnamed') response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('no gzip')
    else if (request.url === '/login') response.writeHead(401).end()
    else response.end('ok')
  })
})
afterAll(() => server.close())
beforeEach(() => {
  requests.length = 0
  session = new Session({ proxyResolver: null, maxConnsPerHost: 1 })
})
afterEach(() => session.close())

const get = (path: string): Message => new Message('GET', `${server.origin}${path}`)

/** Unlike `once` of node:events it listens for no 'error'. */
function closed(body: Readable): Promise<void> {
  return new Promise((resolve) => body.once('close', resolve))
}

function stored(body: Readable): StoredResponse {
  return { statusCode: 200, reasonPhrase: 'Kept', headers: new MessageHeaders(MessageHeadersType.RESPONSE), body }
}

describe('a body that nobody listens to', () => {
  test('ends with its session without ending the process, and says so when it is read', async () => {
    const body = await session.send(get('/stall-in-body'))
    session.close()
    await closed(body)
    await expect(text(body)).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  test('may be cut off by the server', async () => {
    await withRawServer(
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n')),
      async ({ origin }) => {
        const body = await session.send(new Message('GET', origin.replace('tcp:', 'http:')))
        body.resume()
        await closed(body)
        expect(body.errored).toMatchObject({ code: 'PARTIAL_INPUT' })
      },
    )
  })

  test.each(['a failure', 'a cancellation'])('may see %s while a feature thinks about it', async (what) => {
    const thought = Promise.withResolvers<void>()
    const decoded = Promise.withResolvers<Readable>()
    session.addFeature({
      wrapInput: async (_message, body) => {
        decoded.resolve(body)
        await thought.promise
        return body
      },
    })
    const message = get(what === 'a failure' ? '/misnamed' : '/stall-in-body')
    const sent = session.sendAndRead(message)
    const body = await decoded.promise
    if (what === 'a failure') body.resume()
    else session.cancelMessage(message)
    await closed(body)
    thought.resolve()
    await expect(sent).rejects.toMatchObject({ code: what === 'a failure' ? 'ENCODING' : 'CANCELLED' })
  })

  test('of a stored response that comes too late may fail', async () => {
    const answer = Promise.withResolvers<StoredResponse | null>()
    session.addFeature({ answer: () => answer.promise })
    const message = get('/')
    const sent = session.sendAndRead(message)
    session.cancelMessage(message)
    await expect(sent).rejects.toMatchObject({ code: 'CANCELLED' })
    const body = new Readable({
      read: () => undefined,
      destroy: (_error, done) => done(new Error('The file went away.')),
    })
    answer.resolve(stored(body))
    await closed(body)
  })
})

describe('a message that is cancelled by a listener of', () => {
  test("'hsts-enforced' is neither said to be queued nor to be unqueued", async () => {
    const told: string[] = []
    const enforcer = new HSTSEnforcer()
    enforcer.setSessionPolicy('localhost', false)
    session.addFeature(enforcer)
    session.on('request-queued', () => told.push('queued')).on('request-unqueued', () => told.push('unqueued'))
    const message = new Message('GET', `http://localhost:${server.port}/`)
    message.on('hsts-enforced', () => session.cancelMessage(message)).on('finished', () => told.push('finished'))
    await expect(session.sendAndRead(message)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(told).toEqual(['finished'])
  })

  test("'request-queued' leaves nothing on its signal", async () => {
    const { signal } = new AbortController()
    session.on('request-queued', (message) => session.cancelMessage(message))
    await expect(session.sendAndRead(get('/'), { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(requests).toEqual([])
  })
})

describe('whoever throws', () => {
  test('when a message is over keeps nobody else from being told', async () => {
    const told: string[] = []
    session.addFeature({
      requestUnqueued: () => {
        throw new Error('The first feature fails.')
      },
    })
    session.addFeature({ requestUnqueued: () => void told.push('feature') })
    session.on('request-unqueued', () => {
      told.push('session')
      throw new Error('The listener fails.')
    })
    const message = get('/')
    message.on('finished', () => told.push('message'))
    await expect(session.sendAndRead(message)).rejects.toThrow('The first feature fails.')
    expect(told).toEqual(['feature', 'session', 'message'])
  })

  test('when asked about a connection fails the message that it is asked for', async () => {
    await session.sendAndRead(get('/'))
    let mayThrow = true
    session.addFeature({
      mayUseConnection: () => {
        if (mayThrow) throw new Error('The feature fails.')
        return true
      },
    })
    const failing = get('/')
    await expect(session.sendAndRead(failing)).rejects.toThrow('The feature fails.')
    mayThrow = false
    expect((await session.sendAndRead(failing)).toString()).toBe('ok')
  })

  test('when asked about a connection that another message gives back does that one no harm', async () => {
    const first = get('/')
    const second = get('/second')
    session.addFeature({
      mayUseConnection: (message) => {
        if (message === second) throw new Error('The feature fails.')
        return true
      },
    })
    const sent = [session.sendAndRead(first), session.sendAndRead(second)]
    expect((await sent[0])?.toString()).toBe('ok')
    await expect(sent[1]).rejects.toThrow('The feature fails.')
    expect((await session.sendAndRead(get('/third'))).toString()).toBe('ok')
  })
})

test('a listener that throws about the certificate of a connection fails its own message', async () => {
  const certificate = await (await CertificateAuthority.create()).issue()
  await withTlsServer(
    (_request, response) => void response.end('ok'),
    { certificate },
    async ({ origin }) => {
      const first = new Message('GET', origin)
      const second = new Message('GET', origin)
      first.on('accept-certificate', () => true)
      second.on('accept-certificate', () => {
        throw new Error('The listener fails.')
      })
      const sent = [session.sendAndRead(first), session.sendAndRead(second)]
      expect((await sent[0])?.toString()).toBe('ok')
      await expect(sent[1]).rejects.toThrow('The listener fails.')
      session.close()
    },
  )
})

describe('a message whose URI changes', () => {
  test('while it is prepared does not tell one host what is meant for another', async () => {
    const message = get('/')
    message.on('starting', () => message.setUri('http://elsewhere.example/secret'))
    await expect(session.sendAndRead(message)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(requests).toEqual([])
  })

  test('before it is to go on over its connection does not go over that', async () => {
    const elsewhere = await startServer((_request, response) => void response.end('elsewhere'))
    const verdicts: ResponseVerdict[] = ['resend-same-connection', 'deliver']
    session.addFeature({ reviewResponse: () => verdicts.shift() ?? 'deliver' })
    const message = get('/login')
    message.once('restarted', () => message.setUri(`${elsewhere.origin}/`))
    expect((await session.sendAndRead(message)).toString()).toBe('elsewhere')
    expect((await session.sendAndRead(get('/'))).toString()).toBe('ok')
    expect(requests).toEqual([`127.0.0.1:${server.port}/login`, `127.0.0.1:${server.port}/`])
    session.close()
    await elsewhere.close()
  })
})

test('an upgrade that a feature answers from a store is none', async () => {
  const body = Readable.from([Buffer.from('kept')])
  session.addFeature({ reviewResponse: () => stored(body) })
  const message = get('/')
  expect(await session.upgrade(message, 'websocket')).toBe(null)
  expect(message.reasonPhrase).toBe('Kept')
  expect(body.destroyed).toBe(true)
})

test('a message that may not use the only connection gets its place once that is unused', async () => {
  const first = get('/')
  const second = get('/second')
  session.addFeature({ mayUseConnection: (message) => message === first })
  const sent = [session.sendAndRead(first), session.sendAndRead(second)]
  expect((await Promise.all(sent)).map(String)).toEqual(['ok', 'ok'])
  expect(second.connectionId).not.toBe(first.connectionId)
})
