// DnsResolver against servers that fail, lie, stall and send garbage.

import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { DnsResolver, InetAddress, ResolverNameLookupFlags, ResolverRecordType } from '@wpe-networking/glib-gio'
import type { DnsResolverOptions } from '@wpe-networking/glib-gio'
import { startDnsServer } from '@wpe-networking/test-support'
import type { AnswerDnsQuery, RawDnsServer } from '@wpe-networking/test-support'
import { a, cname, hasEdns, questionOf, RCODE, reply, soa } from './dns-packets.ts'

const flags = ResolverNameLookupFlags.IPV4_ONLY
const good: AnswerDnsQuery = (query) => reply(query, { answers: [a('h.test', '192.0.2.1')] })

async function serve(answer: AnswerDnsQuery): Promise<RawDnsServer> {
  const server = await startDnsServer(answer)
  onTestFinished(() => server.close())
  return server
}

const resolverFor = (servers: readonly RawDnsServer[], options: DnsResolverOptions = {}): DnsResolver =>
  new DnsResolver({ servers: servers.map(({ port }) => `127.0.0.1:${port}`), attempts: 1, ...options })

async function addressesFrom(answer: AnswerDnsQuery, options: DnsResolverOptions = {}): Promise<string[]> {
  return (await resolverFor([await serve(answer)], options).lookupByName('h.test', { flags })).map(String)
}

describe('A DNS server that fails', () => {
  it.each(['SERVFAIL', 'REFUSED', 'NOTIMP'] as const)('with %s gives way to the next', async (name) => {
    const broken = await serve((query) => reply(query, { rcode: RCODE[name] }))
    const working = await serve(good)
    expect((await resolverFor([broken, working]).lookupByName('h.test', { flags })).map(String)).toEqual(['192.0.2.1'])
  })

  it('is TEMPORARY_FAILURE when there is no other, with the reason as cause, and is not remembered', async () => {
    let healthy = false
    const server = await serve((query, protocol) =>
      healthy ? good(query, protocol) : reply(query, { rcode: RCODE.SERVFAIL }),
    )
    const resolver = resolverFor([server])
    await expect(resolver.lookupByName('h.test', { flags })).rejects.toMatchObject({
      domain: 'g-resolver-error-quark',
      code: 'TEMPORARY_FAILURE',
      message: 'The host "h.test" cannot be looked up at the moment.',
      cause: expect.objectContaining({ message: 'The DNS server 127.0.0.1 gave no answer but SERVFAIL.' }) as unknown,
    })
    healthy = true
    expect(await resolver.lookupByName('h.test', { flags })).toHaveLength(1)
  })

  it('by silence is asked as often as it was said', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const server = await serve(() => {
      vi.advanceTimersByTime(5000) // so much later, still without an answer
      return null
    })
    await expect(resolverFor([server], { attempts: 3 }).lookupByName('h.test', { flags })).rejects.toMatchObject({
      code: 'TEMPORARY_FAILURE',
      cause: expect.objectContaining({
        code: 'TIMED_OUT',
        message: 'The DNS server 127.0.0.1 did not answer within 5000 ms.',
      }) as unknown,
    })
    expect(server.protocols).toEqual(['udp', 'udp', 'udp'])
  })

  it('by not being there gives way at once', async () => {
    const gone = await startDnsServer(good)
    await gone.close()
    const working = await serve(good)
    expect(await resolverFor([gone, working]).lookupByName('h.test', { flags })).toHaveLength(1)
  })

  it('on one family does not spoil the other, but half an answer is not kept', async () => {
    const server = await serve((query, protocol) =>
      questionOf(query).startsWith('AAAA') ? reply(query, { rcode: RCODE.SERVFAIL }) : good(query, protocol),
    )
    const resolver = resolverFor([server])
    expect((await resolver.lookupByName('h.test')).map(String)).toEqual(['192.0.2.1'])
    await resolver.lookupByName('h.test')
    expect(server.protocols).toHaveLength(4)
  })

  it.each([
    ['FORMERR', { rcode: RCODE.FORMERR }],
    ['NOTIMP', { rcode: RCODE.NOTIMP }],
    ['BADVERS', { extendedRcode: 1 }],
  ])('with %s because it does not know EDNS is asked without', async (_, refusal) => {
    const asked: boolean[] = []
    const found = await addressesFrom((query, protocol) => {
      asked.push(hasEdns(query))
      return hasEdns(query) ? reply(query, refusal) : good(query, protocol)
    })
    expect(found).toEqual(['192.0.2.1'])
    expect(asked).toEqual([true, false])
  })
})

describe('Truncation', () => {
  it('leads to the same question over TCP', async () => {
    const server = await serve((query, protocol) =>
      protocol === 'udp' ? reply(query, { truncated: true }) : good(query, protocol),
    )
    expect(await resolverFor([server]).lookupByName('h.test', { flags })).toHaveLength(1)
    expect(server.protocols).toEqual(['udp', 'tcp'])
  })

  it('over TCP too is no answer', async () => {
    await expect(addressesFrom((query) => reply(query, { truncated: true }))).rejects.toMatchObject({
      code: 'TEMPORARY_FAILURE',
    })
  })

  it.each([
    ['another question', (query: Buffer) => reply(query, { question: { name: 'x.test', type: 'A' } })],
    ['garbage', (query: Buffer) => Buffer.concat([query.subarray(0, 2), Buffer.from([0x80, 0, 0, 9, 0, 9])])],
    ['nothing', () => Buffer.alloc(0)],
  ])('with %s over TCP is no answer', async (_, answer) => {
    await expect(
      addressesFrom((query, protocol) => (protocol === 'udp' ? reply(query, { truncated: true }) : answer(query))),
    ).rejects.toMatchObject({ code: 'TEMPORARY_FAILURE' })
  })
})

describe('An answer that somebody else sent', () => {
  const forged = a('h.test', '203.0.113.66')
  it.each<[string, (query: Buffer) => Buffer]>([
    ['with another id', (query: Buffer) => reply(query, { id: query.readUInt16BE(0) ^ 1, answers: [forged] })],
    [
      'to another name',
      (query: Buffer) => reply(query, { question: { name: 'x.test', type: 'A' }, answers: [forged] }),
    ],
    [
      'to another type',
      (query: Buffer) => reply(query, { question: { name: 'h.test', type: 'TXT' }, answers: [forged] }),
    ],
    ['to no question', (query: Buffer) => reply(query, { question: null, answers: [forged] })],
    ['to no question, that there is no such name', (query) => reply(query, { rcode: RCODE.NXDOMAIN, question: null })],
    ['that is a query', (query: Buffer) => query],
    ['that is too short', (query: Buffer) => query.subarray(0, 5)],
  ])('%s is not taken, and the right one is waited for', async (_, forge) => {
    const found = await addressesFrom((query, protocol) => [forge(query), good(query, protocol) as Buffer])
    expect(found).toEqual(['192.0.2.1'])
  })

  it('a hundred times over ends the question', async () => {
    await expect(
      addressesFrom((query) =>
        Array.from({ length: 100 }, () => reply(query, { id: query.readUInt16BE(0) ^ 1, answers: [forged] })),
      ),
    ).rejects.toMatchObject({ cause: expect.objectContaining({ code: 'INVALID_DATA' }) as unknown })
  })

  it('is not taken for names that were not asked about', async () => {
    await expect(
      addressesFrom((query) => reply(query, { answers: [a('evil.test', '203.0.113.66')] })),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('Garbage', () => {
  it.each([
    ['a name that points at itself', Buffer.from('c00c00010001', 'hex')],
    ['a record that ends too early', Buffer.from('c00c000100010000003c0004c0', 'hex')],
    ['an address of five bytes', Buffer.from('c00c000100010000003c0005c000020101', 'hex')],
    ['a mail host that ends before its record', Buffer.from('c00c000f00010000003c0006000101610000', 'hex')],
    ['more text than there is', Buffer.from('c00c001000010000003c0005ff4142', 'hex')],
  ])('with %s gives way to the next server', async (_, record) => {
    const broken = await serve((query) => {
      const message = reply(query)
      message.writeUInt16BE(1, 6) // one answer
      return Buffer.concat([message, record])
    })
    const working = await serve(good)
    expect(await resolverFor([broken, working]).lookupByName('h.test', { flags })).toHaveLength(1)
  })

  it('in the shape of more records than anyone needs is not decoded', async () => {
    await expect(
      addressesFrom((query) => {
        const message = reply(query)
        message.writeUInt16BE(60_000, 6)
        return message
      }),
    ).rejects.toMatchObject({
      cause: expect.objectContaining({ message: 'The DNS answer has too many records.' }) as unknown,
    })
  })

  it('in names does not reach the caller', async () => {
    const server = await serve((query) =>
      reply(query, {
        answers: [
          { type: 'PTR', name: '1.2.0.192.in-addr.arpa', data: 'a"\r\nSet-Cookie: x.test', ttl: 1 },
          { type: 'MX', name: 'h.test', data: { preference: 1, exchange: '<script>.test' }, ttl: 1 },
        ],
      }),
    )
    const resolver = resolverFor([server])
    await expect(resolver.lookupByAddress(InetAddress.fromString('192.0.2.1')!)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await expect(resolver.lookupRecords('h.test', ResolverRecordType.MX)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('Aliases', () => {
  it('are asked for where the answer does not have their end', async () => {
    const asked: string[] = []
    const found = await addressesFrom((query) => {
      asked.push(questionOf(query))
      return questionOf(query) === 'A h.test'
        ? reply(query, { answers: [cname('h.test', 'Far.test')] })
        : reply(query, { answers: [a('far.test', '192.0.2.9')] })
    })
    expect(found).toEqual(['192.0.2.9'])
    expect(asked).toEqual(['A h.test', 'A far.test'])
  })

  it.each([
    ['in one answer', [cname('h.test', 'b.test'), cname('b.test', 'h.test')]],
    ['to itself', [cname('h.test', 'h.test')]],
  ])('that lead in a circle %s are TEMPORARY_FAILURE', async (_, answers) => {
    await expect(addressesFrom((query) => reply(query, { answers }))).rejects.toMatchObject({
      code: 'TEMPORARY_FAILURE',
      cause: expect.objectContaining({ message: 'The aliases of this name lead nowhere.' }) as unknown,
    })
  })

  it('without end are followed sixteen times', async () => {
    let count = 0
    await expect(
      addressesFrom((query) => {
        const name = questionOf(query).slice(2)
        return reply(query, { answers: [cname(name, `n${++count}.test`)] })
      }),
    ).rejects.toMatchObject({ code: 'TEMPORARY_FAILURE' })
    expect(count).toBe(17)
  })
})

describe('How long an answer is kept', () => {
  async function keptFor(answer: AnswerDnsQuery): Promise<number> {
    let now = 0
    const server = await serve(answer)
    const resolver = resolverFor([server], { clock: () => now })
    const ask = (): Promise<unknown> => resolver.lookupByName('h.test', { flags }).catch(() => null)
    await ask()
    const isKeptAt = async (seconds: number): Promise<boolean> => {
      now = seconds * 1000
      const before = server.protocols.length
      await ask()
      return server.protocols.length === before
    }
    for (const seconds of [1, 9, 10, 29, 30, 59, 60, 10_799, 10_800, 86_399, 86_400]) {
      if (!(await isKeptAt(seconds))) return seconds
    }
    return Infinity
  }

  const no = (rcode: number, ttl: number, minimum: number): AnswerDnsQuery => {
    return (query) => reply(query, { rcode, authorities: [soa('test', ttl, minimum)] })
  }
  it.each<[string, AnswerDnsQuery, number]>([
    ['its TTL', (query) => reply(query, { answers: [a('h.test', '192.0.2.1', 30)] }), 30],
    [
      'the least of several',
      (query) => reply(query, { answers: [a('h.test', '192.0.2.1', 30), a('h.test', '192.0.2.2', 10)] }),
      10,
    ],
    [
      'the TTL of its alias',
      (query) => reply(query, { answers: [cname('h.test', 'b.test', 10), a('b.test', '192.0.2.1', 60)] }),
      10,
    ],
    ['not at all with TTL 0', (query) => reply(query, { answers: [a('h.test', '192.0.2.1', 0)] }), 1],
    [
      'not at all with a TTL that has the sign bit',
      (query) => reply(query, { answers: [a('h.test', '192.0.2.1', 0x80000000)] }),
      1,
    ],
    ['a day at most', (query) => reply(query, { answers: [a('h.test', '192.0.2.1', 1e9)] }), 86_400],
    ['as NXDOMAIN for the minimum of the SOA record', no(RCODE.NXDOMAIN, 60, 30), 30],
    ['as NXDOMAIN for the TTL of the SOA record', no(RCODE.NXDOMAIN, 10, 30), 10],
    ['as "no such record" likewise', no(0, 60, 30), 30],
    ['as a "no" for three hours at most', no(RCODE.NXDOMAIN, 1e6, 1e6), 10_800],
    ['as a "no" without SOA not at all', (query) => reply(query, { rcode: RCODE.NXDOMAIN }), 1],
    ['as a failure not at all', (query) => reply(query, { rcode: RCODE.SERVFAIL }), 1],
  ])('%s', async (_, answer, seconds) => {
    expect(await keptFor(answer)).toBe(seconds)
  })
})

describe('Who waits', () => {
  it('shares one question, and the last who leaves ends it', async () => {
    const arrived = Promise.withResolvers<void>()
    const server = await serve(() => {
      arrived.resolve()
      return null
    })
    const resolver = resolverFor([server], { serverTimeout: 20_000 })
    const handles = (): number => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length
    const [one, two] = [new AbortController(), new AbortController()]
    const waiting = [one, two].map(({ signal }) => resolver.lookupByName('h.test', { flags, signal }))
    await arrived.promise
    const asking = handles()
    one.abort()
    await expect(waiting[0]).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(handles()).toBe(asking)
    two.abort()
    await expect(waiting[1]).rejects.toMatchObject({ code: 'CANCELLED' })
    await vi.waitFor(() => expect(handles()).toBe(asking - 1))
  })

  it('waits no longer than the timeout of the resolver', async () => {
    const resolver = resolverFor([await serve(() => null)], { timeout: 20 })
    await expect(resolver.lookupByName('h.test')).rejects.toMatchObject({
      domain: 'g-io-error-quark',
      code: 'TIMED_OUT',
    })
  })
})
