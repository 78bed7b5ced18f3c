import { describe, expect, it } from 'vitest'
import { SecurityOrigin } from '../src/page/security-origin.ts'
import { generateReferrerHeader, parseReferrerPolicy, ReferrerPolicy } from '../src/page/security-policy.ts'
import { PAGE, PageHarness } from './load-page.ts'

it('origins are scheme, host and port, and opaque ones are only themselves', () => {
  const origin = SecurityOrigin.create('https://a.test:8443/x')
  expect(origin.toString()).toBe('https://a.test:8443')
  expect(SecurityOrigin.create('https://a.test:443').toString()).toBe('https://a.test')
  expect(origin.canRequest('https://a.test:8443/y')).toBe(true)
  expect(origin.canRequest('https://a.test/y')).toBe(false)
  const opaque = SecurityOrigin.create('data:,x')
  expect([opaque.toString(), opaque.isSameOriginAs(opaque), opaque.canRequest('data:,x')]).toEqual([
    'null',
    true,
    false,
  ])
  expect(SecurityOrigin.create('http://127.0.0.1').isPotentiallyTrustworthy).toBe(true)
  expect(SecurityOrigin.create('http://a.test').isPotentiallyTrustworthy).toBe(false)
})

describe('Referer', () => {
  const from = 'https://user:pw@a.test/p?q#f'
  it.each([
    [ReferrerPolicy.NO_REFERRER, '', '', ''],
    [ReferrerPolicy.NO_REFERRER_WHEN_DOWNGRADE, 'https://a.test/p?q', 'https://a.test/p?q', ''],
    [ReferrerPolicy.SAME_ORIGIN, 'https://a.test/p?q', '', ''],
    [ReferrerPolicy.ORIGIN, 'https://a.test/', 'https://a.test/', 'https://a.test/'],
    [ReferrerPolicy.STRICT_ORIGIN, 'https://a.test/', 'https://a.test/', ''],
    [ReferrerPolicy.ORIGIN_WHEN_CROSS_ORIGIN, 'https://a.test/p?q', 'https://a.test/', 'https://a.test/'],
    [ReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, 'https://a.test/p?q', 'https://a.test/', ''],
    [ReferrerPolicy.UNSAFE_URL, 'https://a.test/p?q', 'https://a.test/p?q', 'https://a.test/p?q'],
  ])('under %s is %j within the origin, %j outside, %j to http', (policy, same, cross, downgrade) => {
    const urls = ['https://a.test/x', 'https://b.test/x', 'http://b.test/x']
    expect(urls.map((url) => generateReferrerHeader(policy, url, from))).toEqual([same, cross, downgrade])
  })

  it('policies are read from the last word that is known', () => {
    expect(parseReferrerPolicy('no-referrer, Unsafe-URL, what')).toBe('unsafe-url')
    expect(parseReferrerPolicy('')).toBeNull()
  })

  it('goes with subresources as the document says', async () => {
    const refererOf = (harness: PageHarness, url: string) =>
      harness.strategy.requestFor(url).httpHeaderFields.find(([name]) => name === 'Referer')?.[1]
    const harness = new PageHarness({
      [PAGE]: { body: '<img src=a.png><meta name=referrer content=no-referrer><img src=b.png><img src=//b.test/>' },
    })
    await harness.load(PAGE)
    expect(refererOf(harness, PAGE)).toBeUndefined()
    expect(refererOf(harness, 'https://a.test/a.png')).toBe(PAGE)
    expect(refererOf(harness, 'https://a.test/b.png')).toBeUndefined()
    const strict = new PageHarness({
      [PAGE]: { body: '<img src=//b.test/a.png>', headers: [['Referrer-Policy', 'origin']] },
    })
    await strict.load(`${PAGE}`)
    expect(refererOf(strict, 'https://b.test/a.png')).toBe(PAGE)
  })
})

describe('requests', () => {
  it('say who the browser is, and take what the embedder adds only where it is meant for', async () => {
    const html = '<img src=a.png><img src=//b.test/b.png><img src=r.png>'
    const harness = new PageHarness(
      { [PAGE]: { body: html }, 'https://a.test/r.png': { location: 'https://c.test/' }, 'https://c.test/': {} },
      {
        acceptLanguage: 'de',
        extraHeaders: [
          ['Authorization', 'secret'],
          ['DNT', '1'],
        ],
      },
    )
    await harness.load(PAGE)
    const fields = (url: string) => Object.fromEntries(harness.strategy.requestFor(url).httpHeaderFields)
    expect(fields(PAGE)).toMatchObject({ 'User-Agent': 'Test/1.0', 'Accept-Language': 'de', Authorization: 'secret' })
    expect(fields('https://a.test/a.png')).toMatchObject({ Authorization: 'secret', DNT: '1' })
    expect(fields('https://b.test/b.png')).toMatchObject({ DNT: '1', 'User-Agent': 'Test/1.0' })
    expect(fields('https://b.test/b.png')).not.toHaveProperty('Authorization')
    const redirected = Object.fromEntries(harness.entryFor('https://a.test/r.png').requestHeaders)
    expect(redirected).not.toHaveProperty('Authorization')
    expect(redirected['Referer']).toBe(PAGE)
  })

  it('carry the site they belong to and the fetch mode of their element', async () => {
    const html =
      '<script src=a.js></script><script type=module src=//b.test/m.js></script><img crossorigin=use-credentials src=//sub.a.test/i.png>'
    const harness = new PageHarness({ [PAGE]: { body: html } })
    await harness.load(PAGE)
    const summary = harness.strategy.requests.map(({ request, options, isMainFrameNavigation }) => [
      options.mode,
      options.credentials,
      options.destination,
      request.isSameSite,
      request.isTopSite,
      request.firstPartyForCookies,
      isMainFrameNavigation,
    ])
    expect(summary).toEqual([
      ['navigate', 'include', 'document', true, true, PAGE, true],
      ['no-cors', 'include', 'script', true, false, PAGE, false],
      ['cors', 'same-origin', 'script', false, false, PAGE, false],
      ['cors', 'include', 'image', true, false, PAGE, false],
    ])
    const origin = harness.strategy
      .requestFor('https://b.test/m.js')
      .httpHeaderFields.find(([name]) => name === 'Origin')
    expect(origin?.[1]).toBe('https://a.test')
  })
})
