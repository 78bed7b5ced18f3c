import { afterEach, describe, expect, it, vi } from 'vitest'
import { NetworkAddress, Resolver, ResolverError, ResolverNameLookupFlags } from '@wpe-networking/glib-gio'
import { FakeResolver } from './fake-resolver.ts'

const nodeError = (code: string): Error => Object.assign(new Error(`getaddrinfo ${code}`), { code })
const texts = (addresses: readonly object[]): string[] => addresses.map(String)

afterEach(() => {
  Resolver.setDefault(null)
  vi.useRealTimers()
})

describe('Resolver', () => {
  it('answers IP addresses and localhost without asking', async () => {
    const resolver = new FakeResolver({})
    expect(texts(await resolver.lookupByName('192.0.2.1'))).toEqual(['192.0.2.1'])
    expect(texts(await resolver.lookupByName('::1'))).toEqual(['::1'])
    for (const name of ['localhost', 'LOCALHOST.', 'a.b.localhost']) {
      expect(texts(await resolver.lookupByName(name))).toEqual(['::1', '127.0.0.1'])
    }
    const { IPV4_ONLY, IPV6_ONLY } = ResolverNameLookupFlags
    expect(texts(await resolver.lookupByName('localhost', { flags: IPV4_ONLY }))).toEqual(['127.0.0.1'])
    await expect(resolver.lookupByName('192.0.2.1', { flags: IPV6_ONLY })).rejects.toThrow(ResolverError)
    expect(resolver.asked).toEqual([])
  })

  it.each(['', '127.1', '0x7f000001', '2130706433', 'a\0b', 'a b', `${'a.'.repeat(128)}`, 'xn--a\u00fc.\u0000'])(
    'says NOT_FOUND for %j without asking',
    async (name) => {
      const resolver = new FakeResolver({})
      await expect(resolver.lookupByName(name)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      expect(resolver.asked).toEqual([])
    },
  )

  it('asks for internationalised names in ASCII and lower case', async () => {
    const resolver = new FakeResolver({ 'xn--bcher-kva.example': ['192.0.2.7'] })
    expect(texts(await resolver.lookupByName('B\u00fccher.Example'))).toEqual(['192.0.2.7'])
  })

  it('asks once for what is wanted many times at once, and keeps the answer', async () => {
    const resolver = new FakeResolver({ 'a.example': ['192.0.2.1'] })
    const [one, two] = await Promise.all([resolver.lookupByName('a.example'), resolver.lookupByName('A.example')])
    expect(resolver.asked).toEqual(['a.example'])
    expect(one).not.toBe(two) // callers own their arrays
    await resolver.lookupByName('a.example', { flags: ResolverNameLookupFlags.IPV4_ONLY })
    await resolver.lookupByName('a.example')
    expect(resolver.asked).toEqual(['a.example', 'a.example 1'])
  })

  it('lets one of several waiters go without disturbing the others', async () => {
    const answer = Promise.withResolvers<string[]>()
    const resolver = new FakeResolver({ 'slow.example': answer.promise })
    const abort = new AbortController()
    const aborted = resolver.lookupByName('slow.example', { signal: abort.signal })
    const other = resolver.lookupByName('slow.example')
    abort.abort(new Error('left'))
    await expect(aborted).rejects.toMatchObject({
      domain: 'g-io-error-quark',
      code: 'CANCELLED',
      cause: expect.objectContaining({ message: 'left' }) as unknown,
    })
    answer.resolve(['192.0.2.1'])
    expect(texts(await other)).toEqual(['192.0.2.1'])
  })

  it('does not begin when aborted before', async () => {
    const resolver = new FakeResolver({ 'a.example': ['192.0.2.1'] })
    await expect(resolver.lookupByName('a.example', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    expect(resolver.asked).toEqual([])
  })

  it('waits no longer than its timeout', async () => {
    const resolver = new FakeResolver({ 'slow.example': new Promise(() => undefined) })
    resolver.timeout = 1
    await expect(resolver.lookupByName('slow.example')).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: 'Looking up the host "slow.example" took too long.',
    })
  })

  it.each([
    ['ENOTFOUND', 'NOT_FOUND', 'The host "x.example" was not found.'],
    ['EAI_AGAIN', 'TEMPORARY_FAILURE', 'The host "x.example" cannot be looked up at the moment.'],
    ['EAI_FAIL', 'INTERNAL', 'Looking up the host "x.example" failed.'],
  ])('turns %s into %s', async (nodeCode, code, message) => {
    const cause = nodeError(nodeCode)
    const resolver = new FakeResolver({ 'x.example': cause })
    const error = resolver.lookupByName('x.example')
    await expect(error).rejects.toMatchObject({ domain: 'g-resolver-error-quark', code, message, cause })
  })

  it('says PERMISSION_DENIED where the process may not ask', async () => {
    const resolver = new FakeResolver({ 'x.example': nodeError('ERR_ACCESS_DENIED') })
    await expect(resolver.lookupByName('x.example')).rejects.toMatchObject({
      domain: 'g-io-error-quark',
      code: 'PERMISSION_DENIED',
    })
  })

  it('asks the system for names, by way of the default resolver', async () => {
    // RFC 6761 section 6.4: nobody resolves .invalid; a machine without name servers says it cannot tell.
    await expect(Resolver.getDefault().lookupByName('no-such-host.invalid')).rejects.toMatchObject({
      domain: 'g-resolver-error-quark',
      code: expect.stringMatching(/^(NOT_FOUND|TEMPORARY_FAILURE)$/) as string,
    })
    const fake = new FakeResolver({})
    Resolver.setDefault(fake)
    expect(Resolver.getDefault()).toBe(fake)
  })
})

describe('NetworkAddress', () => {
  it.each([
    ['v6 first', ['2001:db8::1', '2001:db8::2', '2001:db8::3', '192.0.2.1'], ['6', '4', '6', '6']],
    ['v4 first', ['192.0.2.1', '192.0.2.2', '2001:db8::1'], ['4', '6', '4']],
    ['one family', ['192.0.2.1', '192.0.2.2'], ['4', '4']],
  ])('gives the families in turn: %s (RFC 8305 section 4)', async (_, addresses, families) => {
    const resolver = new FakeResolver({ 'h.example': addresses })
    const enumerator = new NetworkAddress('h.example', 80).enumerate({ resolver })
    const found: string[] = []
    for (let next = await enumerator.next(); next; next = await enumerator.next()) found.push(String(next))
    expect(found.map((address) => (address.startsWith('[') ? '6' : '4'))).toEqual(families)
    expect(new Set(found).size).toBe(addresses.length)
    expect(resolver.asked).toEqual(['h.example'])
  })

  it('gives no more than 64 of the addresses of a name that has thousands', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => `127.0.${index >> 8}.${index & 255}`)
    const enumerator = new NetworkAddress('h.example', 80).enumerate({
      resolver: new FakeResolver({ 'h.example': many }),
    })
    let count = 0
    while (await enumerator.next()) count++
    expect(count).toBe(64)
  })

  it('uses the default resolver when none is given', async () => {
    Resolver.setDefault(new FakeResolver({ 'h.example': ['192.0.2.1'] }))
    expect(String(await new NetworkAddress('h.example', 80).enumerate().next())).toBe('192.0.2.1:80')
  })
})
