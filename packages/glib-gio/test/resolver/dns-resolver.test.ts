// DnsResolver against dnsmasq: the records of real zones, with their TTLs.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  DnsResolver,
  InetAddress,
  NetworkService,
  ResolverNameLookupFlags,
  ResolverRecordType,
} from '@wpe-networking/glib-gio'
import type { DnsResolverOptions } from '@wpe-networking/glib-gio'
import { hasDnsmasq, startDnsmasq, withDnsmasq } from '@wpe-networking/test-support'
import type { Dnsmasq } from '@wpe-networking/test-support'

const installed = hasDnsmasq()
/** HTTPS record of RFC 9460: priority 1, target '.', alpn h2 and h3, port 8443, ipv4hint 192.0.2.1, ipv6hint 2001:db8::1. */
const HTTPS_RDATA = [
  '0001',
  '00',
  '0001 0006 026832 026833',
  '0003 0002 20fb',
  '0004 0004 c0000201',
  '0006 0010 20010db8000000000000000000000001',
]
const many = Array.from({ length: 200 }, (_, index) => `--host-record=big.test,198.51.100.${index + 1},300`)

const RECORDS = [
  '--local=/test/',
  '--host-record=h.test,192.0.2.1,2001:db8::1,60',
  '--host-record=v4.test,192.0.2.4,100',
  '--address=/wild.test/192.0.2.77',
  '--cname=alias.test,h.test,30',
  '--cname=alias2.test,alias.test,20',
  '--srv-host=_imap._tcp.test,mail1.test,143,10,60',
  '--srv-host=_imap._tcp.test,mail2.test,143,20,0',
  '--host-record=mail2.test,192.0.2.20,60',
  '--mx-host=test,mail1.test,5',
  '--txt-record=t.test,one,two words',
  `--dns-rr=web.test,65,${HTTPS_RDATA.join('').replaceAll(' ', '')}`,
  '--host-record=inner.search.test,192.0.2.50,60',
  ...many,
]

describe.skipIf(!installed)('DnsResolver', () => {
  let server: Dnsmasq
  beforeAll(async () => {
    server = await startDnsmasq(RECORDS)
  })
  afterAll(() => server?.close())

  const resolverFor = (options: DnsResolverOptions = {}): DnsResolver =>
    new DnsResolver({ servers: [`127.0.0.1:${server.port}`], ...options })
  const names = async (hostname: string, options: DnsResolverOptions = {}, flags = 0): Promise<string[]> =>
    (await resolverFor(options).lookupByName(hostname, { flags })).map(String)

  it('finds the addresses of a name, IPv6 first', async () => {
    expect(await names('H.test')).toEqual(['2001:db8::1', '192.0.2.1'])
    expect(await names('h.test', {}, ResolverNameLookupFlags.IPV4_ONLY)).toEqual(['192.0.2.1'])
    expect(await names('h.test', {}, ResolverNameLookupFlags.IPV6_ONLY)).toEqual(['2001:db8::1'])
    expect(await names('v4.test')).toEqual(['192.0.2.4'])
    expect(
      (await resolverFor().lookupByNameWithFlags('h.test', ResolverNameLookupFlags.IPV4_ONLY)).map(String),
    ).toEqual(['192.0.2.1'])
  })

  it('follows aliases', async () => {
    expect(await names('alias2.test')).toEqual(['2001:db8::1', '192.0.2.1'])
  })

  it('says NOT_FOUND for a name that does not exist, and for one without addresses', async () => {
    await expect(names('nope.test')).rejects.toMatchObject({
      domain: 'g-resolver-error-quark',
      code: 'NOT_FOUND',
      message: 'The host "nope.test" was not found.',
    })
    await expect(names('t.test')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('gets an answer that does not fit into a datagram over TCP', async () => {
    const found = await names('big.test', {}, ResolverNameLookupFlags.IPV4_ONLY)
    expect(found).toHaveLength(200)
    expect(await names('h.test', { useTcp: true })).toHaveLength(2)
  })

  it('puts search domains behind short names, and leaves alone what ends in a dot', async () => {
    expect(await names('inner', { search: ['nowhere.test', 'search.test'] })).toEqual(['192.0.2.50'])
    expect(await names('h.test', { search: ['search.test'] })).toHaveLength(2)
    await expect(names('inner.', { search: ['search.test'], attempts: 1 })).rejects.toMatchObject({
      domain: 'g-resolver-error-quark',
    })
  })

  it('finds the name of an address', async () => {
    const resolver = resolverFor()
    expect(await resolver.lookupByAddress(InetAddress.fromBytes(Uint8Array.of(192, 0, 2, 1)))).toBe('h.test')
    expect(await resolver.lookupByAddress(InetAddress.fromString('2001:db8::1')!)).toBe('h.test')
  })

  it('finds services in the order of their priorities', async () => {
    const targets = await resolverFor().lookupService('imap', 'tcp', 'test')
    expect(targets.map(({ hostname, port, priority, weight }) => ({ hostname, port, priority, weight }))).toEqual([
      { hostname: 'mail1.test', port: 143, priority: 10, weight: 60 },
      { hostname: 'mail2.test', port: 143, priority: 20, weight: 0 },
    ])
    await expect(resolverFor().lookupService('smtp', 'tcp', 'test')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'The name "_smtp._tcp.test" has no record of this kind.',
    })
  })

  it('is what NetworkService finds the addresses of a service with', async () => {
    const enumerator = new NetworkService('imap', 'tcp', 'test').enumerate({ resolver: resolverFor() })
    // The host that comes first has no address.
    expect(String(await enumerator.next())).toBe('192.0.2.20:143')
    expect(await enumerator.next()).toBeNull()
  })

  it('finds many more names at once than it asks for at a time', async () => {
    const resolver = resolverFor()
    const found = Array.from({ length: 300 }, (_, i) =>
      resolver.lookupByName(`n${i}.wild.test`, { flags: ResolverNameLookupFlags.IPV4_ONLY }),
    )
    expect(new Set((await Promise.all(found)).flat().map(String))).toEqual(new Set(['192.0.2.77']))
  })

  it('finds MX and TXT records', async () => {
    const resolver = resolverFor()
    expect(await resolver.lookupRecords('test', ResolverRecordType.MX)).toEqual([
      { preference: 5, hostname: 'mail1.test' },
    ])
    expect(await resolver.lookupRecords('T.test.', ResolverRecordType.TXT)).toEqual([
      { contents: ['one', 'two words'] },
    ])
  })

  it('finds and reads HTTPS records (RFC 9460)', async () => {
    const [record] = await resolverFor().lookupRecords('web.test', ResolverRecordType.HTTPS)
    expect(record).toMatchObject({
      priority: 1,
      targetName: '.',
      alpn: ['h2', 'h3'],
      noDefaultAlpn: false,
      port: 8443,
      ech: null,
    })
    expect(record?.ipv4Hint.map(String)).toEqual(['192.0.2.1'])
    expect(record?.ipv6Hint.map(String)).toEqual(['2001:db8::1'])
  })
})

describe.skipIf(!installed)('what DnsResolver keeps', () => {
  /** A zone of its own: answers with SOA records in them, which say how long a "no" holds. */
  const ZONE = [
    '--auth-server=ns.zone.test,127.0.0.1',
    '--auth-zone=zone.test',
    '--auth-ttl=77',
    '--auth-soa=2024010101,hostmaster.zone.test,1200,120,604800',
    '--host-record=h.zone.test,192.0.2.1',
  ]

  it('is kept for its TTL, and a "no" for as long as the SOA record says', async () => {
    let now = 0
    const queries = await withDnsmasq(ZONE, async (zone) => {
      const resolver = new DnsResolver({ servers: [`127.0.0.1:${zone.port}`], clock: () => now })
      const flags = ResolverNameLookupFlags.IPV4_ONLY
      const ask = async (): Promise<void> => {
        await resolver.lookupByName('h.zone.test', { flags })
        await expect(resolver.lookupByName('no.zone.test', { flags })).rejects.toMatchObject({ code: 'NOT_FOUND' })
      }
      await ask()
      now = 76_999
      await ask()
      now = 77_000
      await ask()
      return zone.queries
    })
    expect(queries).toEqual(['A h.zone.test', 'A no.zone.test', 'A h.zone.test', 'A no.zone.test'])
  })

  it('tells of a zone who serves it', async () => {
    await withDnsmasq(ZONE, async (zone) => {
      const resolver = new DnsResolver({ servers: [`127.0.0.1:${zone.port}`] })
      expect(await resolver.lookupRecords('zone.test', ResolverRecordType.NS)).toEqual([{ hostname: 'ns.zone.test' }])
      expect(await resolver.lookupRecords('zone.test', ResolverRecordType.SOA)).toEqual([
        {
          primaryNs: 'ns.zone.test',
          administrator: 'hostmaster.zone.test',
          serial: 2024010101,
          refresh: 1200,
          retry: 120,
          expire: 604800,
          ttl: 77,
        },
      ])
    })
  })
})
