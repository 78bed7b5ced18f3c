import { describe, expect, it } from 'vitest'
import { EnvironmentProxyResolver, ProxyResolver, SimpleProxyResolver } from '@wpe-networking/glib-gio'

const DIRECT = ['direct://']

describe('SimpleProxyResolver', () => {
  it('gives the proxy of the scheme, else the default, else none', async () => {
    const resolver = new SimpleProxyResolver()
    expect(await resolver.lookup('http://h/')).toEqual(DIRECT)
    resolver.defaultProxy = 'http://all:1'
    resolver.setUriProxy('HTTPS', 'http://secure:2')
    expect(await resolver.lookup('http://h/')).toEqual(['http://all:1'])
    expect(await resolver.lookup('HTTPS://h/')).toEqual(['http://secure:2'])
    expect(await resolver.lookup('none://[::1]:5')).toEqual(['http://all:1'])
  })

  it('takes socks:// for all versions, newest first', async () => {
    expect(await new SimpleProxyResolver('socks://u:p@h:1').lookup('http://h/')).toEqual([
      'socks5://u:p@h:1',
      'socks4a://u:p@h:1',
      'socks4://u:p@h:1',
    ])
  })

  it.each([
    // rule, reached directly, not reached directly
    ['example.com', ['example.com', 'www.example.com', 'EXAMPLE.COM'], ['notexample.com', 'example.com.evil.test']],
    ['.example.com', ['example.com', 'www.example.com'], ['notexample.com']],
    ['*.example.com', ['example.com', 'a.b.example.com'], ['notexample.com']],
    ['bücher.example', ['xn--bcher-kva.example', 'www.bücher.example'], ['bucher.example']],
    ['example.com:8080', ['example.com:8080'], ['example.com', 'example.com:80']],
    ['example.com:80', ['example.com', 'example.com:80'], ['example.com:8080']],
    ['192.0.2.1', ['192.0.2.1', '192.0.2.1:99'], ['192.0.2.2', 'a.192.0.2.1.test']],
    ['192.0.2.1:99', ['192.0.2.1:99'], ['192.0.2.1']],
    ['192.0.2.0/24', ['192.0.2.0', '192.0.2.255'], ['192.0.3.0', 'example.com']],
    ['0.0.0.0/0', ['192.0.2.1'], ['[::1]', 'example.com']],
    ['::/0', ['[2001:db8::1]'], ['192.0.2.1', 'example.com']],
    ['fe80::/10', ['[fe80::1]', '[febf::1]'], ['[fec0::1]', '192.0.2.1']],
    ['2001:db8::1', ['[2001:db8::1]', '[2001:DB8:0:0:0:0:0:1]'], ['[2001:db8::2]']],
    ['[2001:db8::1]:443', ['[2001:db8::1]:443'], ['[2001:db8::1]:444']],
    [' localhost ', ['localhost'], ['127.0.0.1']],
    ['*', ['example.com', '192.0.2.1', '[::1]'], []],
  ])('with the rule %j goes around the proxy to %j, not to %j', async (rule, direct, proxied) => {
    const resolver = new SimpleProxyResolver('http://p:1', [rule])
    for (const host of direct) expect([host, await resolver.lookup(`http://${host}/`)]).toEqual([host, DIRECT])
    for (const host of proxied) expect([host, await resolver.lookup(`http://${host}/`)]).toEqual([host, ['http://p:1']])
  })

  it.each(['', 'example.com:', '192.0.2.0/33', '192.0.2.0/-1', '192.0.2.0/1/2', '::/129', '[::1', 'a/b', 'a:b:c', '/'])(
    'does not go around the proxy for %j, which is no rule',
    async (rule) => {
      const resolver = new SimpleProxyResolver('http://p:1', [rule])
      for (const host of ['example.com', '192.0.2.1', '[::1]', 'a']) {
        expect(await resolver.lookup(`http://${host}/`)).toEqual(['http://p:1'])
      }
    },
  )

  it('reads rules again when they are set', async () => {
    const resolver = new SimpleProxyResolver('http://p:1', ['a.test'])
    resolver.ignoreHosts = ['b.test']
    expect(resolver.ignoreHosts).toEqual(['b.test'])
    expect(await resolver.lookup('http://a.test/')).toEqual(['http://p:1'])
    expect(await resolver.lookup('http://b.test/')).toEqual(DIRECT)
  })

  it('refuses what is no URI with a host, and an aborted signal', async () => {
    const resolver = new SimpleProxyResolver('http://p:1')
    await expect(resolver.lookup('nothing')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(resolver.lookup('data:,x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    const signal = AbortSignal.abort()
    await expect(resolver.lookup('http://h/', { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('EnvironmentProxyResolver', () => {
  function lookup(environment: NodeJS.ProcessEnv, uri: string): Promise<readonly string[]> {
    return new EnvironmentProxyResolver(environment).lookup(uri)
  }

  it('is supported when a proxy is named', () => {
    expect(new EnvironmentProxyResolver({}).isSupported).toBe(false)
    expect(new EnvironmentProxyResolver({ no_proxy: 'x', http_proxy: '' }).isSupported).toBe(false)
    expect(new EnvironmentProxyResolver({ ALL_PROXY: 'http://p' }).isSupported).toBe(true)
  })

  it.each<[NodeJS.ProcessEnv, string, readonly string[]]>([
    [{ http_proxy: 'http://p:1' }, 'http://h/', ['http://p:1']],
    [{ http_proxy: 'http://p:1' }, 'https://h/', DIRECT],
    [{ http_proxy: 'p:1' }, 'ws://h/', ['http://p:1']],
    [{ https_proxy: 'http://p:1', wss_proxy: 'http://q:1' }, 'wss://h/', ['http://q:1']],
    [{ https_proxy: 'http://p:1' }, 'wss://h/', ['http://p:1']],
    [{ HTTPS_PROXY: 'https://p' }, 'https://h/', ['https://p']],
    [{ https_proxy: 'http://lower', HTTPS_PROXY: 'http://upper' }, 'https://h/', ['http://lower']],
    [{ all_proxy: 'socks5h://p', http_proxy: 'http://q' }, 'https://h/', ['socks5://p']],
    [{ all_proxy: 'socks://p' }, 'none://h:1', ['socks5://p', 'socks4a://p', 'socks4://p']],
    [{ all_proxy: 'SOCKS://p' }, 'none://h:1', ['socks5://p', 'socks4a://p', 'socks4://p']],
    [{ HTTP_PROXY: 'http://p' }, 'http://h/', ['http://p']],
    [{ HTTP_PROXY: 'http://p', REQUEST_METHOD: 'GET' }, 'http://h/', DIRECT],
    [{ http_proxy: 'http://p', REQUEST_METHOD: 'GET' }, 'http://h/', ['http://p']],
    [{ http_proxy: 'http://p', no_proxy: '*' }, 'http://h/', DIRECT],
    [{ http_proxy: 'http://p', NO_PROXY: 'a.test, .b.test 10.0.0.0/8,c.test:81' }, 'http://x.b.test/', DIRECT],
    [{ http_proxy: 'http://p', NO_PROXY: 'a.test, .b.test 10.0.0.0/8,c.test:81' }, 'http://10.9.8.7/', DIRECT],
    [{ http_proxy: 'http://p', NO_PROXY: 'a.test, .b.test 10.0.0.0/8,c.test:81' }, 'http://c.test:81/', DIRECT],
    [{ http_proxy: 'http://p', NO_PROXY: 'a.test, .b.test 10.0.0.0/8,c.test:81' }, 'http://c.test/', ['http://p']],
    [{ http_proxy: 'http://p', NO_PROXY: 'a.test, .b.test 10.0.0.0/8,c.test:81' }, 'http://11.9.8.7/', ['http://p']],
  ])('with %j gives for %s %j', async (environment, uri, proxies) => {
    expect(await lookup(environment, uri)).toEqual(proxies)
  })

  it('sees variables change', async () => {
    const environment: NodeJS.ProcessEnv = { http_proxy: 'http://p', no_proxy: 'a.test' }
    const resolver = new EnvironmentProxyResolver(environment)
    expect(await resolver.lookup('http://a.test/')).toEqual(DIRECT)
    environment['no_proxy'] = 'b.test'
    expect(await resolver.lookup('http://a.test/')).toEqual(['http://p'])
    expect(await resolver.lookup('http://b.test/')).toEqual(DIRECT)
  })
})

describe('ProxyResolver', () => {
  it('has a default for the process, which can be replaced', () => {
    const system = ProxyResolver.getDefault()
    expect(ProxyResolver.getDefault()).toBe(system)
    const own = new SimpleProxyResolver()
    ProxyResolver.setDefault(own)
    expect(ProxyResolver.getDefault()).toBe(own)
    ProxyResolver.setDefault(null)
    expect(ProxyResolver.getDefault()).not.toBe(own)
  })

  it('goes by the environment outside a desktop, and direct without it', async () => {
    const before = { ...process.env }
    for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) Reflect.deleteProperty(process.env, name)
    Reflect.deleteProperty(process.env, 'XDG_CURRENT_DESKTOP')
    ProxyResolver.setDefault(null)
    try {
      const resolver = ProxyResolver.getDefault()
      expect(resolver.isSupported).toBe(false)
      expect(await resolver.lookup('http://h/')).toEqual(DIRECT)
      process.env['http_proxy'] = 'http://p:1'
      expect(resolver.isSupported).toBe(true)
      expect(await resolver.lookup('http://h/')).toEqual(['http://p:1'])
    } finally {
      process.env = before
      ProxyResolver.setDefault(null)
    }
  })
})
