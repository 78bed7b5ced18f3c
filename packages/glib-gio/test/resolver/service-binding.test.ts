// The test vectors of RFC 9460 appendix D, in wire format.

import { describe, expect, it } from 'vitest'
import { decodeServiceBinding } from '../../src/resolver/service-binding.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const FOO_EXAMPLE_COM = '03666f6f076578616d706c6503636f6d00'

describe('A service binding', () => {
  it('in alias mode names where to look (D.1)', () => {
    expect(decodeServiceBinding(bytes(`0000 ${FOO_EXAMPLE_COM}`))).toMatchObject({
      priority: 0,
      targetName: 'foo.example.com',
      alpn: [],
      port: null,
    })
  })

  it('may have the root for its target (D.2, figure 3)', () => {
    expect(decodeServiceBinding(bytes('0001 00'))).toMatchObject({ priority: 1, targetName: '.' })
  })

  it('may name a port (figure 4)', () => {
    expect(decodeServiceBinding(bytes(`0010 ${FOO_EXAMPLE_COM} 0003 0002 0035`)).port).toBe(53)
  })

  it('may have parameters nobody knows (figures 5 and 6)', () => {
    const { parameters } = decodeServiceBinding(bytes(`0001 ${FOO_EXAMPLE_COM} 029b 0009 68656c6c6fd2716f6f`))
    expect([...parameters.keys()]).toEqual([667])
    expect(Buffer.from(parameters.get(667) ?? []).toString('hex')).toBe('68656c6c6fd2716f6f')
  })

  it('may hint at addresses (figure 7)', () => {
    const hints = '0006 0020 20010db8000000000000000000000001 20010db8000000000000000000530001'
    const { ipv6Hint } = decodeServiceBinding(bytes(`0001 ${FOO_EXAMPLE_COM} ${hints}`))
    expect(ipv6Hint.map(String)).toEqual(['2001:db8::1', '2001:db8::53:1'])
  })

  it('says what has to be understood (figure 9)', () => {
    const text = `0010 03666f6f076578616d706c65036f726700 0000 0004 0001 0004 0001 0009 02 6832 05 68332d3139 0004 0004 c0000201`
    expect(decodeServiceBinding(bytes(text))).toMatchObject({ mandatory: [1, 4], alpn: ['h2', 'h3-19'] })
  })

  it('may name a DNS server over HTTPS (RFC 9461)', () => {
    expect(decodeServiceBinding(bytes('0001 00 0001 0003 026832 0007 0007 2f717b3f646e73')).dohPath).toBe('/q{?dns')
  })

  it.each([
    ['parameters out of order', '0001 00 0003 0002 0035 0001 0003 026832'],
    ['a parameter twice', '0001 00 0003 0002 0035 0003 0002 0035'],
    ['a parameter cut off', '0001 00 0003 0002 00'],
    ['a mandatory parameter that is missing', '0001 00 0000 0002 0001'],
    ['itself as mandatory', '0001 00 0000 0002 0000'],
    ['an empty list of protocols', '0001 00 0001 0000'],
    ['an empty protocol', '0001 00 0001 0001 00'],
    ['two ports', '0001 00 0003 0004 0035 0036'],
    ['no address in a hint', '0001 00 0004 0000'],
    ['a no-default-alpn without alpn', '0001 00 0002 0000'],
    ['a name without end', '0001 03666f6f'],
    ['a compressed name', '0001 c00c'],
    ['nothing', ''],
  ])('with %s is refused', (_, hex) => {
    expect(() => decodeServiceBinding(bytes(hex))).toThrow(RangeError)
  })
})
