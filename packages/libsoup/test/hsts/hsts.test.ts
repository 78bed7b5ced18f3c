import { Uri } from '@wpe-networking/glib-gio'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HSTS_POLICY_MAX_AGE_PAST, HSTSEnforcer, HSTSPolicy, Message } from '../../src/index.ts'
import { parseStrictTransportSecurity } from '../../src/hsts/parse-strict-transport-security.ts'

const NOW = Date.UTC(2026, 10, 21)
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A message that got a response with these headers. */
function answered(uri: string, ...fields: string[]): Message {
  const message = new Message('GET', uri)
  for (const field of fields) message.responseHeaders.append('Strict-Transport-Security', field)
  return message
}

/** Where `enforcer` has a message to `uri` go; whether it said so comes behind. */
function sent(enforcer: HSTSEnforcer, uri: string): string {
  const message = new Message('GET', uri)
  let enforced = ''
  message.on('hsts-enforced', () => (enforced += ' enforced'))
  enforcer.requestQueued(message)
  return message.uri.toString() + enforced
}

// RFC 6797 section 6.1.
describe('the syntax of Strict-Transport-Security', () => {
  test.each([
    ['max-age=1', 1, false],
    ['MAX-AGE="31536000"', 31536000, false],
    [' max-age = 10 ; IncludeSubDomains ', 10, true],
    ['includeSubDomains;max-age=0', 0, true],
    [';; max-age=1;;', 1, false],
    ['max-age=1; preload; future=token; other="a;b"', 1, false],
    ['max-age="\\1"', 1, false],
    ['max-age=99999999999999999999', 2 ** 31 - 1, false],
  ])('%s', (field, maxAge, includeSubdomains) => {
    expect(parseStrictTransportSecurity(field)).toEqual({ maxAge, includeSubdomains })
  })

  test.each([
    '',
    'includeSubDomains',
    'max-age',
    'max-age=',
    'max-age=-1',
    'max-age=1.5',
    'max-age=soon',
    'max-age=1 2',
    'max-age=1; max-age=1',
    'max-age=1; includeSubDomains; includesubdomains',
    'max-age=1; includeSubDomains=true',
    'max-age=1; includeSubDomains=""',
    'max-age="1',
    'max-age=1, includeSubDomains',
    'max-age=1; a b=1',
    `max-age=1; x=${'y'.repeat(5000)}`,
  ])('ignores %j', (field) => {
    expect(parseStrictTransportSecurity(field)).toBe(null)
  })

  test('takes any text without an error', () => {
    const piece = fc.oneof(fc.constantFrom('max-age=', '1', ';', '"', '\\', 'includeSubDomains', '=', ' '), fc.string())
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const policy = parseStrictTransportSecurity(pieces.join(''))
        if (policy !== null) expect(Number.isSafeInteger(policy.maxAge)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a policy', () => {
  test('has an end, or lasts as long as the session', () => {
    const policy = new HSTSPolicy('Example.ORG.', 100, true)
    expect(policy).toMatchObject({
      domain: 'example.org',
      maxAge: 100,
      includesSubdomains: true,
      isSessionPolicy: false,
    })
    expect(policy.expires).toEqual(new Date(NOW + 100_000))
    expect(policy.isExpired).toBe(false)
    vi.advanceTimersByTime(100_000)
    expect(policy.isExpired).toBe(true)
    expect(new HSTSPolicy('example.org', HSTS_POLICY_MAX_AGE_PAST, false).isExpired).toBe(true)
    const session = HSTSPolicy.newSessionPolicy('example.org', false)
    expect(session).toMatchObject({ expires: null, isExpired: false, isSessionPolicy: true, maxAge: 0 })
  })

  test('is equal to one that says the same', () => {
    const expires = new Date(NOW + 1000)
    const policy = HSTSPolicy.newFull('example.org', 1, expires, true)
    expect(policy.equal(HSTSPolicy.newFull('EXAMPLE.org', 1, expires, true))).toBe(true)
    expect(policy.equal(HSTSPolicy.newFull('example.org', 2, expires, true))).toBe(false)
    expect(policy.equal(HSTSPolicy.newFull('example.org', 1, expires, false))).toBe(false)
    expect(policy.equal(HSTSPolicy.newFull('example.org', 1, null, true))).toBe(false)
    expect(policy.equal(HSTSPolicy.newFull('example.com', 1, expires, true))).toBe(false)
  })

  test('is for a host with a name, in Unicode', () => {
    expect(new HSTSPolicy('xn--bcher-kva.example', 1, false).domain).toBe('bücher.example')
    for (const domain of ['127.0.0.1', '::1', '', '.', 'a b', 'xn--iñvalid.com']) {
      expect(() => new HSTSPolicy(domain, 1, false)).toThrow(TypeError)
    }
  })

  test('comes from the first field of a response', () => {
    expect(HSTSPolicy.newFromResponse(answered('https://example.org/'))).toBe(null)
    const message = answered('https://example.org/', 'max-age=5', 'max-age=10; includeSubDomains')
    expect(HSTSPolicy.newFromResponse(message)).toMatchObject({ domain: 'example.org', maxAge: 5 })
    expect(HSTSPolicy.newFromResponse(answered('https://example.org/', 'nonsense', 'max-age=1'))).toBe(null)
    expect(HSTSPolicy.newFromResponse(answered('https://127.0.0.1/', 'max-age=1'))).toBe(null)
  })
})

describe('an enforcer', () => {
  test.each([
    ['http://example.org/a?b#c', 'https://example.org/a?b#c enforced'],
    ['http://EXAMPLE.org:80/', 'https://EXAMPLE.org/ enforced'],
    ['http://example.org:8080/', 'https://example.org:8080/ enforced'],
    ['http://example.org:443/', 'https://example.org/ enforced'],
    ['http://user:pass@example.org/', 'https://user:pass@example.org/ enforced'],
    ['http://www.example.org/', 'http://www.example.org/'],
    ['http://badexample.org/', 'http://badexample.org/'],
    ['http://a.sub.example/', 'https://a.sub.example/ enforced'],
    ['http://b.a.sub.example/', 'https://b.a.sub.example/ enforced'],
    ['http://xsub.example/', 'http://xsub.example/'],
    ['http://xn--bcher-kva.example/', 'https://xn--bcher-kva.example/ enforced'],
    ['https://example.org/', 'https://example.org/'],
    ['ws://example.org/', 'ws://example.org/'],
    ['http://127.0.0.1/', 'http://127.0.0.1/'],
  ])('has %s go to %s', (uri, target) => {
    const enforcer = new HSTSEnforcer()
    enforcer.setPolicy(new HSTSPolicy('example.org', 100, false))
    enforcer.setPolicy(new HSTSPolicy('sub.example', 100, true))
    enforcer.setPolicy(new HSTSPolicy('bücher.example', 100, false))
    expect(sent(enforcer, uri)).toBe(
      Uri.parse(target.split(' ')[0] ?? '', 0).toString() + (target.endsWith(' enforced') ? ' enforced' : ''),
    )
  })

  test('has messages that are restarted go there too', () => {
    const enforcer = new HSTSEnforcer()
    enforcer.setSessionPolicy('example.org', false)
    const message = new Message('GET', 'http://example.org/')
    enforcer.requestRestarted(message)
    expect(message.uri.scheme).toBe('https')
    expect(enforcer.isPersistent).toBe(false)
  })

  test('learns from responses over TLS, and from no others', () => {
    const enforcer = new HSTSEnforcer()
    enforcer.gotHeaders(answered('http://example.org/', 'max-age=100'))
    enforcer.gotHeaders(answered('https://127.0.0.1/', 'max-age=100'))
    enforcer.gotHeaders(answered('https://example.org/', 'nonsense'))
    expect(enforcer.getDomains(true)).toEqual([])
    enforcer.gotHeaders(answered('https://example.org/', 'max-age=100'))
    expect(enforcer.getDomains(false)).toEqual(['example.org'])
    expect(enforcer.hasValidPolicy('example.org')).toBe(true)
    expect(enforcer.hasValidPolicy('www.example.org')).toBe(false)
    enforcer.gotHeaders(answered('https://example.org/', 'max-age=0'))
    expect(enforcer.getDomains(false)).toEqual([])
  })

  test('believes nothing a server with a bad certificate says, and sends it nothing once it is known', () => {
    const enforcer = new HSTSEnforcer()
    const message = answered('https://example.org/', 'max-age=100')
    vi.spyOn(message, 'tlsPeerCertificateErrors', 'get').mockReturnValue(1)
    enforcer.gotHeaders(message)
    expect(enforcer.getDomains(false)).toEqual([])
    enforcer.requestStarting(message)
    enforcer.setPolicy(new HSTSPolicy('example.org', 100, false))
    expect(() => enforcer.requestStarting(message)).toThrow(expect.objectContaining({ code: 'BAD_CERTIFICATE' }))
  })

  test('forgets in time', () => {
    const enforcer = new HSTSEnforcer()
    enforcer.setPolicy(new HSTSPolicy('example.org', 100, true))
    vi.advanceTimersByTime(99_999)
    expect(sent(enforcer, 'http://a.example.org/')).toMatch(/^https/)
    vi.advanceTimersByTime(1)
    expect(sent(enforcer, 'http://a.example.org/')).toMatch(/^http:/)
    expect(enforcer.hasValidPolicy('example.org')).toBe(false)
  })

  test('tells of every change', () => {
    const enforcer = new HSTSEnforcer()
    const changes: string[] = []
    enforcer.on('changed', (before, after) => changes.push(`${before?.maxAge ?? '-'} ${after?.maxAge ?? '-'}`))
    enforcer.setPolicy(new HSTSPolicy('example.org', 1, false))
    enforcer.setPolicy(new HSTSPolicy('example.org', 1, false)) // the same
    enforcer.setPolicy(new HSTSPolicy('example.org', 2, false))
    enforcer.setPolicy(new HSTSPolicy('example.org', 0, false))
    enforcer.setPolicy(new HSTSPolicy('example.org', 0, false))
    expect(changes).toEqual(['- 1', '1 2', '2 -'])
  })

  test('keeps session policies beside others', () => {
    const enforcer = new HSTSEnforcer()
    enforcer.setSessionPolicy('example.org', true)
    enforcer.setPolicy(new HSTSPolicy('example.org', 100, false))
    expect(enforcer.getPolicies(false).map((policy) => policy.isSessionPolicy)).toEqual([false])
    expect(enforcer.getPolicies(true).map((policy) => policy.isSessionPolicy)).toEqual([false, true])
    enforcer.setPolicy(new HSTSPolicy('example.org', HSTS_POLICY_MAX_AGE_PAST, false))
    expect(sent(enforcer, 'http://www.example.org/')).toMatch(/^https/)
    expect(enforcer.hasValidPolicy('127.0.0.1')).toBe(false)
  })

  test('has room for so many policies, and takes it from the sites that have most', () => {
    const enforcer = new HSTSEnforcer({ maxPolicies: 10 })
    for (let i = 0; i < 5; i++) enforcer.setPolicy(new HSTSPolicy(`site${i}.example`, 1000, false))
    for (let i = 0; i < 100; i++) enforcer.setPolicy(new HSTSPolicy(`h${i}.greedy.example`, 100, false))
    const domains = enforcer.getDomains(false)
    expect(domains.length).toBe(10)
    expect(domains.slice(0, 5)).toEqual([0, 1, 2, 3, 4].map((i) => `site${i}.example`))
    expect(domains.at(-1)).toBe('h99.greedy.example')
    vi.advanceTimersByTime(100_000)
    enforcer.setPolicy(new HSTSPolicy('new.example', 1000, false))
    expect(enforcer.getDomains(false).length).toBe(6)
  })
})
