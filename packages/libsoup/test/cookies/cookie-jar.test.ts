import { Uri } from '@wpe-networking/glib-gio'
import { startServer, type ListeningServer } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CookieJar, CookieJarAcceptPolicy, Message, Session } from '../../src/index.ts'

let server: ListeningServer
beforeAll(async () => {
  server = await startServer((request, response) => {
    if (request.url === '/set') response.setHeader('Set-Cookie', ['a=1; Path=/', 'b=2; HttpOnly', 'c=3; Path=/only'])
    response.end(request.headers.cookie ?? 'none')
  })
})
afterAll(() => server.close())

const uri = (text: string): Uri => Uri.parse(text)

async function get(session: Session, path: string): Promise<string> {
  return (await session.sendAndRead(new Message('GET', `${server.origin}${path}`))).toString()
}

describe('a cookie jar', () => {
  test('gives servers back what they set, by path', async () => {
    using session = new Session()
    session.addFeature(new CookieJar())
    expect(await get(session, '/set')).toBe('none')
    expect(await get(session, '/')).toBe('a=1; b=2')
    expect(await get(session, '/only/here')).toBe('c=3; a=1; b=2')
  })

  test('leaves messages alone that disable it', async () => {
    using session = new Session()
    session.addFeature(new CookieJar())
    await get(session, '/set')
    const message = new Message('GET', server.origin)
    message.disableFeature(CookieJar)
    expect((await session.sendAndRead(message)).toString()).toBe('none')
  })

  test('tells of every change', () => {
    const jar = new CookieJar()
    const changes: string[] = []
    jar.on('changed', (before, after) => changes.push(`${before?.value ?? '-'} ${after?.value ?? '-'}`))
    jar.setCookie(uri('https://example.org/'), 'a=1')
    jar.setCookie(uri('https://example.org/'), 'a=2')
    for (const cookie of jar.allCookies()) jar.deleteCookie(cookie)
    expect(changes).toEqual(['- 1', '1 2', '2 -'])
    expect(jar.getCookies(uri('https://example.org/'), true)).toBe(null)
  })

  test.each([
    { why: 'a public suffix', from: 'https://a.co.uk/', cookie: 'x=1; Domain=co.uk' },
    { why: 'another host', from: 'https://a.example/', cookie: 'x=1; Domain=b.example' },
    { why: 'Secure on a plain connection', from: 'http://a.example/', cookie: 'x=1; Secure' },
    {
      why: '__Host- with a domain',
      from: 'https://a.example/',
      cookie: '__Host-x=1; Secure; Path=/; Domain=a.example',
    },
    { why: 'more than 5 KiB', from: 'https://a.example/', cookie: `x=${'y'.repeat(6000)}` },
  ])('refuses a cookie for $why', ({ from, cookie }) => {
    const jar = new CookieJar()
    jar.setCookie(uri(from), cookie)
    expect(jar.allCookies()).toEqual([])
  })

  test('keeps HttpOnly cookies from scripts', () => {
    const jar = new CookieJar()
    jar.setCookie(uri('https://example.org/'), 'seen=1')
    jar.setCookie(uri('https://example.org/'), 'hidden=1; HttpOnly')
    expect(jar.getCookies(uri('https://example.org/'), false)).toBe('seen=1')
    expect(jar.getCookies(uri('https://example.org/'), true)).toBe('seen=1; hidden=1')
  })

  // RFC 6265bis section 5.2.
  test.each([
    {
      name: 'same site',
      siteForCookies: 'https://www.example.org/',
      navigation: false,
      sent: 'strict=1; lax=1; any=1',
    },
    { name: 'cross-site navigation', siteForCookies: 'https://other.example/', navigation: true, sent: 'lax=1; any=1' },
    { name: 'cross-site subresource', siteForCookies: 'https://other.example/', navigation: false, sent: 'any=1' },
  ])('sends SameSite cookies of a $name request', ({ siteForCookies, navigation, sent }) => {
    const jar = new CookieJar()
    jar.setCookie(uri('https://example.org/'), 'strict=1; SameSite=Strict')
    jar.setCookie(uri('https://example.org/'), 'lax=1; SameSite=Lax')
    jar.setCookie(uri('https://example.org/'), 'any=1; SameSite=None; Secure')
    const cookies = jar.getCookieListWithSameSiteInfo(uri('https://example.org/'), {
      topLevel: uri(siteForCookies),
      siteForCookies: uri(siteForCookies),
      forHttp: true,
      isSafeMethod: true,
      isTopLevelNavigation: navigation,
    })
    expect(cookies.map((cookie) => cookie.toCookieHeader()).join('; ')).toBe(sent)
  })

  test.each([
    { policy: 'ALWAYS', firstParty: 'https://other.example/', kept: true },
    { policy: 'NEVER', firstParty: 'https://example.org/', kept: false },
    { policy: 'NO_THIRD_PARTY', firstParty: 'https://www.example.org/', kept: true },
    { policy: 'NO_THIRD_PARTY', firstParty: 'https://other.example/', kept: false },
    { policy: 'GRANDFATHERED_THIRD_PARTY', firstParty: 'https://other.example/', kept: false },
  ] as const)(
    'with policy $policy and first party $firstParty keeps a cookie: $kept',
    ({ policy, firstParty, kept }) => {
      const jar = new CookieJar({ acceptPolicy: CookieJarAcceptPolicy[policy] })
      jar.setCookieWithFirstParty(uri('https://example.org/'), uri(firstParty), 'a=1')
      expect(jar.allCookies().length).toBe(kept ? 1 : 0)
    },
  )

  test('keeps at most 180 cookies of a domain, dropping the one not used for longest', () => {
    const jar = new CookieJar()
    for (let i = 0; i < 200; i++) jar.setCookie(uri('https://example.org/'), `c${i}=1`)
    expect(jar.allCookies().length).toBe(180)
  })
})
