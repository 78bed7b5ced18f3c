import { Uri } from '@wpe-networking/glib-gio'
import { startServer, withRawServer, type ListeningServer } from '@wpe-networking/test-support'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { Cookie, CookieJar, CookieJarAcceptPolicy, Message, SameSitePolicy, Session } from '../../src/index.ts'
import type { SameSiteInfo } from '../../src/index.ts'

let server: ListeningServer
beforeAll(async () => {
  server = await startServer((request, response) => {
    if (request.url === '/set') response.setHeader('Set-Cookie', ['a=1; Path=/', 'b=2; HttpOnly', 'c=3; Path=/only'])
    if (request.url === '/away') {
      response.writeHead(302, { Location: '/set', 'Set-Cookie': 'redirect=1; Path=/set' })
    }
    response.end(request.headers.cookie ?? 'none')
  })
})
afterAll(() => server.close())

const uri = (text: string): Uri => Uri.parse(text)

async function get(session: Session, path: string): Promise<string> {
  return (await session.sendAndRead(new Message('GET', `${server.origin}${path}`))).toString()
}

describe('a cookie jar in a session', () => {
  test('gives servers back what they set, by path', async () => {
    using session = new Session()
    session.addFeature(new CookieJar())
    expect(await get(session, '/set')).toBe('none')
    expect(await get(session, '/')).toBe('a=1; b=2')
    expect(await get(session, '/only/here')).toBe('c=3; a=1; b=2')
  })

  test('takes cookies of redirects along, and away again', async () => {
    using session = new Session()
    session.addFeature(new CookieJar())
    expect(await get(session, '/away')).toBe('redirect=1')
    const message = new Message('GET', `${server.origin}/set`)
    await session.sendAndRead(message)
    message.setUri(`http://localhost:${server.port}/`)
    await session.sendAndRead(message)
    expect(message.requestHeaders.has('Cookie')).toBe(false)
  })

  test('leaves messages alone that disable it', async () => {
    using session = new Session()
    session.addFeature(new CookieJar())
    await get(session, '/set')
    const message = new Message('GET', server.origin)
    message.disableFeature(CookieJar)
    expect((await session.sendAndRead(message)).toString()).toBe('none')
  })

  test('leaves the Cookie field of the application alone where it has no cookies', async () => {
    using session = new Session()
    session.addFeature(new CookieJar())
    const message = new Message('GET', server.origin)
    message.requestHeaders.append('Cookie', 'own=1')
    expect((await session.sendAndRead(message)).toString()).toBe('own=1')
  })

  test('takes cookies of a response that changes the protocol', async () => {
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: echo', 'Connection: Upgrade', 'Set-Cookie: a=1', '', '']
    await withRawServer(
      (socket) => socket.once('data', () => socket.write(head.join('\r\n'))),
      async ({ port }) => {
        const origin = `http://127.0.0.1:${port}`
        using session = new Session()
        const jar = new CookieJar()
        session.addFeature(jar)
        const stream = await session.upgrade(new Message('GET', origin), 'echo')
        stream?.destroy()
        expect(jar.getCookies(origin, true)).toBe('a=1')
      },
    )
  })

  test('gives proxies nothing', () => {
    const jar = new CookieJar()
    jar.setCookie('https://example.org/', 'a=1')
    const message = new Message('CONNECT', 'https://example.org/')
    jar.requestStarting(message)
    expect(message.requestHeaders.has('Cookie')).toBe(false)
    message.responseHeaders.append('Set-Cookie', 'b=1')
    jar.gotHeaders(message)
    expect(jar.allCookies().length).toBe(1)
  })

  test('keeps no SameSite cookie from a request of another site that does not navigate', () => {
    const jar = new CookieJar()
    const message = new Message('GET', 'https://example.org/')
    message.firstParty = message.siteForCookies = uri('https://other.example/')
    for (const field of ['lax=1', 'strict=1; SameSite=Strict', 'any=1; SameSite=None; Secure']) {
      message.responseHeaders.append('Set-Cookie', field)
    }
    jar.gotHeaders(message)
    expect(jar.allCookies().map((cookie) => cookie.name)).toEqual(['any'])
    message.isTopLevelNavigation = true
    jar.gotHeaders(message)
    expect(jar.allCookies().length).toBe(3)
  })
})

describe('a cookie jar', () => {
  test('tells of every change', () => {
    const jar = new CookieJar()
    const changes: string[] = []
    jar.on('changed', (before, after) => changes.push(`${before?.value ?? '-'} ${after?.value ?? '-'}`))
    jar.setCookie('https://example.org/', 'a=1')
    jar.setCookie('https://example.org/', 'a=2')
    jar.setCookie('https://example.org/', 'none=; max-age=0')
    for (const cookie of jar.allCookies()) jar.deleteCookie(cookie)
    expect(changes).toEqual(['- 1', '1 2', '2 -'])
    expect(jar.getCookies('https://example.org/', true)).toBe(null)
    expect(jar.isPersistent).toBe(false)
  })

  test('gives copies, so that nobody changes what it keeps', () => {
    const jar = new CookieJar()
    const cookie = new Cookie('a', '1', 'example.org', '/', -1)
    jar.addCookie(cookie)
    for (const copy of [cookie, ...jar.allCookies(), ...jar.getCookieList('https://example.org/', true)])
      copy.value = '2'
    expect(jar.getCookies('https://example.org/', true)).toBe('a=1')
  })

  test.each([
    { why: 'a public suffix', from: 'https://a.co.uk/', cookie: 'x=1; Domain=co.uk' },
    { why: 'another host', from: 'https://a.example/', cookie: 'x=1; Domain=b.example' },
    { why: 'Secure on a plain connection', from: 'http://a.example/', cookie: 'x=1; Secure' },
    { why: 'SameSite=None without Secure', from: 'https://a.example/', cookie: 'x=1; SameSite=None' },
    { why: '__Secure- without Secure', from: 'https://a.example/', cookie: '__Secure-x=1' },
    { why: '__secure- without Secure', from: 'https://a.example/', cookie: '__sEcUrE-x=1' },
    { why: '__Host- without Secure', from: 'https://a.example/', cookie: '__Host-x=1; Path=/' },
    { why: '__Host- for a path', from: 'https://a.example/', cookie: '__hOST-x=1; Secure; Path=/dir' },
    {
      why: '__Host- with a domain',
      from: 'https://a.example/',
      cookie: '__Host-x=1; Secure; Path=/; Domain=a.example',
    },
    { why: 'no name and the look of __Host-', from: 'https://a.example/', cookie: '=__Host-x=1; Secure' },
    { why: 'no name and the look of __secure-', from: 'https://a.example/', cookie: '__secure-x' },
    { why: 'more than 4 KiB', from: 'https://a.example/', cookie: `x=${'y'.repeat(4096)}` },
    { why: 'control characters', from: 'https://a.example/', cookie: 'x=\x01' },
    { why: 'no host', from: 'file:///tmp/page', cookie: 'x=1' },
  ])('refuses a cookie for $why', ({ from, cookie }) => {
    const jar = new CookieJar()
    jar.setCookie(from, cookie)
    expect(jar.allCookies()).toEqual([])
  })

  test.each([
    ['__Host-x=1; Secure; Path=/', 'https://a.example/'],
    ['__Secure-x=1; Secure; Domain=a.example', 'https://b.a.example/'],
    ['x=1; Domain=github.io', 'https://github.io/'],
    ['x=1', 'http://127.0.0.1/'],
    ['x=1', 'http://[::1]:8080/'],
    ['x=1; Domain=localhost', 'http://localhost/'],
  ])('keeps %s from %s', (cookie, from) => {
    const jar = new CookieJar()
    jar.setCookie(from, cookie)
    expect(jar.getCookies(from, true)).toMatch(/x=1$/)
  })

  test.each([
    ['a name with ;', new Cookie('a; b', '1', 'example.org', '/', -1)],
    ['a name with =', new Cookie('a=b', '1', 'example.org', '/', -1)],
    ['a value with ;', new Cookie('a', '1; b=2', 'example.org', '/', -1)],
    ['a value with a line break', new Cookie('a', '1\r\nX: y', 'example.org', '/', -1)],
    ['a path with a line break', new Cookie('a', '1', 'example.org', '/\n', -1)],
    ['no domain', new Cookie('a', '1', '', '/', -1)],
    ['a domain that is none', new Cookie('a', '1', 'a b', '/', -1)],
    ['a domain everybody shares', new Cookie('a', '1', '.org', '/', -1)],
    ['nothing in it', new Cookie('', '', 'example.org', '/', -1)],
  ])('refuses one of the application with %s', (_, cookie) => {
    const jar = new CookieJar()
    jar.addCookie(cookie)
    expect(jar.allCookies()).toEqual([])
  })

  test('lets a plain connection neither replace nor hide Secure cookies', () => {
    const jar = new CookieJar()
    jar.setCookie('https://example.org/', 'a=safe; Secure; Domain=example.org; Path=/dir')
    for (const from of ['http://example.org/dir/', 'http://www.example.org/dir/page', 'http://example.org/dir/a/b']) {
      jar.setCookie(from, 'a=bad')
      jar.setCookie(from, 'a=bad; Domain=example.org; Path=/dir')
      jar.setCookie(from, 'a=bad; Domain=example.org; Path=/dir/deeper')
      jar.setCookie(from, 'a=; Domain=example.org; Path=/dir; Max-Age=0')
    }
    expect(jar.getCookies('https://www.example.org/dir/deeper', true)).toBe('a=safe')
    jar.addCookieFull(Cookie.parse('a=bad; Path=/dir', 'http://example.org/') as Cookie, 'http://example.org/', null)
    expect(jar.getCookies('https://example.org/dir', true)).toBe('a=safe')
    jar.setCookie('http://example.org/', 'a=other path; Path=/')
    expect(jar.getCookies('https://example.org/dir', true)).toBe('a=safe; a=other path')
  })

  test('sends longer paths first, then older cookies, whatever was set anew', () => {
    const jar = new CookieJar()
    for (const cookie of ['a=1; Path=/', 'b=1; Path=/', 'c=1; Path=/dir', 'a=2; Path=/']) {
      jar.setCookie('https://example.org/', cookie)
    }
    expect(jar.getCookies('https://example.org/dir', true)).toBe('c=1; a=2; b=1')
  })

  test('keeps HttpOnly cookies from scripts', () => {
    const jar = new CookieJar()
    jar.setCookie('https://example.org/', 'seen=1')
    jar.setCookie('https://example.org/', 'hidden=1; HttpOnly')
    expect(jar.getCookies('https://example.org/', false)).toBe('seen=1')
    expect(jar.getCookies('https://example.org/', true)).toBe('seen=1; hidden=1')
  })

  test('sends cookies of a host to it alone, those of a domain to all below it', () => {
    const jar = new CookieJar()
    jar.setCookie('https://www.example.org/', 'own=1')
    jar.setCookie('https://www.example.org/', 'shared=1; Domain=example.org')
    expect(jar.getCookies('https://WWW.example.org/', true)).toBe('own=1; shared=1')
    expect(jar.getCookies('https://a.www.example.org/', true)).toBe('shared=1')
    expect(jar.getCookies('https://example.org/', true)).toBe('shared=1')
    expect(jar.getCookies('https://badexample.org/', true)).toBe(null)
  })

  test.each([
    { policy: 'ALWAYS', firstParty: 'https://other.example/', kept: true },
    { policy: 'NEVER', firstParty: 'https://example.org/', kept: false },
    { policy: 'NO_THIRD_PARTY', firstParty: 'https://www.example.org/', kept: true },
    { policy: 'NO_THIRD_PARTY', firstParty: 'https://other.example/', kept: false },
    { policy: 'NO_THIRD_PARTY', firstParty: null, kept: false },
    { policy: 'GRANDFATHERED_THIRD_PARTY', firstParty: 'https://other.example/', kept: false },
  ] as const)(
    'with policy $policy and first party $firstParty keeps a cookie: $kept',
    ({ policy, firstParty, kept }) => {
      const jar = new CookieJar({ acceptPolicy: CookieJarAcceptPolicy[policy] })
      jar.setCookieWithFirstParty('https://example.org/', firstParty === null ? null : uri(firstParty), 'a=1')
      expect(jar.allCookies().length).toBe(kept ? 1 : 0)
      if (firstParty === null) return
      jar.addCookieWithFirstParty(uri(firstParty), new Cookie('b', '1', 'example.org', '/', -1))
      expect(jar.allCookies().length).toBe(kept ? 2 : 0)
    },
  )

  test('takes cookies of third parties that were first parties once, if they are grandfathered', () => {
    const jar = new CookieJar({ acceptPolicy: CookieJarAcceptPolicy.GRANDFATHERED_THIRD_PARTY })
    jar.setCookie('https://www.example.org/', 'a=1')
    jar.setCookieWithFirstParty('https://example.org/', uri('https://other.example/'), 'b=1')
    expect(jar.allCookies().map((cookie) => cookie.name)).toEqual(['a', 'b'])
    jar.acceptPolicy = CookieJarAcceptPolicy.NO_THIRD_PARTY
    jar.setCookieWithFirstParty('https://example.org/', uri('https://other.example/'), 'c=1')
    expect(jar.allCookies().length).toBe(2)
  })
})

// RFC 6265bis sections 5.2 and 5.6.7.
describe('SameSite', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 21) })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const filled = (): CookieJar => {
    const jar = new CookieJar()
    for (const cookie of [
      'strict=1; SameSite=Strict',
      'lax=1; SameSite=Lax',
      'default=1',
      'any=1; SameSite=None; Secure',
    ]) {
      jar.setCookie('https://example.org/', cookie)
    }
    return jar
  }
  const cases: { name: string; from: string | null; sent: string; info?: Partial<SameSiteInfo> }[] = [
    { name: 'of no page', from: null, sent: 'strict lax default any', info: { topLevel: null } },
    { name: 'of the same site', from: 'https://www.example.org/', sent: 'strict lax default any' },
    { name: 'of the same site, in plain', from: 'http://www.example.org/', sent: 'any' },
    { name: 'of another site', from: 'https://other.example/', sent: 'any' },
    { name: 'of a page without a site', from: 'about:blank', sent: 'any' },
    { name: 'of a frame of no site', from: null, sent: 'any' },
    {
      name: 'that navigates from another site',
      from: 'https://other.example/',
      sent: 'lax default any',
      info: { isTopLevelNavigation: true },
    },
    {
      name: 'that navigates with POST from another site',
      from: 'https://other.example/',
      sent: 'default any',
      info: { isTopLevelNavigation: true, isSafeMethod: false },
    },
    {
      name: 'of a script that asks after a navigation',
      from: 'https://other.example/',
      sent: 'lax default any',
      info: { isTopLevelNavigation: true, isSafeMethod: false, forHttp: false },
    },
    { name: 'with POST', from: 'https://other.example/', sent: 'any', info: { isSafeMethod: false } },
  ]
  test.each(cases)('lets a request $name have: $sent', ({ from, sent, info }) => {
    const site = from === null ? null : uri(from)
    const cookies = filled().getCookieListWithSameSiteInfo('https://example.org/', {
      topLevel: site ?? uri('https://other.example/'),
      siteForCookies: site,
      forHttp: true,
      isSafeMethod: true,
      isTopLevelNavigation: false,
      ...info,
    })
    expect(cookies.map((cookie) => cookie.name).join(' ')).toBe(sent)
  })

  test('holds a cookie without a policy back from a POST two minutes after it was set first', () => {
    const jar = filled()
    const posted = (): string[] => {
      const info = { forHttp: true, isSafeMethod: false, isTopLevelNavigation: true }
      const site = uri('https://other.example/')
      const list = jar.getCookieListWithSameSiteInfo('https://example.org/', {
        topLevel: site,
        siteForCookies: site,
        ...info,
      })
      return list.map((cookie) => cookie.name)
    }
    vi.advanceTimersByTime(120_000)
    jar.setCookie('https://example.org/', 'default=2')
    expect(posted()).toEqual(['default', 'any'])
    vi.advanceTimersByTime(1)
    expect(posted()).toEqual(['any'])
    const named = jar.allCookies().find((cookie) => cookie.name === 'default') as Cookie
    named.sameSitePolicy = SameSitePolicy.LAX
    jar.deleteCookie(named)
    jar.addCookie(named) // an application names the policy: Lax, and nothing else
    expect(posted()).toEqual(['any'])
  })
})

describe('the room in a cookie jar', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 21) })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('is 180 cookies for a site, whatever hosts it has', () => {
    const jar = new CookieJar()
    for (let i = 0; i < 200; i++) jar.setCookie(`https://h${i}.example.org/`, `c${i}=1`)
    jar.setCookie('https://other.example/', 'a=1')
    const names = jar.allCookies().map((cookie) => cookie.name)
    expect(names.length).toBe(181)
    expect(names).not.toContain('c19')
    expect(names).toContain('c20')
  })

  test('is made by expired cookies first, then by those that are not Secure, then by the least used', () => {
    const jar = new CookieJar()
    const set = (cookie: string): void => jar.setCookie('https://example.org/', cookie)
    set('old secure=1; Secure')
    set('over=1; Max-Age=10; Path=/elsewhere')
    set('used=1; Path=/used')
    for (let i = 0; i < 177; i++) set(`c${i}=1; Path=/never`)
    jar.getCookies('https://example.org/used', true)
    const gone: string[] = []
    jar.on('changed', (before, after) => {
      if (after === null) gone.push(before?.name ?? '')
    })
    vi.advanceTimersByTime(10_000)
    for (let i = 0; i < 4; i++) set(`new${i}=1; Path=/never`)
    expect(gone).toEqual(['over', 'c0', 'c1', 'c2'])
    for (let i = 0; i < 180; i++) set(`secure${i}=1; Secure; Path=/never`)
    expect(gone.slice(-2)).toEqual(['new3', 'old secure'])
    expect(gone).toContain('used')
  })

  test('in all is taken from the sites that have most', () => {
    const jar = new CookieJar({ maxCookies: 100 })
    for (let i = 0; i < 60; i++) jar.setCookie(`https://site${i}.example/`, 'only=1')
    for (let i = 0; i < 150; i++) jar.setCookie(`https://greedy.example/`, `c${i}=1`)
    const cookies = jar.allCookies()
    expect(cookies.length).toBe(100)
    expect(cookies.filter((cookie) => cookie.domain === 'greedy.example').length).toBe(40)
    for (let i = 60; i < 99; i++) jar.setCookie(`https://site${i}.example/`, 'only=1')
    expect(
      jar
        .allCookies()
        .filter((cookie) => cookie.domain === 'greedy.example')
        .map((c) => c.name),
    ).toEqual(['c149'])
  })

  test('in all is first taken from what is over anywhere', () => {
    const jar = new CookieJar({ maxCookies: 4 })
    const gone: string[] = []
    jar.on('changed', (before, after) => {
      if (after === null) gone.push(before?.name ?? '')
    })
    for (const name of ['a', 'b']) jar.setCookie(`https://${name}.example/`, `${name}=1; Max-Age=10`)
    for (const name of ['c', 'd']) jar.setCookie('https://many.example/', `${name}=1`)
    vi.advanceTimersByTime(10_000)
    jar.setCookie('https://last.example/', 'e=1')
    expect(gone).toEqual(['a', 'b'])
  })

  test('is empty of a cookie once it is over', () => {
    const jar = new CookieJar()
    const gone: string[] = []
    jar.setCookie('https://example.org/', 'a=1; Max-Age=10')
    jar.on('changed', (before) => gone.push(before?.name ?? ''))
    expect(jar.getCookies('https://example.org/', true)).toBe('a=1')
    vi.advanceTimersByTime(10_000)
    expect(jar.getCookies('https://example.org/', true)).toBe(null)
    expect(gone).toEqual(['a'])
    expect(jar.allCookies()).toEqual([])
  })
})
