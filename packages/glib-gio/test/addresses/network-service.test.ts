import { describe, expect, it } from 'vitest'
import { InetAddress, NetworkService, Resolver, ResolverError, SrvTarget } from '@wpe-networking/glib-gio'
import type { ResolverRecords, ResolverRecordType, SocketAddressEnumerator, SrvRecord } from '@wpe-networking/glib-gio'
import { parseServices } from '../../src/addresses/service-ports.ts'

const srv = (hostname: string, priority: number, weight: number, port = 389): SrvRecord => ({
  hostname,
  priority,
  weight,
  port,
})

class ServiceResolver extends Resolver {
  readonly asked: string[] = []
  readonly #records: readonly SrvRecord[] | Error
  readonly #addresses: Readonly<Record<string, readonly string[]>>

  constructor(
    records: readonly SrvRecord[] | Error,
    addresses: Readonly<Record<string, readonly string[]>>,
    random = (): number => 0,
  ) {
    super({ random, watchedFiles: [] })
    this.#records = records
    this.#addresses = addresses
  }

  protected override async resolve(hostname: string): Promise<InetAddress[]> {
    this.asked.push(hostname)
    return (this.#addresses[hostname] ?? []).map((text) => InetAddress.fromString(text)!)
  }

  protected override async resolveRecords<Type extends ResolverRecordType>(
    name: string,
  ): Promise<ResolverRecords[Type][]> {
    this.asked.push(name)
    if (this.#records instanceof Error) throw this.#records
    return this.#records as unknown as ResolverRecords[Type][]
  }
}

async function all(enumerator: SocketAddressEnumerator): Promise<string[]> {
  const found: string[] = []
  for (let next = await enumerator.next(); next; next = await enumerator.next()) found.push(String(next))
  return found
}

const ldap = (): NetworkService => new NetworkService('ldap', 'tcp', 'example.test')

describe('NetworkService', () => {
  it('gives all addresses of one host after those of the other', async () => {
    const resolver = new ServiceResolver([srv('b.test', 20, 0, 1390), srv('a.test', 10, 0)], {
      'a.test': ['192.0.2.1', '2001:db8::1', '192.0.2.2'],
      'b.test': ['192.0.2.3'],
    })
    expect(await all(ldap().enumerate({ resolver }))).toEqual([
      '192.0.2.1:389',
      '[2001:db8::1]:389',
      '192.0.2.2:389',
      '192.0.2.3:1390',
    ])
    expect(resolver.asked).toEqual(['_ldap._tcp.example.test', 'a.test', 'b.test'])
  })

  it('passes over hosts without an address', async () => {
    const resolver = new ServiceResolver([srv('no.test', 1, 0), srv('a.test', 2, 0), srv('none.test', 3, 0)], {
      'a.test': ['192.0.2.1'],
    })
    expect(await all(ldap().enumerate({ resolver }))).toEqual(['192.0.2.1:389'])
  })

  it('throws the first error when no host has an address', async () => {
    const resolver = new ServiceResolver([srv('no.test', 1, 0), srv('none.test', 2, 0)], {})
    await expect(ldap().enumerate({ resolver }).next()).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'The host "no.test" was not found.',
    })
  })

  it('tries the domain itself where there are no SRV records, at the port of the service', async () => {
    const resolver = new ServiceResolver([], { 'example.test': ['192.0.2.1'] })
    expect(await all(ldap().enumerate({ resolver }))).toEqual(['192.0.2.1:389'])
    await expect(
      new NetworkService('no-such-service', 'tcp', 'example.test').enumerate({ resolver }).next(),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('tries nothing where the domain says that it has no such service', async () => {
    const resolver = new ServiceResolver([srv('.', 0, 0, 0)], { 'example.test': ['192.0.2.1'] })
    await expect(ldap().enumerate({ resolver }).next()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(resolver.asked).toEqual(['_ldap._tcp.example.test'])
  })

  it('tries nothing else when nobody can say', async () => {
    const failure = new ResolverError('TEMPORARY_FAILURE', 'No server can be reached.')
    const resolver = new ServiceResolver(failure, { 'example.test': ['192.0.2.1'] })
    await expect(ldap().enumerate({ resolver }).next()).rejects.toBe(failure)
  })

  it('is cancelled in the middle', async () => {
    const resolver = new ServiceResolver([srv('a.test', 1, 0), srv('b.test', 2, 0)], {
      'a.test': ['192.0.2.1'],
      'b.test': ['192.0.2.2'],
    })
    const enumerator = ldap().enumerate({ resolver })
    await enumerator.next()
    await expect(enumerator.next({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('no more than 16 hosts are tried', async () => {
    const records = Array.from({ length: 100 }, (_, i) => srv(`h${i}.test`, i, 0))
    const resolver = new ServiceResolver(records, {})
    await expect(ldap().enumerate({ resolver }).next()).rejects.toThrow()
    expect(resolver.asked).toHaveLength(17)
  })

  it('goes through proxies for its scheme, host by host', async () => {
    const asked: string[] = []
    const service = new NetworkService('http', 'tcp', 'example.test')
    const resolver = new ServiceResolver([srv('a.test', 1, 0, 8080)], { 'p.test': ['192.0.2.9'] })
    const proxyResolver = {
      isSupported: true,
      lookup: async (uri: string) => {
        asked.push(uri)
        return ['http://p.test:3128']
      },
    }
    expect(await all(service.proxyEnumerate({ resolver, proxyResolver }))).toEqual(['192.0.2.9:3128'])
    service.scheme = 'x-http'
    await all(service.proxyEnumerate({ resolver, proxyResolver }))
    expect(asked).toEqual(['http://a.test:8080', 'x-http://a.test:8080'])
  })

  it('has a scheme of its own only when one is set', () => {
    const service = ldap()
    expect([service.scheme, String(service)]).toEqual(['ldap', '_ldap._tcp.example.test'])
    service.scheme = 'ldaps'
    expect(service.scheme).toBe('ldaps')
    service.scheme = null
    expect(service.scheme).toBe('ldap')
  })
})

describe('SrvTarget.listSort', () => {
  const targets = [new SrvTarget('c', 1, 2, 0), new SrvTarget('a', 1, 1, 10), new SrvTarget('b', 1, 1, 30)]
  const sorted = (random: () => number): string =>
    SrvTarget.listSort([...targets, new SrvTarget('z', 1, 1, 0)], random)
      .map(({ hostname }) => hostname)
      .join('')

  it('orders by priority, and by lot within one (RFC 2782)', () => {
    expect(sorted(() => 0)).toBe('zabc')
    expect(sorted(() => 0.2)).toBe('abzc')
    expect(sorted(() => 0.999)).toBe('bazc')
  })

  it('draws in proportion to the weights', () => {
    let state = 1
    const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647
    let first = 0
    for (let i = 0; i < 10_000; i++) if (SrvTarget.listSort(targets, random)[0]?.hostname === 'b') first++
    expect(first / 10_000).toBeCloseTo(30 / 41, 1)
  })

  it('loses nobody and leaves its argument alone', () => {
    const copy = [...targets]
    expect(new Set(SrvTarget.listSort(targets))).toEqual(new Set(copy))
    expect(targets).toEqual(copy)
    expect(SrvTarget.listSort([])).toEqual([])
    expect(SrvTarget.listSort([new SrvTarget('.', 0, 0, 0)])).toEqual([])
  })
})

it('/etc/services is read as getservbyname(3) does', () => {
  const text = '# remark\nhttp\t\t80/tcp\twww www-http # WorldWideWeb\nsyslog 514/udp\nbad 99999/tcp\nhttp 81/tcp\nx\n'
  expect([...parseServices(text)]).toEqual([
    ['http', 80],
    ['www', 80],
    ['www-http', 80],
  ])
})
