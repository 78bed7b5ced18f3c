import { once } from 'node:events'
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { startServer, type ListeningServer } from '@wpe-networking/test-support'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Cache } from '../../src/cache/cache.ts'
import type { CacheOptions } from '../../src/cache/cache-options.ts'
import { CacheSource, CacheType } from '../../src/cache/cache-type.ts'
import { ContentDecoder, CookieJar, Message, MessageFlags, Session } from '../../src/index.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

let server: ListeningServer
let handler: Handler
let requests: IncomingMessage[] = []
let session: Session
let cache: Cache
let directory: string

beforeAll(async () => {
  server = await startServer((request, response) => {
    requests.push(request)
    handler(request, response)
  })
})
afterAll(() => server.close())
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cache-'))
  requests = []
})
afterEach(async () => {
  session.close()
  await cache.close()
  await rm(directory, { recursive: true })
})

function open(options: CacheOptions = {}): void {
  session = new Session({ maxConnsPerHost: 6 })
  cache = new Cache(options)
  session.addFeature(cache)
}

/** Answers with these headers and `body 1`, `body 2`…. */
function serves(headers: Record<string, string | string[]>, status = 200): Handler {
  return (_request, response) => response.writeHead(status, headers).end(`body ${requests.length}`)
}

/** As `serves`, with 304 for whoever asks by the tag `"a"`. */
function validates(headers: Record<string, string>, fresh: Record<string, string> = {}): Handler {
  return (request, response) => {
    if (request.headers['if-none-match'] === '"a"') response.writeHead(304, { ETag: '"a"', ...fresh }).end()
    else serves({ ETag: '"a"', ...headers })(request, response)
  }
}

function message(headers: Record<string, string> = {}, method = 'GET', path = '/'): Message {
  const made = new Message(method, `${server.origin}${path}`)
  for (const [name, value] of Object.entries(headers)) made.requestHeaders.append(name, value)
  return made
}

async function load(made = message()): Promise<string> {
  return (await session.sendAndRead(made)).toString()
}

const hasProc = process.platform === 'linux'

/** Files of the directory that this process has open. */
async function openFiles(): Promise<number> {
  const open = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''))
  return (await Promise.all(open)).filter((path) => path.startsWith(directory)).length
}

const FRESH = { 'Cache-Control': 'max-age=60' }
const STALE = { 'Cache-Control': 'max-age=0' }

describe.each([
  ['in memory', (): CacheOptions => ({})],
  ['on disk', (): CacheOptions => ({ cacheDir: directory })],
])('a cache %s', (_where, where) => {
  const openStore = (options: CacheOptions = {}): void => open({ ...where(), ...options })

  test('answers with what is fresh, with its age, and says so', async () => {
    openStore()
    handler = serves(FRESH)
    const first = message()
    expect(await load(first)).toBe('body 1')
    expect(Cache.sourceOf(first)).toBe(CacheSource.NETWORK)
    const second = message()
    second.addFlags(MessageFlags.COLLECT_METRICS)
    const signals: string[] = []
    for (const name of ['starting', 'got-headers', 'got-body', 'finished'] as const) {
      second.on(name, () => signals.push(name))
    }
    expect(await load(second)).toBe('body 1')
    expect(second.statusCode).toBe(200)
    expect(second.reasonPhrase).toBe('OK')
    expect(second.responseHeaders.getOne('age')).toMatch(/^[01]$/) // a second may begin in between
    expect(Cache.sourceOf(second)).toBe(CacheSource.CACHE)
    expect(Cache.isFromCache(second)).toBe(true)
    expect(signals).toEqual(['got-headers', 'got-body', 'finished'])
    expect(second.metrics).toMatchObject({ requestStart: 0, connectStart: 0, responseBodyBytesReceived: 0 })
    expect(requests).toHaveLength(1)
    expect(await text(await session.send(message()))).toBe('body 1')
  })

  test('neither keeps nor gives what was asked of another host', async () => {
    openStore()
    handler = (request, response) => response.writeHead(200, FRESH).end(request.headers.host)
    const { host } = new URL(server.origin)
    expect(await load(message({ Host: 'evil.example' }))).toBe('evil.example')
    expect(await load()).toBe(host)
    expect(await load(message({ Host: 'evil.example' }))).toBe('evil.example')
    expect(await load(message({ Host: host }))).toBe(host)
    expect(requests).toHaveLength(3)
  })

  test('asks the server about what is stale, and takes what it says', async () => {
    openStore()
    handler = validates(STALE, { 'X-Fresh': 'yes', 'Cache-Control': 'max-age=60' })
    await load()
    const second = message()
    expect(await load(second)).toBe('body 1')
    expect(second.statusCode).toBe(200)
    expect(second.responseHeaders.getOne('x-fresh')).toBe('yes')
    expect(second.requestHeaders.has('if-none-match')).toBe(false)
    expect(Cache.sourceOf(second)).toBe(CacheSource.VALIDATED)
    expect(await load()).toBe('body 1')
    expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"a"'])
  })

  test('asks by time where there is no tag', async () => {
    openStore()
    const modified = new Date(Date.now() - 5000).toUTCString()
    handler = (request, response) => {
      if (request.headers['if-modified-since'] === modified) response.writeHead(304).end()
      else serves({ ...STALE, 'Last-Modified': modified })(request, response)
    }
    await load()
    expect(await load()).toBe('body 1')
    expect(requests).toHaveLength(2)
  })

  test('replaces what the server has changed', async () => {
    openStore()
    handler = (request, response) => serves({ ...STALE, ETag: `"${requests.length}"` })(request, response)
    await load()
    expect(await load()).toBe('body 2')
    await load()
    expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"', '"2"'])
  })

  test('keeps variants apart, and asks about all of them', async () => {
    openStore()
    handler = (request, response) => {
      const language = String(request.headers['x-language'])
      const headers = { ETag: `"${language}"`, Vary: 'X-Language', ...FRESH }
      if (request.headers['if-none-match']?.includes('"fr"') === true) response.writeHead(304, { ETag: '"fr"' }).end()
      else response.writeHead(200, headers).end(language)
    }
    const inLanguage = (language: string): Promise<string> => load(message({ 'X-Language': language }))
    expect(await inLanguage('en')).toBe('en')
    expect(await inLanguage('fr')).toBe('fr')
    expect(await inLanguage('en')).toBe('en')
    expect(await inLanguage('fr')).toBe('fr')
    expect(requests).toHaveLength(2)
    expect(await inLanguage('fr-BE')).toBe('fr')
    expect(requests[2]?.headers['if-none-match']).toBe('"en", "fr"')
  })

  test('serves parts of a whole response', async () => {
    openStore()
    handler = serves({ ...FRESH, ETag: '"a"' })
    await load()
    const part = message({ Range: 'bytes=2-4' })
    expect(await load(part)).toBe('dy ')
    expect(part.statusCode).toBe(206)
    expect(part.reasonPhrase).toBe('Partial Content')
    expect(part.responseHeaders.getContentRange()).toEqual({ start: 2, end: 4, totalLength: 6 })
    expect(part.responseHeaders.contentLength).toBe(3)
    expect(await load(message({ Range: 'bytes=-1', 'If-Range': '"a"' }))).toBe('1')
    expect(await load(message({ Range: 'bytes=-1', 'If-Range': '"b"' }))).toBe('body 1')
    expect(requests).toHaveLength(1)
    await load(message({ Range: 'bytes=0-0,2-2' }))
    expect(requests).toHaveLength(2)
  })

  test('serves parts of a long response', async () => {
    openStore()
    const long = Buffer.alloc(300_000, '0123456789')
    handler = (_request, response) => response.writeHead(200, FRESH).end(long)
    expect(await load()).toBe(long.toString())
    expect(await load()).toBe(long.toString())
    expect(await load(message({ Range: 'bytes=150001-150005' }))).toBe('12345')
    expect(await load(message({ Range: 'bytes=299998-' }))).toBe('89')
    expect(requests).toHaveLength(1)
  })

  test('validates what it serves a part of', async () => {
    openStore()
    handler = validates(STALE)
    await load()
    const part = message({ Range: 'bytes=0-3' })
    expect(await load(part)).toBe('body')
    expect(part.statusCode).toBe(206)
    expect(requests).toHaveLength(2)
  })

  test('answers HEAD, and lets HEAD freshen and outdate what is stored', async () => {
    openStore()
    handler = serves({ ...FRESH, ETag: '"a"' })
    await load()
    const head = message({}, 'HEAD')
    expect(await load(head)).toBe('')
    expect(head.responseHeaders.getOne('etag')).toBe('"a"')
    expect(requests).toHaveLength(1)
    handler = (_request, response) => response.writeHead(200, { ETag: '"a"', 'X-New': '1' }).end()
    await load(message({ 'Cache-Control': 'no-cache' }, 'HEAD'))
    const updated = message()
    expect(await load(updated)).toBe('body 1')
    expect(updated.responseHeaders.getOne('x-new')).toBe('1')
    handler = serves({ ETag: '"b"' })
    await load(message({ 'Cache-Control': 'no-cache' }, 'HEAD'))
    expect(await load()).toBe('body 4')
  })

  test('uses what is stale once more where the server allows it, and asks afterwards', async () => {
    openStore()
    handler = serves({ 'Cache-Control': 'max-age=0, stale-while-revalidate=60', ETag: '"a"' })
    await load()
    expect(await Promise.all([load(), load(), load()])).toEqual(['body 1', 'body 1', 'body 1'])
    await expect.poll(() => requests.length).toBe(2)
    expect(requests[1]?.headers['if-none-match']).toBe('"a"')
    await cache.flush()
    await expect.poll(() => load()).toBe('body 2')
  })

  test('uses what is stale when the server fails, where that is allowed', async () => {
    openStore()
    handler = serves({ 'Cache-Control': 'max-age=0, stale-if-error=60', ETag: '"a"' })
    await load()
    handler = serves({}, 503)
    const second = message()
    expect(await load(second)).toBe('body 1')
    expect(second.statusCode).toBe(200)
    expect(Cache.sourceOf(second)).toBe(CacheSource.CACHE)
    const third = message({ 'Cache-Control': 'no-cache' })
    await load(third)
    expect(third.statusCode).toBe(503)
    expect(await load()).toBe('body 1')
  })

  test('uses what is stale when the server cannot be reached, where that is allowed', async () => {
    openStore()
    handler = serves({ 'Cache-Control': 'max-age=0, stale-if-error=60', ETag: '"a"' })
    await load()
    handler = (request) => request.socket.resetAndDestroy()
    const second = message()
    expect(await load(second)).toBe('body 1')
    expect(Cache.sourceOf(second)).toBe(CacheSource.CACHE)
    expect(second.requestHeaders.has('If-None-Match')).toBe(false)
    await expect(load(message({ 'Cache-Control': 'no-cache' }))).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await expect(load(message({}, 'GET', '/other'))).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  })

  test('forgets what an unsafe method changes, and what it names on the same origin', async () => {
    openStore()
    handler = serves(FRESH)
    for (const path of ['/a', '/b', '/c', '/d']) await load(message({}, 'GET', path))
    handler = (_request, response) => {
      response.writeHead(200, { Location: '/b', 'Content-Location': `${server.origin}/c` }).end('done')
    }
    await load(message({}, 'POST', '/a'))
    handler = serves(FRESH)
    requests = []
    for (const path of ['/a', '/b', '/c', '/d']) await load(message({}, 'GET', path))
    expect(requests.map(({ url }) => url)).toEqual(['/a', '/b', '/c'])
    handler = serves({ Location: 'http://[::1/', 'Content-Location': 'http://elsewhere/d' }, 404)
    await load(message({}, 'POST', '/d'))
    requests = []
    await load(message({}, 'GET', '/d'))
    expect(requests).toHaveLength(0)
  })

  test('forgets before a redirect is followed', async () => {
    openStore()
    handler = serves(FRESH)
    expect(await load()).toBe('body 1')
    handler = (request, response) => {
      if (request.method === 'POST') response.writeHead(303, { Location: '/' }).end()
      else serves(FRESH)(request, response)
    }
    expect(await load(message({}, 'POST'))).toBe('body 3')
  })

  test('does not store a body that did not come whole', async () => {
    openStore()
    handler = (_request, response) => {
      response.writeHead(200, { ...FRESH, 'Content-Length': '100' }).write('some')
      setImmediate(() => response.destroy())
    }
    await expect(load()).rejects.toMatchObject({ code: 'PARTIAL_INPUT' })
    handler = serves(FRESH)
    expect(await load()).toBe('body 2')
  })

  test('does not store a body that was given up', async () => {
    openStore()
    handler = (_request, response) => response.writeHead(200, FRESH).end(Buffer.alloc(1024 * 1024))
    const body = await session.send(message())
    await once(body, 'readable')
    body.destroy()
    handler = serves(FRESH)
    expect(await load()).toBe('body 2')
    expect(await load()).toBe('body 2')
  })

  test('stops storing a body that is too long, whether it says so or not', async () => {
    openStore({ maxEntrySize: 5000 })
    handler = (_request, response) => response.writeHead(200, FRESH).end(Buffer.alloc(5001))
    expect(await load()).toHaveLength(5001)
    handler = (_request, response) => {
      response.writeHead(200, FRESH).write(Buffer.alloc(3000))
      response.end(Buffer.alloc(2001))
    }
    expect(await load()).toHaveLength(5001)
    await load()
    expect(requests).toHaveLength(3)
    expect(cache.size).toBe(0)
  })

  test('lets one of several at once write, and all read', async () => {
    openStore()
    handler = serves(FRESH)
    const bodies = await Promise.all(Array.from({ length: 6 }, () => load()))
    expect(new Set(bodies).size).toBe(requests.length)
    const stored = await load()
    expect(bodies).toContain(stored)
    expect(await Promise.all(Array.from({ length: 6 }, () => load()))).toEqual(Array(6).fill(stored))
  })

  test('forgets what changed while it came', async () => {
    openStore()
    let finish = (): void => undefined
    handler = (_request, response) => {
      response.writeHead(200, FRESH).write('old ')
      finish = () => response.end('body')
    }
    const reading = session.send(message()).then(text)
    await expect.poll(() => requests.length).toBe(1)
    const slow = finish
    handler = serves({})
    await load(message({}, 'PUT'))
    slow()
    expect(await reading).toBe('old body')
    expect(await load()).toBe('body 3')
  })

  test('keeps partitions apart', async () => {
    openStore()
    handler = serves(FRESH)
    const inPartition = (isolationKey: string | null): Promise<string> =>
      load(Object.assign(message(), { isolationKey }))
    expect(await inPartition('a')).toBe('body 1')
    expect(await inPartition('b')).toBe('body 2')
    expect(await inPartition(null)).toBe('body 3')
    expect(await inPartition('a')).toBe('body 1')
  })

  test('clears', async () => {
    openStore()
    handler = serves(FRESH)
    await load()
    await cache.flush()
    expect(cache.size).toBeGreaterThan(0)
    await cache.clear()
    expect(cache.size).toBe(0)
    expect(await load()).toBe('body 2')
    expect(await load()).toBe('body 2')
  })

  test('keeps to its size, and loses what was used least recently', async () => {
    openStore({ maxSize: 20_000, maxEntrySize: 5000 })
    handler = (_request, response) => response.writeHead(200, FRESH).end(Buffer.alloc(5000))
    for (const path of ['/1', '/2', '/3', '/1', '/4']) {
      await load(message({}, 'GET', path))
      await cache.flush()
    }
    expect(cache.size).toBeLessThanOrEqual(20_000)
    requests = []
    for (const path of ['/1', '/3', '/4', '/2']) await load(message({}, 'GET', path))
    expect(requests.map(({ url }) => url)).toEqual(['/2'])
    cache.maxSize = 6000
    await cache.flush()
    expect(cache.size).toBeLessThanOrEqual(6000)
  })

  test('stores bodies as they are encoded', async () => {
    openStore()
    session.addFeature(new ContentDecoder())
    const encoded = gzipSync('decoded body')
    handler = (_request, response) => response.writeHead(200, { ...FRESH, 'Content-Encoding': 'gzip' }).end(encoded)
    expect(await load()).toBe('decoded body')
    expect(await load()).toBe('decoded body')
    expect(await text(await session.send(message()))).toBe('decoded body')
    expect(requests).toHaveLength(1)
  })

  test('stores an empty body', async () => {
    openStore()
    handler = (_request, response) => response.writeHead(200, FRESH).end()
    expect(await load()).toBe('')
    expect(await load()).toBe('')
    expect(requests).toHaveLength(1)
  })
})

describe('the wishes of a caller', () => {
  test('only-if-cached never goes to the network', async () => {
    open()
    handler = validates(STALE)
    const only = (): Message => message({ 'Cache-Control': 'only-if-cached' })
    const none = only()
    expect(await load(none)).toBe('')
    expect(none.statusCode).toBe(504)
    expect(Cache.isFromCache(none)).toBe(true)
    await load()
    const stale = only()
    await load(stale)
    expect(stale.statusCode).toBe(504)
    expect(await load(message({ 'Cache-Control': 'only-if-cached, max-stale' }))).toBe('body 1')
    expect(requests).toHaveLength(1)
  })

  test('no-store neither takes from the store nor adds to it', async () => {
    open()
    handler = serves(FRESH)
    expect(await load(message({ 'Cache-Control': 'no-store' }))).toBe('body 1')
    expect(await load()).toBe('body 2')
    expect(await load(message({ 'Cache-Control': 'no-store' }))).toBe('body 3')
    expect(await load()).toBe('body 2')
  })

  test('his own conditions are answered from the store, or left to the server', async () => {
    open()
    handler = validates(FRESH)
    await load()
    const same = message({ 'If-None-Match': '"a"' })
    expect(await load(same)).toBe('')
    expect(same.statusCode).toBe(304)
    expect(same.responseHeaders.getOne('etag')).toBe('"a"')
    expect(await load(message({ 'If-None-Match': '"b"' }))).toBe('body 1')
    expect(requests).toHaveLength(1)
    const asked = message({ 'If-None-Match': '"a"', 'Cache-Control': 'no-cache' })
    expect(await load(asked)).toBe('')
    expect(asked.statusCode).toBe(304)
    expect(Cache.isFromCache(asked)).toBe(false)
    expect(asked.requestHeaders.getOne('if-none-match')).toBe('"a"')
  })

  test('a feature that is disabled for a message leaves it alone', async () => {
    open()
    handler = serves(FRESH)
    await load()
    const alone = message()
    alone.disableFeature(Cache)
    expect(await load(alone)).toBe('body 2')
    expect(await load()).toBe('body 1')
  })
})

describe('rules', () => {
  test('a 304 about what is gone gets the whole response', async () => {
    open()
    handler = (request, response) => {
      if (request.headers['if-none-match'] !== undefined) response.writeHead(304, { ETag: '"other"' }).end()
      else serves({ ...STALE, ETag: '"a"' })(request, response)
    }
    await load()
    const second = message()
    expect(await load(second)).toBe('body 3')
    expect(second.statusCode).toBe(200)
    expect(Cache.isFromCache(second)).toBe(false)
    expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"a"', undefined])
  })

  test('cookies are set by the network only', async () => {
    open()
    const jar = new CookieJar()
    session.addFeature(jar)
    handler = serves({ ...FRESH, 'Set-Cookie': 'a=1' })
    await load()
    const hit = message()
    await load(hit)
    expect(requests).toHaveLength(1)
    expect(hit.responseHeaders.has('set-cookie')).toBe(false)
  })

  test('what varies by cookies is not used before they are known', async () => {
    open()
    const jar = new CookieJar()
    session.addFeature(jar)
    handler = (request, response) => {
      const who = request.headers.cookie ?? 'nobody'
      const headers = { ...FRESH, Vary: 'Cookie', ETag: `"${who}"` }
      if (request.headers['if-none-match']?.includes(`"${who}"`) === true) response.writeHead(304, headers).end()
      else response.writeHead(200, headers).end(who)
    }
    expect(await load()).toBe('nobody')
    expect(await load()).toBe('nobody')
    jar.setCookie(`${server.origin}/`, 'a=1')
    expect(await load()).toBe('a=1')
    expect(await load()).toBe('a=1')
    expect(requests).toHaveLength(4)
  })

  test('what varies by what the session adds is found', async () => {
    open()
    session.userAgent = 'one/1.0'
    session.acceptLanguage = 'de'
    handler = serves({ ...FRESH, Vary: 'User-Agent, Accept-Language' })
    await load()
    expect(await load()).toBe('body 1')
    session.userAgent = 'two/1.0'
    expect(await load()).toBe('body 2')
    session.acceptLanguage = 'fr'
    expect(await load()).toBe('body 3')
  })

  test('a stored redirect is for those who do not follow it', async () => {
    open()
    handler = (request, response) => {
      if (request.url === '/') response.writeHead(301, { Location: '/to', ...FRESH }).end('moved')
      else serves(FRESH)(request, response)
    }
    const still = (): Message => {
      const made = message()
      made.addFlags(MessageFlags.NO_REDIRECT)
      return made
    }
    expect(await load(still())).toBe('moved')
    expect(await load(still())).toBe('moved')
    expect(requests).toHaveLength(1)
    expect(await load()).toBe('body 3')
  })

  test('a shared cache keeps what is private to itself', async () => {
    open({ cacheType: CacheType.SHARED })
    handler = serves({ 'Cache-Control': 'private, max-age=60' })
    await load()
    expect(await load()).toBe('body 2')
    handler = serves({ 'Cache-Control': 's-maxage=60' })
    expect(await load(message({ Authorization: 'Basic YTpi' }))).toBe('body 3')
    expect(await load()).toBe('body 3')
  })

  test('a response that must not be stored ends what was', async () => {
    open()
    handler = serves({ ...STALE, ETag: '"a"' })
    await load()
    handler = serves({ 'Cache-Control': 'no-store' })
    await load()
    handler = serves({})
    await load()
    expect(requests[2]?.headers['if-none-match']).toBeUndefined()
  })

  test('a failed question about what was used stale is told', async () => {
    open()
    handler = serves({ 'Cache-Control': 'max-age=0, stale-while-revalidate=60' })
    await load()
    handler = (_request, response) => response.destroy()
    const failed = once(cache, 'revalidation-failed')
    expect(await load()).toBe('body 1')
    expect(await failed).toMatchObject([{}, { domain: 'g-io-error-quark' }])
  })

  test('closing the session while a question is open leaves nothing', async () => {
    open()
    handler = serves({ 'Cache-Control': 'max-age=0, stale-while-revalidate=60' })
    await load()
    handler = () => undefined
    await load()
    await expect.poll(() => requests.length).toBe(2)
    session.close()
  })

  test.skipIf(!hasProc)('a message on its way when the session closes keeps no body open', async () => {
    open({ cacheDir: directory })
    handler = (_request, response) => response.writeHead(200, FRESH).end(Buffer.alloc(100_000))
    await load()
    const body = await session.send(message())
    await expect.poll(openFiles).toBe(1)
    session.close()
    await expect(text(body)).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect.poll(openFiles).toBe(0)
  })

  test.skipIf(!hasProc)('an error that comes slowly gives way to what is stored, or to a cancellation', async () => {
    open({ cacheDir: directory })
    handler = (_request, response) => {
      response
        .writeHead(200, { 'Cache-Control': 'max-age=0, stale-if-error=60', ETag: '"a"' })
        .end(Buffer.alloc(100_000))
    }
    await load()
    handler = (_request, response) => response.writeHead(503).write('sorry')
    const controller = new AbortController()
    const reading = session.send(message(), { signal: controller.signal })
    await expect.poll(openFiles).toBe(1)
    controller.abort()
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect.poll(openFiles).toBe(0)
  })

  test('a question whose answer is too long to store is not read to its end', async () => {
    open({ maxEntrySize: 1000 })
    handler = serves({ 'Cache-Control': 'max-age=0, stale-while-revalidate=60' })
    await load()
    let closed = false
    handler = (_request, response) => {
      response
        .on('close', () => (closed = true))
        .writeHead(200, FRESH)
        .write(Buffer.alloc(2000))
    }
    await load()
    await expect.poll(() => closed).toBe(true)
  })

  test('does nothing once it is closed', async () => {
    open()
    handler = serves(FRESH)
    await load()
    await cache.close()
    expect(await load()).toBe('body 2')
    expect(await load()).toBe('body 3')
  })

  test('serves one session at a time', () => {
    open()
    using other = new Session()
    expect(() => other.addFeature(cache)).toThrow('The cache serves another session.')
    other.removeFeature(cache)
  })
})
