import { describe, expect, it } from 'vitest'
import { DnsResolver } from '@wpe-networking/glib-gio'
import { DEFAULT_DNS_CONFIGURATION, parseResolvConf } from '../../src/resolver/resolv-conf.ts'

describe('resolv.conf', () => {
  it('names servers, search domains and how to ask', () => {
    const text = [
      '# made by hand',
      'nameserver 192.0.2.1 # the first',
      'nameserver 2001:db8::1',
      'nameserver fe80::1%eth0',
      'nameserver 192.0.2.4',
      'nameserver ns.example',
      'domain ignored.example',
      'search One.example two.example.',
      'options ndots:2 timeout:3 attempts:4 use-vc rotate',
      'sortlist 130.155.160.0',
    ].join('\n')
    expect(parseResolvConf(text)).toEqual({
      servers: ['192.0.2.1', '2001:db8::1', 'fe80::1%eth0'].map((address) => ({ address, port: 53 })),
      search: ['one.example', 'two.example'],
      ndots: 2,
      timeoutMs: 3000,
      attempts: 4,
      useTcp: true,
    })
  })

  it('has limits', () => {
    const text = `search ${Array.from({ length: 20 }, (_, i) => `d${i}`).join(' ')}\noptions ndots:99 timeout:99 attempts:0`
    expect(parseResolvConf(text)).toMatchObject({ ndots: 15, timeoutMs: 30_000, attempts: 1 })
    expect(parseResolvConf(text).search).toHaveLength(6)
  })

  it.each(['', '\0\0', 'nameserver', 'options timeout:x ndots'])('is taken for empty when it is %j', (text) => {
    expect(parseResolvConf(text)).toEqual(DEFAULT_DNS_CONFIGURATION)
  })
})

it.each(['dns.example', '192.0.2.1:0', '192.0.2.1:65536', '[192.0.2.1', '::1:53x', ''])(
  'DnsResolver does not take %j for a server',
  (server) => {
    expect(() => new DnsResolver({ servers: [server] })).toThrow(
      expect.objectContaining({ domain: 'g-io-error-quark', code: 'INVALID_ARGUMENT' }),
    )
  },
)
