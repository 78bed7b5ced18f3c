import { startServer, withRawServer, type ListeningServer } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CookieJar, Message, MessageFlags, Session } from '../../src/index.ts'

let server: ListeningServer
let other: ListeningServer
beforeAll(async () => {
  other = await startServer((request, response) => {
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers }))
  })
  server = await startServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x')
    const status = Number(url.searchParams.get('status') ?? 0)
    if (url.pathname === '/loop') response.writeHead(302, { Location: '/loop' }).end('again')
    else if (url.pathname === '/elsewhere') response.writeHead(302, { Location: `${other.origin}/there` }).end()
    else if (url.pathname === '/to') response.writeHead(302, { Location: url.searchParams.get('location') ?? '' }).end()
    else if (url.pathname === '/bad') response.writeHead(302, { Location: 'ftp://127.0.0.1/file' }).end()
    else if (url.pathname === '/nowhere') response.writeHead(302).end('no location')
    else if (url.pathname === '/big') response.writeHead(302, { Location: '/end' }).end('x'.repeat(1024 * 1024))
    else if (status !== 0) response.writeHead(status, { Location: '/end#part' }).end('moved')
    else {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => response.end(JSON.stringify({ method: request.method, body, headers: request.headers })))
    }
  })
})
afterAll(async () => {
  await server.close()
  await other.close()
})

interface Echo {
  method: string
  body: string
  url: string
  headers: Record<string, string>
}

describe('a redirect', () => {
  // Upstream: tests/redirect-test.c. RFC 9110 section 15.4.
  test.each([
    { status: 301, method: 'GET', becomes: 'GET' },
    { status: 301, method: 'POST', becomes: 'GET' },
    { status: 301, method: 'PUT', becomes: null },
    { status: 302, method: 'GET', becomes: 'GET' },
    { status: 302, method: 'POST', becomes: 'GET' },
    { status: 302, method: 'DELETE', becomes: 'GET' },
    { status: 303, method: 'POST', becomes: 'GET' },
    { status: 303, method: 'PUT', becomes: 'GET' },
    { status: 307, method: 'GET', becomes: 'GET' },
    { status: 307, method: 'POST', becomes: null },
    { status: 308, method: 'GET', becomes: 'GET' },
    { status: 308, method: 'PUT', becomes: null },
    { status: 300, method: 'GET', becomes: null },
    { status: 304, method: 'GET', becomes: null },
  ])('$status to a $method becomes $becomes', async ({ status, method, becomes }) => {
    using session = new Session()
    const message = new Message(method, `${server.origin}/start?status=${status}`)
    if (method === 'POST' || method === 'PUT') message.setRequestBodyFromBytes('text/plain', Buffer.from('data'))
    const body = await session.sendAndRead(message)
    if (becomes === null) {
      expect(message.statusCode).toBe(status)
    } else {
      expect(message.statusCode).toBe(200)
      expect(message.uri.path).toBe('/end')
      expect(JSON.parse(body.toString())).toMatchObject({ method: becomes, body: '' })
    }
    expect(server.openConnections).toBe(1)
  })

  test('is delivered when the message says NO_REDIRECT', async () => {
    using session = new Session()
    const message = new Message('GET', `${server.origin}/loop`)
    message.addFlags(MessageFlags.NO_REDIRECT)
    expect((await session.sendAndRead(message)).toString()).toBe('again')
    expect(message.statusCode).toBe(302)
  })

  test('is delivered when it has no Location', async () => {
    using session = new Session()
    const message = new Message('GET', `${server.origin}/nowhere`)
    expect((await session.sendAndRead(message)).toString()).toBe('no location')
  })

  test('loop ends after 20 rounds', async () => {
    using session = new Session()
    const message = new Message('GET', `${server.origin}/loop`)
    let restarts = 0
    message.on('restarted', () => restarts++)
    await expect(session.sendAndRead(message)).rejects.toMatchObject({ code: 'TOO_MANY_REDIRECTS' })
    expect(restarts).toBe(20)
  })

  test('to another scheme than http and https is refused', async () => {
    using session = new Session()
    await expect(session.sendAndRead(new Message('GET', `${server.origin}/bad`))).rejects.toMatchObject({
      domain: 'soup-session-error-quark',
      code: 'REDIRECT_BAD_URI',
    })
  })

  test('with a body too long to read away is followed all the same', async () => {
    using session = new Session()
    const message = new Message('GET', `${server.origin}/big`)
    await session.sendAndRead(message)
    expect(message.statusCode).toBe(200)
  })

  test('to another origin takes no credentials along', async () => {
    using session = new Session()
    const jar = new CookieJar()
    session.addFeature(jar)
    const message = new Message('GET', `${server.origin}/elsewhere`)
    message.requestHeaders.append('Authorization', 'Basic c2VjcmV0')
    message.requestHeaders.append('Cookie', 'own=1')
    message.requestHeaders.append('X-Kept', 'yes')
    const echo = JSON.parse((await session.sendAndRead(message)).toString()) as Echo
    expect(echo.headers['x-kept']).toBe('yes')
    expect(echo.headers['host']).toBe(`127.0.0.1:${other.port}`)
    expect(echo.headers).not.toHaveProperty('authorization')
    expect(echo.headers).not.toHaveProperty('cookie')
  })

  const to = (location: string): Message =>
    new Message('GET', `${server.origin}/to?location=${encodeURIComponent(location)}#kept`)

  test.each([
    { location: '/end', becomes: '/end#kept' },
    { location: '/end#own', becomes: '/end#own' },
    { location: '/end#', becomes: '/end#' },
  ])('to $location goes to $becomes', async ({ location, becomes }) => {
    using session = new Session()
    const message = to(location)
    await session.sendAndRead(message)
    expect(message.uri.toString()).toBe(`${server.origin}${becomes}`)
  })

  test('in raw UTF-8 goes where it says', async () => {
    using session = new Session()
    const message = to(Buffer.from('/über?ä=ö').toString('latin1'))
    await session.sendAndRead(message)
    expect(`${message.uri.path}?${message.uri.query}`).toBe('/%C3%BCber?%C3%A4=%C3%B6')
  })

  test('that drops the body drops what was said of it', async () => {
    using session = new Session()
    const message = new Message('POST', `${server.origin}/start?status=303`)
    message.setRequestBodyFromBytes('text/plain', Buffer.from('data'))
    for (const name of ['Content-Encoding', 'Content-Language', 'Content-MD5', 'Expect', 'X-Kept']) {
      message.requestHeaders.append(name, name === 'Expect' ? '100-continue' : 'x')
    }
    const echo = JSON.parse((await session.sendAndRead(message)).toString()) as Echo
    expect(Object.keys(echo.headers).sort()).toEqual(['accept-encoding', 'connection', 'host', 'x-kept'])
  })

  test('names a user for its own origin only', async () => {
    using session = new Session()
    const own = to(`http://eve:pw@127.0.0.1:${server.port}/end`)
    await session.sendAndRead(own)
    expect(own.uri.userinfo).toBe('eve:pw')
    const strange = to(`http://eve:pw@127.0.0.1:${other.port}/there`)
    await session.sendAndRead(strange)
    expect(strange.uri.toString()).toBe(`${other.origin}/there#kept`)
  })

  test('of a CONNECT is not followed', async () => {
    await withRawServer(
      (socket) =>
        socket.on('data', () =>
          socket.write(`HTTP/1.1 303 Other\r\nLocation: ${server.origin}/end\r\nContent-Length: 0\r\n\r\n`),
        ),
      async ({ origin }) => {
        using session = new Session({ proxyResolver: null })
        const message = new Message('CONNECT', origin.replace('tcp:', 'http:'))
        expect(await session.upgrade(message, null)).toBe(null)
        expect(message).toMatchObject({ method: 'CONNECT', statusCode: 303 })
      },
    )
  })
})
