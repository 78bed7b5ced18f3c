// Redirects are followed by the NetworkProcess, one checked hop at a time, each agreed to by the WebProcess.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { withServer } from '@wpe-networking/test-support'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { redirectedRequest } from '../src/network-process/redirected-request.ts'
import { load, loadParameters, request, TestNetworkProcess } from './support.ts'

let network: TestNetworkProcess
beforeEach(async () => {
  network = await TestNetworkProcess.start()
})
afterEach(() => network.close())

/** Redirects `/a` to `/b` and so on as `locations` says; anything else echoes. */
function redirecting(locations: Readonly<Record<string, string>>, status = 302) {
  return (incoming: IncomingMessage, response: ServerResponse): void => {
    const location = locations[incoming.url ?? '']
    if (location === undefined) response.end(`${incoming.method} ${incoming.url}`)
    else response.writeHead(status, { Location: location, 'Set-Cookie': 'hop=1' }).end('moved')
  }
}

test('a redirect is offered to the WebProcess, without cookies, and followed', async () => {
  await withServer(redirecting({ '/a': '/b', '/b': 'c?d#e' }), async (server) => {
    const connection = await network.connect()
    const seen: string[] = []
    const loaded = await load(connection, loadParameters(`${server.origin}/a`), {
      willSendRequest: (next, response) => {
        seen.push(`${response.httpStatusCode} ${response.url} ${response.httpHeaderFields.flat().join().toLowerCase()}`)
        return next
      },
    })
    expect(loaded.body.toString()).toBe('GET /c?d')
    expect(loaded.response).toMatchObject({ url: `${server.origin}/c?d#e`, isRedirected: true })
    expect(loaded.redirects).toEqual([`${server.origin}/b`, `${server.origin}/c?d#e`])
    expect(seen.join()).not.toContain('set-cookie')
    expect(loaded.metrics?.redirectCount).toBe(2)
    expect(loaded.metrics?.redirectStart).toBeLessThanOrEqual(loaded.metrics?.fetchStart ?? 0)
    expect(server.connectionCount).toBe(1)
  })
})

test('the WebProcess may end the load at a redirect', async () => {
  await withServer(redirecting({ '/a': '/b' }), async (server) => {
    const connection = await network.connect()
    const asked = Promise.withResolvers<void>()
    void load(connection, loadParameters(`${server.origin}/a`), {
      willSendRequest: () => {
        asked.resolve()
        return Promise.resolve(null)
      },
    })
    await asked.promise
    const next = await load(connection, loadParameters(`${server.origin}/z`))
    expect(next.body.toString()).toBe('GET /z')
    expect(connection.loadCount).toBe(0)
  })
})

test('the twenty-first redirect is one too many', async () => {
  await withServer(redirecting({ '/loop': '/loop' }), async (server) => {
    const loaded = await load(await network.connect(), loadParameters(`${server.origin}/loop`))
    expect(loaded.error).toMatchObject({ domain: 'WebKitNetworkError', code: 'TOO_MANY_REDIRECTS' })
    expect(loaded.redirects).toHaveLength(20)
    expect(loaded.metrics?.redirectCount).toBe(21)
  })
})

test.each([
  ['file:///etc/passwd', 'BAD_REDIRECT'],
  ['data:text/html,x', 'BAD_REDIRECT'],
  ['http://[', 'BAD_REDIRECT'],
])('a redirect to %s is refused', async (location, code) => {
  await withServer(redirecting({ '/a': location }), async (server) => {
    const loaded = await load(await network.connect(), loadParameters(`${server.origin}/a`))
    expect(loaded.error).toMatchObject({ domain: 'WebKitNetworkError', code })
    expect(loaded.redirects).toEqual([])
  })
})

test('a load may refuse redirects, or take them as its response', async () => {
  await withServer(redirecting({ '/a': '/b' }), async (server) => {
    const connection = await network.connect()
    const parameters = loadParameters(`${server.origin}/a`)
    const refused = await load(connection, { ...parameters, options: { ...parameters.options, redirect: 'error' } })
    expect(refused.error).toMatchObject({ code: 'BAD_REDIRECT', type: 'AccessControl' })
    const manual = await load(connection, { ...parameters, options: { ...parameters.options, redirect: 'manual' } })
    expect(manual.response?.httpStatusCode).toBe(302)
    expect(manual.body.toString()).toBe('moved')
  })
})

test('a main-frame navigation does not leave its site in the same process', async () => {
  await withServer(
    (_request, response) => response.writeHead(302, { Location: 'http://other.example/' }).end() as never,
    async (server) => {
      const navigation = loadParameters(`${server.origin}/`, {}, { isMainFrameNavigation: true })
      const { error, redirects } = await load(await network.connect(), navigation)
      expect(redirects).toEqual(['http://other.example/'])
      expect(error).toMatchObject({ code: 'CROSS_SITE_NAVIGATION', type: 'AccessControl' })
    },
  )
})

describe('the request that a redirect asks for', () => {
  const post = request('https://a.example/x#part', {
    httpMethod: 'POST',
    httpBody: Buffer.from('body'),
    httpHeaderFields: [
      ['Content-Type', 'text/plain'],
      ['Authorization', 'secret'],
      ['Referer', 'https://a.example/'],
      ['X-Kept', '1'],
    ],
  })

  test.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
    [301, 'PUT', 'PUT'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
  ])('after %i makes %s %s', (status, before, after) => {
    const next = redirectedRequest({ ...post, httpMethod: before }, status, '/y', false)
    expect(next?.httpMethod).toBe(after)
    expect(next?.httpBody === null).toBe(before !== after)
    expect(next?.httpHeaderFields.some(([name]) => name === 'Content-Type')).toBe(before === after)
  })

  test('keeps the fragment unless the location has one', () => {
    expect(redirectedRequest(post, 302, '/y', false)?.url).toBe('https://a.example/y#part')
    expect(redirectedRequest(post, 302, '/y#other', false)?.url).toBe('https://a.example/y#other')
  })

  test('leaves credentials behind at another origin and the referrer at an insecure one', () => {
    const names = (location: string): string[] =>
      redirectedRequest(post, 307, location, false)?.httpHeaderFields.map(([name]) => name) ?? []
    expect(names('/y')).toEqual(['Content-Type', 'Authorization', 'Referer', 'X-Kept'])
    expect(names('https://b.example/')).toEqual(['Content-Type', 'Referer', 'X-Kept'])
    expect(names('http://a.example/')).toEqual(['Content-Type', 'X-Kept'])
  })

  test('is its own first party when it navigates the main frame', () => {
    expect(redirectedRequest(post, 302, 'https://b.example/', true)?.firstPartyForCookies).toBe(
      'https://b.example/#part',
    )
    expect(redirectedRequest(post, 302, 'https://b.example/', false)?.firstPartyForCookies).toBeNull()
  })
})
