import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { Agent, get } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:tls'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demoAssets } from '../src/demo/assets/index.ts'
import { startDemoSite, type DemoSite } from '../src/demo/demo-site.ts'

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Milliseconds until the head was there. */
  readonly waitedMs: number
  /** How many pieces the body came in. */
  readonly pieces: number
}

let site: DemoSite
let agent: Agent

beforeAll(async () => {
  site = await startDemoSite()
  agent = new Agent({ ca: site.certificateAuthorityPem, keepAlive: true, maxSockets: 4 })
})

afterAll(async () => {
  agent.destroy()
  await site.close()
})

function fetchPath(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const start = performance.now()
  get(new URL(path, site.uri), { agent, headers }, (response) => {
    const waitedMs = performance.now() - start
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', reject)
    response.on('end', () => {
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks),
        waitedMs,
        pieces: chunks.length,
      })
    })
  }).on('error', reject)
  return promise
}

const plain = demoAssets().filter(({ behaviour }) => !behaviour)

describe('the demo site', () => {
  test('is served over TLS under an authority of its own, for localhost and for a day', async () => {
    const authority = new X509Certificate(site.certificateAuthorityPem)
    expect(authority.ca).toBe(true)
    const { promise, resolve, reject } = Promise.withResolvers<X509Certificate | undefined>()
    const socket = connect({
      port: Number(new URL(site.uri).port),
      host: 'localhost',
      ca: site.certificateAuthorityPem,
    })
    socket.once('secureConnect', () => resolve(socket.getPeerX509Certificate()))
    socket.once('error', reject)
    const leaf = await promise
    socket.destroy()
    expect(leaf?.verify(authority.publicKey)).toBe(true)
    expect(leaf?.subjectAltName).toContain('DNS:localhost')
    expect((leaf?.validToDate.getTime() ?? 0) - Date.now()).toBeLessThanOrEqual(24 * 60 * 60 * 1000)
  })

  test('has an authority that is another one in every run', async () => {
    const other = await startDemoSite()
    await other.close()
    expect(other.certificateAuthorityPem).not.toBe(site.certificateAuthorityPem)
  })

  test('has a page with a title, text, and at least 24 subresources that a loader finds', async () => {
    const { status, headers, body } = await fetchPath('/')
    const html = body.toString()
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers.server).toBe('MiniBrowser-demo libsoup')
    expect(html).toContain('<title>One page, every road through the stack</title>')
    const references = [...html.matchAll(/(?:src|href|poster)="(\/[^"]*)"/g)].map((match) => match[1])
    const known = new Set(demoAssets().map(({ path }) => path))
    expect(new Set(references).size).toBeGreaterThanOrEqual(24)
    expect([...new Set(references)].filter((path) => !known.has(path ?? ''))).toEqual(['/images/missing.png'])
  })

  test('names the rest of its resources in its style sheets', async () => {
    expect((await fetchPath('/css/site.css')).body.toString()).toContain('@import url("/css/layout.css")')
    const theme = (await fetchPath('/css/theme.css')).body.toString()
    for (const path of ['/fonts/layers.ttf', '/images/paper.png', '/images/rule.svg']) expect(theme).toContain(path)
  })

  test.each(plain.map((asset) => [asset.path, asset] as const))('serves %s whole', async (path, asset) => {
    const { status, headers, body } = await fetchPath(path)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe(asset.contentType)
    expect(Number(headers['content-length'])).toBe(body.length)
    expect(body.equals(Buffer.from(asset.body))).toBe(true)
  })

  test('redirects one picture to another', async () => {
    const { status, headers } = await fetchPath('/images/moved.svg')
    expect(status).toBe(302)
    expect(headers.location).toBe(new URL('/images/here.svg', site.uri).href)
  })

  test('asks for the cookie that its page sets', async () => {
    const [cookie] = (await fetchPath('/')).headers['set-cookie'] ?? []
    expect(cookie).toMatch(/; Secure; HttpOnly; SameSite=Lax$/)
    expect((await fetchPath('/cookies/visit.svg')).status).toBe(403)
    expect((await fetchPath('/cookies/visit.svg', { Cookie: cookie?.split(';')[0] ?? '' })).status).toBe(200)
  })

  test('asks for the cookie that the redirect before it sets', async () => {
    const { status, headers } = await fetchPath('/cookies/give')
    expect(status).toBe(302)
    expect(headers.location).toBe(new URL('/cookies/taste.svg', site.uri).href)
    const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    expect((await fetchPath('/cookies/taste.svg')).status).toBe(403)
    expect((await fetchPath('/cookies/taste.svg', { Cookie: `other=1; ${cookie}` })).status).toBe(200)
  })

  test.each([
    ['/data/layers.json', 'gzip', gunzipSync],
    ['/css/results.css', 'gzip', gunzipSync],
    ['/js/table.js', 'br', brotliDecompressSync],
  ] as const)('compresses %s with %s for a client that takes it', async (path, coding, decompress) => {
    const identity = await fetchPath(path)
    const compressed = await fetchPath(path, { 'Accept-Encoding': 'gzip, deflate, br' })
    expect(identity.headers['content-encoding']).toBeUndefined()
    expect(compressed.headers['content-encoding']).toBe(coding)
    expect(compressed.headers.vary).toBe('Accept-Encoding')
    expect(compressed.body.length).toBeLessThan(identity.body.length)
    expect(decompress(compressed.body).equals(identity.body)).toBe(true)
  })

  test('takes 300 ms for its slow picture', async () => {
    const { status, waitedMs } = await fetchPath('/images/slow.svg')
    expect(status).toBe(200)
    expect(waitedMs).toBeGreaterThan(290)
  })

  test('sends one picture in chunks, the length unknown', async () => {
    const { headers, body, pieces } = await fetchPath('/images/chunked.svg')
    expect(headers['transfer-encoding']).toBe('chunked')
    expect(headers['content-length']).toBeUndefined()
    expect(pieces).toBeGreaterThan(1)
    expect(body.toString()).toMatch(/^<svg[^]*<\/svg>\n$/)
  })

  test('speaks HTTP/2 when told so, cookies in crumbs included', async () => {
    const modern = await startDemoSite({ http2: true })
    const session = connectHttp2(modern.uri, { ca: modern.certificateAuthorityPem })
    const ask = async (path: string, cookie: string[] = []): Promise<unknown> => {
      const stream = session.request({ ':path': path, cookie: cookie as never })
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
      stream.resume()
      await once(stream, 'close')
      return headers[':status']
    }
    expect(await ask('/images/chunked.svg')).toBe(200)
    expect(await ask('/cookies/taste.svg')).toBe(403)
    expect(await ask('/cookies/taste.svg', ['demo-taste=almond', 'demo-visit=1'])).toBe(200)
    session.destroy()
    await modern.close()
  })

  test('has nothing where one picture points', async () => {
    expect((await fetchPath('/images/missing.png')).status).toBe(404)
  })

  test('refuses other methods than GET and HEAD', async () => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    get(new URL('/', site.uri), { agent, method: 'DELETE' }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
    expect(await promise).toBe(405)
  })

  test('is gone after close, which may be called twice', async () => {
    const other = await startDemoSite()
    await other.close()
    await other.close()
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    get(other.uri, { ca: other.certificateAuthorityPem }).on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code),
    )
    expect(await promise).toBe('ECONNREFUSED')
  })
})
