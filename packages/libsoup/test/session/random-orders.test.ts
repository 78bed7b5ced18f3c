// Messages with features that take their time, against a server that does anything, cancelled at any moment: each settles
// once, and nothing is left of it.
import { getEventListeners } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { TlsCertificate, TlsDatabase } from '@wpe-networking/glib-gio'
import { CertificateAuthority, startHttp2Server, startServer, type ListeningServer } from '@wpe-networking/test-support'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AuthDigest, AuthBasic, AuthManager, Cache, CookieJar, HSTSEnforcer } from '../../src/index.ts'
import { Message, MessageHeaders, MessageHeadersType, Session } from '../../src/index.ts'
import type { SessionFeature } from '../../src/session/session-feature.ts'

const LONG = Buffer.alloc(200_000, 'x')

/** What the server does, by the path that is asked for. */
const ANSWERS: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  ok: (_request, response) => response.end('ok'),
  empty: (_request, response) => response.writeHead(204).end(),
  long: (_request, response) => response.end(LONG),
  packed: (_request, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(LONG)),
  misnamed: (_request, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(LONG),
  cookie: (_request, response) => response.writeHead(200, { 'Set-Cookie': 'a=1; Path=/' }).end('ok'),
  hinted: (_request, response) => {
    response.writeEarlyHints({ link: '</a>; rel=preload' })
    response.end('ok')
  },
  fresh: (_request, response) => response.writeHead(200, { 'Cache-Control': 'max-age=100' }).end('ok'),
  stale: (request, response) => {
    const isKnown = request.headers['if-none-match'] === '"1"'
    response.writeHead(isKnown ? 304 : 200, { ETag: '"1"', 'Cache-Control': 'no-cache' }).end(isKnown ? '' : 'ok')
  },
  redirect: (_request, response) => response.writeHead(302, { Location: '/ok' }).end('moved'),
  abroad: (_request, response) => response.writeHead(307, { Location: `${other.origin}/long` }).end(LONG),
  loop: (_request, response) => response.writeHead(303, { Location: '/loop' }).end(),
  lost: (_request, response) => response.writeHead(301, { Location: 'ftp://a/' }).end(),
  basic: (request, response) => {
    const isKnown = request.headers.authorization === `Basic ${Buffer.from('user:right').toString('base64')}`
    response.writeHead(isKnown ? 200 : 401, { 'WWW-Authenticate': 'Basic realm="r"' }).end(isKnown ? 'ok' : LONG)
  },
  digest: (_request, response) => {
    response.writeHead(401, { 'WWW-Authenticate': 'Digest realm="d", nonce="n", qop="auth"' }).end('no')
  },
  closing: (_request, response) => response.writeHead(200, { Connection: 'close' }).end('ok'),
  leaving: (request, response) => response.end('ok', () => request.socket.destroy()),
  cut: (request, response) => {
    response.writeHead(200, { 'Content-Length': 100 })
    response.write('part', () => request.socket.destroy())
  },
  silent: (request) => void request.socket.destroy(),
  garbled: (request) => void request.socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'),
  stall: () => undefined,
}

const EVENTS = [
  'network-event',
  'authenticate',
  'starting',
  'wrote-headers',
  'wrote-body-data',
  'wrote-body',
  'got-informational',
  'got-headers',
  'got-body-data',
  'got-body',
  'hsts-enforced',
  'restarted',
  'finished',
] as const

const aMessage = fc.record({
  answer: fc.constantFrom(...Object.keys(ANSWERS)),
  /** 'secured' is a host that HSTS sends to https, which nobody speaks there. */
  where: fc.constantFrom('plain', 'plain', 'http2', 'secured'),
  body: fc.constantFrom('none', 'bytes', 'stream'),
  way: fc.constantFrom('bytes', 'bytes', 'read', 'destroy', 'leave', 'upgrade', 'preconnect'),
  cancelled: fc.oneof(
    fc.constant(null),
    fc.record({ at: fc.constantFrom(...EVENTS), by: fc.constantFrom('signal', 'session', 'throwing') }),
    fc.record({ after: fc.nat(12), by: fc.constantFrom('signal', 'session') }),
  ),
  /** Turns of the event loop that each hook, and whoever is asked for credentials, takes. */
  delay: fc.nat(2),
  password: fc.constantFrom('right', 'wrong', 'none'),
  storesAnswer: fc.constantFrom('no', 'no', 'no', 'yes', 'broken'),
  startsAfter: fc.nat(3),
})
type AMessage = typeof aMessage extends fc.Arbitrary<infer T> ? T : never

let server: ListeningServer
let other: ListeningServer
let http2: ListeningServer
let tlsDatabase: TlsDatabase
beforeAll(async () => {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    request.on('error', () => undefined).resume()
    response.on('error', () => undefined)
    ANSWERS[(request.url ?? '').slice(1)]?.(request, response)
  }
  server = await startServer(answer)
  other = await startServer(answer)
  const authority = await CertificateAuthority.create()
  tlsDatabase = new TlsDatabase(TlsCertificate.listFromPem(authority.certificatePem))
  // What HTTP/1 alone can do, such as cutting the connection, throws here and resets the stream.
  http2 = await startHttp2Server(
    (request, response) => answer(request as unknown as IncomingMessage, response as unknown as ServerResponse),
    { certificate: await authority.issue(), allowHttp1: true },
  )
})
afterAll(async () => {
  await server.close()
  await other.close()
  await http2.close()
})

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await setImmediate()
}

/** At once where there is nothing to wait for, as most features do. */
function after<T>(count: number, value: T): T | Promise<T> {
  return count === 0 ? value : turns(count).then(() => value)
}

/** Has every hook, each of which takes as long as the message says. */
class Slow implements SessionFeature {
  readonly #plans: WeakMap<Message, AMessage>

  constructor(plans: WeakMap<Message, AMessage>) {
    this.#plans = plans
  }

  answer(message: Message) {
    const { delay, storesAnswer } = this.#plan(message)
    if (storesAnswer === 'no') return after(delay, null)
    const error = new Error('The file is gone.')
    const body = new Readable({ read: () => (storesAnswer === 'broken' ? body.destroy(error) : void body.push(null)) })
    const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
    return after(delay, { statusCode: 200, reasonPhrase: 'OK', headers, body })
  }

  requestStarting(message: Message) {
    return after(this.#plan(message).delay, undefined)
  }

  reviewResponse(message: Message) {
    return after(this.#plan(message).delay, 'deliver' as const)
  }

  wrapInput(message: Message, body: Readable) {
    const { delay } = this.#plan(message)
    return delay === 0 ? null : after(delay, body)
  }

  #plan(message: Message): AMessage {
    return this.#plans.get(message) as AMessage
  }
}

async function send(session: Session, message: Message, { way }: AMessage, signal: AbortSignal): Promise<void> {
  if (way === 'preconnect') return await session.preconnect(message, { signal })
  if (way === 'bytes') return void (await session.sendAndRead(message, { signal }))
  if (way === 'upgrade') return void (await session.upgrade(message, 'other', { signal }))?.destroy()
  const body = await session.send(message, { signal })
  if (way === 'read') await buffer(body)
  else if (way === 'destroy') body.destroy()
}

function makeMessage(plan: AMessage): Message {
  const origins = { plain: server.origin, http2: http2.origin, secured: `http://localhost:${server.port}` }
  const message = new Message(plan.body === 'none' ? 'GET' : 'PUT', `${origins[plan.where]}/${plan.answer}`)
  if (plan.body === 'bytes') message.setRequestBodyFromBytes('text/plain', LONG)
  if (plan.body === 'stream') message.setRequestBody('text/plain', () => Readable.from([LONG, LONG]))
  if (plan.password !== 'none') {
    message.on('authenticate', (auth) => {
      const answer = (): true => (auth.authenticate('user', plan.password), true)
      return plan.delay === 0 ? answer() : turns(plan.delay).then(answer)
    })
  }
  return message
}

function cancelWhenPlanned(session: Session, message: Message, plan: AMessage, controller: AbortController): void {
  const cancel = (by: string): void => {
    if (by === 'signal') controller.abort()
    else if (by === 'session') session.cancelMessage(message)
    else throw new Error('The listener fails.')
  }
  const planned = plan.cancelled
  if (planned !== null && 'at' in planned) message.on(planned.at, () => void cancel(planned.by))
  else if (planned !== null) void turns(planned.after).then(() => cancel(planned.by))
  // Nobody else ends these.
  if (plan.answer === 'stall' || plan.way === 'leave') void turns(40).then(() => controller.abort())
}

/** Sends one, and returns what became of it. */
async function run(session: Session, plans: WeakMap<Message, AMessage>, plan: AMessage): Promise<string[]> {
  await turns(plan.startsAfter)
  const controller = new AbortController()
  const message = makeMessage(plan)
  plans.set(message, plan)
  const told: string[] = []
  const finished = new Promise<void>((resolve) =>
    message.on('finished', () => {
      told.push('finished')
      resolve()
    }),
  )
  cancelWhenPlanned(session, message, plan, controller)
  await send(session, message, plan, controller.signal).then(
    () => undefined,
    () => undefined,
  )
  await finished
  await turns(2)
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  return told
}

const resources = (): string[] =>
  process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name.startsWith('T')) // sockets and timers

const aRun = fc.record({
  plans: fc.array(aMessage, { minLength: 1, maxLength: 25 }),
  maxConnsPerHost: fc.integer({ min: 1, max: 4 }),
  /** Turns until the session is aborted. */
  abortAfter: fc.option(fc.nat(20), { freq: 2 }),
})

test('whatever happens when, each message settles once and leaves nothing behind', { timeout: 60_000 }, async () => {
  const before = resources().length
  await fc.assert(
    fc.asyncProperty(aRun, async ({ plans, maxConnsPerHost, abortAfter }) => {
      const maxConns = maxConnsPerHost + 1
      const session = new Session({ proxyResolver: null, tlsDatabase, maxConnsPerHost, maxConns, timeout: 5 })
      const planOf = new WeakMap<Message, AMessage>()
      const enforcer = new HSTSEnforcer()
      enforcer.setSessionPolicy('localhost', false)
      const auth = new AuthManager({ schemes: [AuthBasic, AuthDigest] })
      for (const feature of [new CookieJar(), enforcer, new Cache(), auth, new Slow(planOf)])
        session.addFeature(feature)
      let queued = 0
      session.on('request-queued', () => void queued++)
      session.on('request-unqueued', () => void queued--)
      if (abortAfter !== null) void turns(abortAfter).then(() => session.abort())
      const told = await Promise.all(plans.map((plan) => run(session, planOf, plan)))
      expect(told).toEqual(plans.map(() => ['finished']))
      expect(queued).toBe(0)
      session.close()
      const open = (): number => server.openConnections + other.openConnections + http2.openConnections
      await expect.poll(open, { interval: 1 }).toBe(0)
    }),
    { numRuns: 40 },
  )
  await expect.poll(() => resources().length, { interval: 1 }).toBeLessThanOrEqual(before)
})
