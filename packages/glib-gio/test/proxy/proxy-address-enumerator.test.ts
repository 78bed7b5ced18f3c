import { describe, expect, it } from 'vitest'
import {
  InetSocketAddress,
  NetworkAddress,
  PacProxyResolver,
  ProxyAddress,
  ProxyAddressEnumerator,
  ProxyResolver,
  SimpleProxyResolver,
  SocketClient,
  UnixSocketAddress,
} from '@wpe-networking/glib-gio'
import type { SocketAddressEnumerator } from '@wpe-networking/glib-gio'
import { withRawServer, withSocksServer } from '@wpe-networking/test-support'
import { FakeResolver } from '../resolver/fake-resolver.ts'

async function all(enumerator: SocketAddressEnumerator): Promise<string[]> {
  const found: string[] = []
  for (;;) {
    const address = await enumerator.next()
    if (address === null) return found
    const proxied = address instanceof ProxyAddress
    found.push(
      proxied
        ? `${address.protocol} ${address.toString()} ${address.destinationHostname}`
        : `direct ${address.toString()}`,
    )
  }
}

function answering(...proxies: string[]): ProxyResolver & { asked: string[] } {
  const asked: string[] = []
  const lookup = (uri: string): Promise<readonly string[]> => {
    asked.push(uri)
    return Promise.resolve(proxies)
  }
  return { isSupported: true, lookup, asked }
}

const resolver = new FakeResolver({
  'p.test': ['192.0.2.1', '2001:db8::1'],
  'q.test': ['192.0.2.2'],
  'h.test': ['198.51.100.1', '198.51.100.2'],
})

describe('ProxyAddressEnumerator', () => {
  it('gives all addresses of each proxy in turn, and where told so those of the destination', async () => {
    const proxyResolver = answering('http://p.test:3128', 'socks5://q.test', 'direct://')
    const destination = new NetworkAddress('h.test', 443, 'https')
    expect(await all(destination.proxyEnumerate({ resolver, proxyResolver }))).toEqual([
      'http 192.0.2.1:3128 h.test',
      'http [2001:db8::1]:3128 h.test',
      'socks5 192.0.2.2:1080 h.test',
      'direct 198.51.100.1:443',
      'direct 198.51.100.2:443',
    ])
    expect(proxyResolver.asked).toEqual(['https://h.test:443'])
  })

  it('pairs each address of a SOCKS4 proxy with each of the destination', async () => {
    const enumerator = new NetworkAddress('h.test', 1).proxyEnumerate({
      resolver,
      proxyResolver: answering('socks4://p.test:1'),
    })
    expect(await all(enumerator)).toEqual([
      'socks4 192.0.2.1:1 198.51.100.1',
      'socks4 192.0.2.1:1 198.51.100.2',
      'socks4 [2001:db8::1]:1 198.51.100.1',
      'socks4 [2001:db8::1]:1 198.51.100.2',
    ])
  })

  it('passes over a proxy that cannot be used, and throws its error when nothing comes after it', async () => {
    const destination = new NetworkAddress('h.test', 1)
    const enumerate = (...proxies: string[]): Promise<string[]> =>
      all(destination.proxyEnumerate({ resolver, proxyResolver: answering(...proxies) }))
    expect(await enumerate('http://nowhere.test', 'nonsense', 'http://[::1', 'http://q.test')).toEqual([
      'http 192.0.2.2:80 h.test',
    ])
    await expect(enumerate('http://nowhere.test', 'nonsense')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(enumerate('http://h.test:99999')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('tells the proxy everything it needs', async () => {
    const enumerator = new ProxyAddressEnumerator({
      connectable: new NetworkAddress('h.test', 443),
      uri: 'https://h.test',
      defaultPort: 443,
      proxyResolver: answering('http://me%40work:p%3Aw@192.0.2.9:8080'),
    })
    expect(await enumerator.next()).toMatchObject({
      port: 8080,
      protocol: 'http',
      destinationProtocol: 'https',
      destinationHostname: 'h.test',
      destinationPort: 443,
      username: 'me@work',
      password: 'p:w',
      uri: 'http://me%40work:p%3Aw@192.0.2.9:8080',
    })
    expect(await enumerator.next()).toBeNull()
    expect(await enumerator.next()).toBeNull()
  })

  it('asks about addresses without their zone, with the scheme "none"', async () => {
    for (const [address, uri] of [
      ['192.0.2.1', 'none://192.0.2.1:80'],
      ['fe80::1%lo', 'none://[fe80::1]:80'],
    ] as const) {
      const proxyResolver = answering('direct://')
      const destination = InetSocketAddress.fromString(address, 80)
      expect(await all(destination!.proxyEnumerate({ proxyResolver }))).toEqual([`direct ${destination!.toString()}`])
      expect(proxyResolver.asked).toEqual([uri])
    }
  })

  it('goes by the default resolver of the process unless given one', async () => {
    ProxyResolver.setDefault(new SimpleProxyResolver('http://192.0.2.9:1'))
    try {
      expect(await all(new NetworkAddress('h.test', 1).proxyEnumerate())).toEqual(['http 192.0.2.9:1 h.test'])
    } finally {
      ProxyResolver.setDefault(null)
    }
  })
})

describe('SocketClient', () => {
  it('goes by the answer of a script, through a proxy with two addresses', async () => {
    await withRawServer(
      (socket) => socket.end(),
      async ({ port }) => {
        await withSocksServer({}, async (proxy) => {
          const script = `function FindProxyForURL(url, host) {
            return dnsDomainIs(host, ".inside.test") ? "DIRECT" : "SOCKS5 localhost:${proxy.port}" }`
          const proxyResolver = new PacProxyResolver(`data:,${encodeURIComponent(script)}`)
          const names = new FakeResolver({ 'a.inside.test': ['127.0.0.1'] })
          const client = new SocketClient({ proxyResolver, resolver: names })
          await (await client.connectToHost('a.inside.test', port)).close()
          await (await client.connectToHost('b.outside.test', port)).close()
          expect(proxy.destinations).toEqual([`b.outside.test:${port}`])
          proxyResolver.close()
        })
      },
    )
  })

  it('takes a proxy address as it is, and asks nobody about Unix sockets', async () => {
    await withRawServer(
      (socket) => socket.end(),
      async ({ port }) => {
        await withSocksServer({}, async (proxy) => {
          const proxyResolver = answering('http://127.0.0.1:1')
          const client = new SocketClient({ proxyResolver })
          const address = new ProxyAddress({
            address: InetSocketAddress.fromString('127.0.0.1', 1)!.address,
            port: proxy.port,
            protocol: 'socks5',
            destinationHostname: 'h.test',
            destinationPort: port,
          })
          await (await client.connect(address)).close()
          expect(proxy.destinations).toEqual([`h.test:${port}`])
          await expect(client.connect(new UnixSocketAddress('/nonexistent'))).rejects.toMatchObject({
            code: 'NOT_FOUND',
          })
          expect(proxyResolver.asked).toEqual([])
        })
      },
    )
    expect(() => new ProxyAddress({ ...PROXY, destinationPort: 65536 })).toThrow(/port/)
  })
})

const PROXY = {
  address: InetSocketAddress.fromString('127.0.0.1', 1)!.address,
  port: 1,
  protocol: 'socks5',
  destinationHostname: 'h.test',
  destinationPort: 1,
}
