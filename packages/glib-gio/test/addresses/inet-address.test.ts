import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  InetAddress,
  InetSocketAddress,
  IOError,
  NetworkAddress,
  SocketFamily,
  UriError,
} from '@wpe-networking/glib-gio'

const parse = (text: string): InetAddress => {
  const address = InetAddress.fromString(text)
  if (!address) throw new Error(`${text} is no address`)
  return address
}

describe('InetAddress', () => {
  it.each([
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::', '::'],
    ['1::', '1::'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['192.0.2.1', '192.0.2.1'],
  ])('prints %s as %s (RFC 5952)', (text, expected) => {
    expect(parse(text).toString()).toBe(expected)
  })

  it.each(['127.1', '0x7f.0.0.1', '256.0.0.1', '', 'localhost', '[::1]', '1:2:3'])('does not take %j', (text) => {
    expect(InetAddress.fromString(text)).toBeNull()
  })

  it('goes from bytes to text to the same bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(4, 16), fc.infiniteStream(fc.nat(255)), fc.boolean(), (length, stream, zeros) => {
        const bytes = Uint8Array.from(stream.take(length))
        if (zeros) bytes.fill(0, length / 4, length / 2)
        const address = InetAddress.fromBytes(bytes)
        expect(length === 16 ? isIPv6(address.toString()) : true).toBe(true)
        expect(parse(address.toString()).toBytes()).toEqual(bytes)
        expect(parse(address.toString()).equal(address)).toBe(true)
      }),
    )
  })

  it('takes only 4 or 16 bytes', () => {
    expect(() => InetAddress.fromBytes(new Uint8Array(5))).toThrow(IOError)
  })

  it.each([
    ['127.9.9.9', 'isLoopback'],
    ['::1', 'isLoopback'],
    ['0.0.0.0', 'isAny'],
    ['::', 'isAny'],
    ['169.254.1.1', 'isLinkLocal'],
    ['febf::1', 'isLinkLocal'],
    ['172.31.0.1', 'isSiteLocal'],
    ['192.168.0.1', 'isSiteLocal'],
    ['fec0::1', 'isSiteLocal'],
    ['239.0.0.1', 'isMulticast'],
    ['ff02::1', 'isMulticast'],
  ] as const)('knows that %s %s', (text, property) => {
    const address = parse(text)
    expect(address[property]).toBe(true)
    const others = (['isLoopback', 'isAny', 'isLinkLocal', 'isSiteLocal', 'isMulticast'] as const).filter(
      (name) => name !== property,
    )
    expect(others.map((name) => address[name])).toEqual(others.map(() => false))
  })

  it.each([
    ['224.0.0.251', 'isMcLinkLocal'],
    ['224.0.1.0', 'isMcGlobal'],
    ['238.255.255.255', 'isMcGlobal'],
    ['239.192.0.1', 'isMcOrgLocal'],
    ['239.195.255.255', 'isMcOrgLocal'],
    ['239.255.0.1', 'isMcSiteLocal'],
    ['ff01::1', 'isMcNodeLocal'],
    ['ff12::1', 'isMcLinkLocal'],
    ['ff05::2', 'isMcSiteLocal'],
    ['ff08::1', 'isMcOrgLocal'],
    ['ff1e::1', 'isMcGlobal'],
    ['239.0.0.1', null],
    ['192.0.2.1', null],
    ['fe02::1', null],
  ] as const)('knows how far %s reaches: %s', (text, property) => {
    const scopes = ['isMcGlobal', 'isMcLinkLocal', 'isMcNodeLocal', 'isMcOrgLocal', 'isMcSiteLocal'] as const
    expect(scopes.filter((name) => parse(text)[name])).toEqual(property === null ? [] : [property])
  })

  it('takes a zone and flow information with its bytes', () => {
    const bytes = parse('fe80::1').bytes
    const address = InetAddress.fromBytesWithIpv6Info(bytes, 'eth0', 0x12345)
    expect(address).toMatchObject({ scopeId: 'eth0', flowinfo: 0x12345 })
    expect(String(address)).toBe('fe80::1%eth0')
    expect(new InetSocketAddress(address, 1)).toMatchObject({ scopeId: 'eth0', flowinfo: 0x12345 })
    expect(address.equal(InetAddress.fromBytesWithIpv6Info(bytes, 'eth0'))).toBe(false)
    expect(InetAddress.fromBytesWithIpv6Info(bytes, '').equal(parse('fe80::1'))).toBe(true)
    for (const [wrong, zone, flow] of [
      [Uint8Array.of(1, 2, 3, 4), '', 0],
      [bytes, 'a/b', 0],
      [bytes, '', -1],
      [bytes, '', 0.5],
    ] as const) {
      expect(() => InetAddress.fromBytesWithIpv6Info(wrong, zone, flow)).toThrow(IOError)
    }
  })

  it('gives away copies of its bytes only', () => {
    const address = parse('192.0.2.1')
    address.bytes.fill(0)
    expect(address.bytes).toEqual(Uint8Array.of(192, 0, 2, 1))
  })

  it('makes loopback and any addresses', () => {
    expect(InetAddress.loopback(SocketFamily.IPV4).toString()).toBe('127.0.0.1')
    expect(InetAddress.loopback(SocketFamily.IPV6).toString()).toBe('::1')
    expect(InetAddress.any(SocketFamily.IPV6).isAny).toBe(true)
  })
})

describe('socket addresses', () => {
  it('print with their port, and enumerate themselves', async () => {
    const address = InetSocketAddress.fromString('::1', 80)
    expect(String(address)).toBe('[::1]:80')
    expect(String(InetSocketAddress.fromString('127.0.0.1', 80))).toBe('127.0.0.1:80')
    const enumerator = address?.enumerate()
    expect(await enumerator?.next()).toBe(address)
    expect(await enumerator?.next()).toBeNull()
  })

  it('refuse ports that do not exist', () => {
    expect(() => InetSocketAddress.fromString('::1', 65536)).toThrow(IOError)
    expect(() => new NetworkAddress('h', -1)).toThrow(IOError)
    expect(InetSocketAddress.fromString('nohost', 1)).toBeNull()
  })
})

describe('NetworkAddress.parse', () => {
  it.each([
    ['example.org', 'example.org', 80],
    ['example.org:81', 'example.org', 81],
    ['[2001:db8::1]:82', '2001:db8::1', 82],
    ['[2001:db8::1]', '2001:db8::1', 80],
    ['2001:db8::1', '2001:db8::1', 80],
    ['example.org:https', 'example.org', 443],
  ])('reads %s', (text, hostname, port) => {
    expect(NetworkAddress.parse(text, 80)).toMatchObject({ hostname, port })
  })

  it.each(['', ':80', 'h:', 'h:no-such-service', 'h:99999', 'http://h/', '[::1', 'a@b'])('refuses %j', (text) => {
    expect(() => NetworkAddress.parse(text, 80)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })

  it('takes host, port and scheme from a URI', () => {
    expect(NetworkAddress.parseUri('https://u@[::1]:1/x', 443)).toMatchObject({
      hostname: '::1',
      port: 1,
      scheme: 'https',
    })
    expect(NetworkAddress.parseUri(new URL('https://h/'), 443).toString()).toBe('h:443')
    expect(() => NetworkAddress.parseUri('mailto:x', 1)).toThrow(UriError)
    expect(() => NetworkAddress.parseUri('http:///x', 1)).toThrow(UriError)
  })
})
