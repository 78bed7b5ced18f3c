import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InetAddress, InetAddressMask, SocketFamily } from '@wpe-networking/glib-gio'

const address = (text: string): InetAddress => InetAddress.fromString(text)!

describe('InetAddressMask', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', '11.0.0.0'],
    ['192.0.2.128/25', '192.0.2.200', '192.0.2.127'],
    ['192.0.2.1', '192.0.2.1', '192.0.2.2'],
    ['192.0.2.1/32', '192.0.2.1', '192.0.2.0'],
    ['0.0.0.0/0', '203.0.113.9', '::1'],
    ['fe80::/10', 'febf::1', 'fec0::1'],
    ['2001:db8::/33', '2001:db8:7fff::', '2001:db8:8000::'],
    ['::/0', '2001:db8::1', '127.0.0.1'],
    ['127.0.0.0/8', '127.0.0.1', '::ffff:127.0.0.1'],
  ])('%s has %s in it and not %s', (mask, inside, outside) => {
    expect(InetAddressMask.fromString(mask).matches(address(inside))).toBe(true)
    expect(InetAddressMask.fromString(mask).matches(address(outside))).toBe(false)
  })

  it.each([
    '10.0.0.1/8',
    'fe80::1/10',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10/8',
    '/8',
    '',
    'example.org/8',
    'fe80::%eth0/64',
  ])('does not read %j', (text) => {
    expect(() => InetAddressMask.fromString(text)).toThrow(
      expect.objectContaining({ domain: 'g-io-error-quark', code: 'INVALID_ARGUMENT' }),
    )
  })

  it('is printed as it is read, and compared', () => {
    const mask = InetAddressMask.fromString('10.0.0.0/8')
    expect(mask).toMatchObject({ length: 8, family: SocketFamily.IPV4 })
    expect(
      [mask, InetAddressMask.fromString('192.0.2.1/32'), InetAddressMask.fromString('FE80::/10')].map(String),
    ).toEqual(['10.0.0.0/8', '192.0.2.1', 'fe80::/10'])
    expect(mask.equal(new InetAddressMask(address('10.0.0.0'), 8))).toBe(true)
    expect(mask.equal(new InetAddressMask(address('10.0.0.0'), 9))).toBe(false)
  })

  it('agrees with arithmetic on 32-bit numbers', () => {
    const word = fc.nat(0xffffffff)
    const toAddress = (value: number): InetAddress =>
      InetAddress.fromBytes(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value))
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 32 }), (a, b, length) => {
        const block = 2 ** (32 - length)
        const start = Math.floor(a / block) * block
        const mask = new InetAddressMask(toAddress(start), length)
        expect(mask.matches(toAddress(b))).toBe(b >= start && b < start + block)
        expect(mask.matches(toAddress(a))).toBe(true)
      }),
    )
  })
})
