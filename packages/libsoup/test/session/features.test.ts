import { Readable, Transform } from 'node:stream'
import { text } from 'node:stream/consumers'
import { startServer, type ListeningServer } from '@wpe-networking/test-support'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  AuthManager,
  ContentDecoder,
  Message,
  MessageHeaders,
  MessageHeadersType,
  Session,
  WebsocketExtensionManager,
} from '../../src/index.ts'
import type { ResponseVerdict, SessionFeature, StoredResponse } from '../../src/session/session-feature.ts'

let server: ListeningServer
let session: Session
const requests: string[] = []

beforeAll(async () => {
  server = await startServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${String(request.headers['x-try'] ?? '')}`.trim())
    const answers: Record<string, () => void> = {
      '/redirect': () => response.writeHead(302, { Location: '/page' }).end('moved'),
      '/close': () => response.writeHead(401, { Connection: 'close' }).end('no'),
      '/cut': () => {
        response.writeHead(200, { 'Content-Length': 10 }).write('half')
        setImmediate(() => response.socket?.end())
      },
      '/long': () => response.writeHead(200).end(Buffer.alloc(1024 * 1024)),
    }
    const answer = answers[request.url ?? ''] ?? (() => response.end(`body of ${request.url}`))
    answer()
  })
})
afterAll(() => server.close())
beforeEach(() => {
  requests.length = 0
  session = new Session()
})
afterEach(() => session.close())

const CANCELLED = { domain: 'g-io-error-quark', code: 'CANCELLED' }
const get = (path: string): Message => new Message('GET', `${server.origin}${path}`)

function stored(body: string, statusCode = 200): StoredResponse {
  const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
  headers.append('X-Stored', 'yes')
  return { statusCode, reasonPhrase: 'Kept', headers, body: Readable.from([Buffer.from(body)], { objectMode: false }) }
}

/** A promise that the test settles. */
function later<T>() {
  let resolve: (value: T) => void = () => undefined
  let asked: () => void = () => undefined
  const promise = new Promise<T>((settle) => (resolve = settle))
  const wasAsked = new Promise<void>((settle) => (asked = settle))
  return { promise, resolve, wasAsked, ask: () => (asked(), promise) }
}

function signalsOf(message: Message): string[] {
  const signals: string[] = []
  for (const name of ['starting', 'got-headers', 'got-body', 'restarted', 'finished'] as const) {
    message.on(name, () => signals.push(name))
  }
  return signals
}

/** Appends its mark to the body. */
function marks(mark: string, processingStage?: SessionFeature['processingStage']): SessionFeature {
  return {
    ...(processingStage && { processingStage }),
    wrapInput: (_message, body) => {
      const marked = new Transform({
        transform: (chunk, _encoding, done) => done(null, chunk),
        flush: (done) => done(null, mark),
      })
      return body.pipe(marked)
    },
  }
}

describe('a feature that answers', () => {
  test.each([
    ['at once', () => stored('kept')],
    ['later', () => Promise.resolve(stored('kept'))],
  ])('%s spares the network', async (_when, answer) => {
    session.addFeature({ answer })
    const message = get('/page')
    const signals = signalsOf(message)
    expect((await session.sendAndRead(message)).toString()).toBe('kept')
    expect(message.statusCode).toBe(200)
    expect(message.reasonPhrase).toBe('Kept')
    expect(message.responseHeaders.getOne('x-stored')).toBe('yes')
    expect(requests).toEqual([])
    expect(signals).toEqual(['got-headers', 'got-body', 'finished'])
    expect(await text(await session.send(get('/page')))).toBe('kept')
  })

  test.each([
    ['null', () => null],
    ['a promise of null', () => Promise.resolve(null)],
  ])('with %s leaves the message to the next', async (_what, answer) => {
    session.addFeature({ answer })
    expect((await session.sendAndRead(get('/page'))).toString()).toBe('body of /page')
    session.addFeature({ answer: () => stored('kept') })
    expect((await session.sendAndRead(get('/page'))).toString()).toBe('kept')
  })

  test('may be cancelled while it looks, and its late answer is destroyed', async () => {
    const answer = later<StoredResponse | null>()
    session.addFeature({ answer: answer.ask })
    const controller = new AbortController()
    const sent = session.sendAndRead(get('/page'), { signal: controller.signal })
    await answer.wasAsked
    controller.abort()
    await expect(sent).rejects.toMatchObject(CANCELLED)
    const response = stored('kept')
    answer.resolve(response)
    await expect.poll(() => response.body.destroyed).toBe(true)
  })

  test('fails the message with what it throws or rejects with', async () => {
    const error = new Error('no answer')
    const feature: SessionFeature = { answer: () => Promise.reject(error) }
    session.addFeature(feature)
    await expect(session.sendAndRead(get('/page'))).rejects.toBe(error)
    session.removeFeature(feature)
    session.addFeature({
      answer: () => {
        throw error
      },
    })
    await expect(session.sendAndRead(get('/page'))).rejects.toBe(error)
  })

  test('whose body fails or is given up fails the message', async () => {
    const broken = stored('')
    const error = new Error('disk gone')
    session.addFeature({ answer: () => ({ ...broken, body: new Readable({ read() { this.destroy(error) } }) }) }) // prettier-ignore
    await expect(session.sendAndRead(get('/page'))).rejects.toBe(error)
    const finished = later<void>()
    const message = get('/page')
    message.on('finished', () => finished.resolve())
    const body = await session.send(message)
    body.on('error', () => undefined).destroy()
    await finished.promise
  })

  test('is asked again after a redirect', async () => {
    session.addFeature({ answer: (message) => (message.uri.path === '/page' ? stored('kept') : null) })
    expect((await session.sendAndRead(get('/redirect'))).toString()).toBe('kept')
    expect(requests).toEqual(['GET /redirect'])
  })
})

describe('a feature that reviews the response', () => {
  /** Sends each message once more. */
  function resends(verdict: () => ResponseVerdict | Promise<ResponseVerdict>): SessionFeature {
    const seen = new WeakSet<Message>()
    return {
      requestStarting: (message) => void message.requestHeaders.replace('X-Try', seen.has(message) ? '2' : '1'),
      reviewResponse: (message) => {
        if (seen.has(message)) return 'deliver'
        seen.add(message)
        return verdict()
      },
    }
  }

  test.each<[string, () => ResponseVerdict | Promise<ResponseVerdict>]>([
    ['resend', () => 'resend'],
    ['resend, later', () => Promise.resolve('resend')],
    ['resend-same-connection', () => 'resend-same-connection'],
    ['resend-same-connection, later', () => Promise.resolve('resend-same-connection')],
  ])('with %s has the message sent again', async (_verdict, verdict) => {
    session.addFeature(resends(verdict))
    const message = get('/page')
    const signals = signalsOf(message)
    expect((await session.sendAndRead(message)).toString()).toBe('body of /page')
    expect(requests).toEqual(['GET /page 1', 'GET /page 2'])
    const round = ['starting', 'got-headers', 'got-body']
    expect(signals).toEqual([...round, 'restarted', ...round, 'finished'])
  })

  test('keeps the connection from others who wait for it', async () => {
    session.close()
    session = new Session({ maxConnsPerHost: 1 })
    session.addFeature(resends(() => 'resend-same-connection'))
    await Promise.all([session.sendAndRead(get('/a')), session.sendAndRead(get('/b'))])
    expect(requests).toEqual(['GET /a 1', 'GET /a 2', 'GET /b 1', 'GET /b 2'])
  })

  test('gives the connection it kept back when the message is cancelled', async () => {
    session.close()
    session = new Session({ maxConnsPerHost: 1 })
    const feature = resends(() => 'resend-same-connection')
    session.addFeature(feature)
    const controller = new AbortController()
    const message = get('/a')
    message.on('got-body', () => queueMicrotask(() => controller.abort()))
    await expect(session.sendAndRead(message, { signal: controller.signal })).rejects.toMatchObject(CANCELLED)
    session.removeFeature(feature)
    expect((await session.sendAndRead(get('/b'))).toString()).toBe('body of /b')
  })

  test('fails on the same connection if that has closed', async () => {
    session.addFeature(resends(() => 'resend-same-connection'))
    await expect(session.sendAndRead(get('/close'))).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  })

  test('goes over another connection when the body to throw away is long', async () => {
    session.addFeature(resends(() => 'resend'))
    expect((await session.sendAndRead(get('/long'))).length).toBe(1024 * 1024)
    expect(requests).toEqual(['GET /long 1', 'GET /long 2'])
  })

  test('may put another response in its place', async () => {
    session.addFeature({ reviewResponse: () => stored('kept', 203) })
    const message = get('/page')
    const signals = signalsOf(message)
    expect(await text(await session.send(message))).toBe('kept')
    expect(message.statusCode).toBe(203)
    expect(signals).toEqual(['starting', 'got-headers', 'got-body', 'finished'])
  })

  test('holds the body back while it thinks', async () => {
    const verdict = later<ResponseVerdict>()
    session.addFeature({ reviewResponse: verdict.ask })
    const message = get('/long')
    const signals = signalsOf(message)
    const sent = session.send(message)
    await verdict.wasAsked
    expect(signals).toEqual(['starting'])
    verdict.resolve('deliver')
    let length = 0
    for await (const chunk of (await sent) as AsyncIterable<Buffer>) length += chunk.length
    expect(length).toBe(1024 * 1024)
  })

  test('may be cancelled while it thinks', async () => {
    const verdict = later<ResponseVerdict>()
    session.addFeature({ reviewResponse: verdict.ask })
    const controller = new AbortController()
    const sent = session.sendAndRead(get('/page'), { signal: controller.signal })
    await verdict.wasAsked
    controller.abort()
    await expect(sent).rejects.toMatchObject(CANCELLED)
    const response = stored('late')
    verdict.resolve(response)
    await expect.poll(() => response.body.destroyed).toBe(true)
  })

  test('gives up after twenty restarts', async () => {
    session.addFeature({ reviewResponse: () => 'resend' })
    await expect(session.sendAndRead(get('/page'))).rejects.toMatchObject({ code: 'TOO_MANY_RESTARTS' })
    expect(requests).toHaveLength(21)
  })

  test('delivers the response when the request body cannot be sent again', async () => {
    session.addFeature({ reviewResponse: () => 'resend' })
    const message = new Message('POST', `${server.origin}/page`)
    message.setRequestBody('text/plain', Readable.from([Buffer.from('once')], { objectMode: false }))
    expect((await session.sendAndRead(message)).toString()).toBe('body of /page')
    expect(requests).toEqual(['POST /page'])
  })
})

describe('a feature that answers in spite of a failure', () => {
  const unreachable = 'http://127.0.0.1:1/'

  test.each([
    ['at once', () => stored('kept')],
    ['later', () => Promise.resolve(stored('kept'))],
  ])('%s has its answer delivered', async (_when, requestFailed) => {
    session.addFeature({ requestFailed: () => null })
    session.addFeature({ requestFailed })
    const message = new Message('GET', unreachable)
    const signals = signalsOf(message)
    expect((await session.sendAndRead(message)).toString()).toBe('kept')
    expect(signals).toEqual(['got-headers', 'got-body', 'finished'])
    expect(await text(await session.send(new Message('GET', unreachable)))).toBe('kept')
  })

  test.each([
    ['null', () => null],
    ['a promise of null', () => Promise.resolve(null)],
  ])('with %s lets the message fail', async (_what, requestFailed) => {
    session.addFeature({ requestFailed })
    const failed = session.sendAndRead(new Message('GET', unreachable))
    await expect(failed).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' })
  })

  test('may be cancelled while it looks', async () => {
    const answer = later<StoredResponse | null>()
    session.addFeature({ requestFailed: answer.ask })
    const controller = new AbortController()
    const sent = session.sendAndRead(new Message('GET', unreachable), { signal: controller.signal })
    await answer.wasAsked
    controller.abort()
    await expect(sent).rejects.toMatchObject(CANCELLED)
    const response = stored('late')
    answer.resolve(response)
    await expect.poll(() => response.body.destroyed).toBe(true)
  })

  test('is not asked when the message was cancelled, nor once a response has begun', async () => {
    let asked = 0
    session.addFeature({ requestFailed: () => (++asked, stored('kept')) })
    const controller = new AbortController()
    const message = get('/page')
    message.on('starting', () => controller.abort())
    await expect(session.sendAndRead(message, { signal: controller.signal })).rejects.toMatchObject(CANCELLED)
    await expect(session.sendAndRead(get('/cut'))).rejects.toMatchObject({ code: 'PARTIAL_INPUT' })
    expect(asked).toBe(0)
  })
})

describe('a feature that prepares the request', () => {
  test('may take its time', async () => {
    session.addFeature({
      requestStarting: async (message) => {
        await Promise.resolve()
        message.requestHeaders.replace('X-Try', 'prepared')
      },
    })
    await session.sendAndRead(get('/page'))
    expect(requests).toEqual(['GET /page prepared'])
  })

  test('gives the connection back when the message is cancelled meanwhile', async () => {
    session.close()
    session = new Session({ maxConnsPerHost: 1 })
    const pending = later<void>()
    const feature: SessionFeature = { requestStarting: () => pending.ask() }
    session.addFeature(feature)
    const controller = new AbortController()
    const sent = session.sendAndRead(get('/a'), { signal: controller.signal })
    await pending.wasAsked
    controller.abort()
    await expect(sent).rejects.toMatchObject(CANCELLED)
    session.removeFeature(feature)
    await session.sendAndRead(get('/b'))
    pending.resolve()
    expect(requests).toEqual(['GET /b'])
  })
})

describe('features around the body', () => {
  test('stand in the order of their stages, whatever the order they came in', async () => {
    session.addFeature(marks(' data'))
    session.addFeature(marks(' entity', 'entity-body'))
    session.addFeature(marks(' coding', 'content-encoding'))
    expect((await session.sendAndRead(get('/page'))).toString()).toBe('body of /page entity coding data')
  })

  test('leave a stored response its entity body', async () => {
    session.addFeature({ answer: () => stored('kept') })
    session.addFeature(marks(' data'))
    session.addFeature(marks(' entity', 'entity-body'))
    expect((await session.sendAndRead(get('/page'))).toString()).toBe('kept data')
  })

  test('hold send back until they have seen enough', async () => {
    const seen = later<void>()
    session.addFeature({ wrapInput: (_message, body) => seen.ask().then(() => body) })
    let isSent = false
    const sent = session.send(get('/page')).then((body) => {
      isSent = true
      return body
    })
    await seen.wasAsked
    expect(isSent).toBe(false)
    seen.resolve()
    expect(await text(await sent)).toBe('body of /page')
  })

  test.each([
    ['rejects', () => Promise.reject(new Error('unreadable'))],
    [
      'throws',
      () => {
        throw new Error('unreadable')
      },
    ],
  ])('fail the message when one %s', async (_how, wrapInput) => {
    session.addFeature({ wrapInput })
    await expect(session.send(get('/page'))).rejects.toThrow('unreadable')
    await expect(session.sendAndRead(get('/long'))).rejects.toThrow('unreadable')
  })
})

describe('a feature of a class', () => {
  class Counter implements SessionFeature {
    count = 0
    gotHeaders(): void {
      this.count += 1
    }
  }

  test('is added once by its type, and can be kept away from a message', async () => {
    session.addFeatureByType(Counter)
    session.addFeatureByType(Counter)
    expect(session.features.filter((feature) => feature instanceof Counter)).toHaveLength(1)
    await session.sendAndRead(get('/page'))
    const message = get('/page')
    message.disableFeature(Counter)
    await session.sendAndRead(message)
    expect(session.getFeature(Counter)?.count).toBe(1)
    session.removeFeatureByType(Counter)
    expect(session.hasFeature(Counter)).toBe(false)
  })
})

describe('the features a session comes with', () => {
  test('are authentication, decoding and extensions of WebSockets, as upstream', () => {
    expect(session.features.map(({ constructor }) => constructor)).toEqual([
      AuthManager,
      ContentDecoder,
      WebsocketExtensionManager,
    ])
  })

  test('make room for one of their class, and can be taken away', () => {
    const decoder = new ContentDecoder()
    session.addFeature(decoder)
    session.addFeature(decoder)
    expect(session.getFeature(ContentDecoder)).toBe(decoder)
    expect(session.features).toHaveLength(3)
    session.removeFeature(AuthManager)
    session.removeFeature(WebsocketExtensionManager)
    expect(session.features).toEqual([decoder])
  })
})

describe('preconnect', () => {
  test('makes the connection that the next message uses', async () => {
    const first = get('/page')
    const events: string[] = []
    first.on('network-event', (event) => events.push(String(event)))
    await session.preconnect(first)
    expect(events.length).toBeGreaterThan(0)
    expect(requests).toEqual([])
    const message = get('/page')
    await session.sendAndRead(message)
    expect(message.connectionId).toBe(first.connectionId)
    const second = get('/page')
    await session.preconnect(second)
    expect(second.connectionId).toBe(first.connectionId)
  })

  test('tells why it cannot', async () => {
    await expect(session.preconnect(new Message('GET', 'http://127.0.0.1:1/'))).rejects.toMatchObject({
      code: 'CONNECTION_REFUSED',
    })
  })
})
