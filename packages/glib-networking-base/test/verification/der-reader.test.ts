// What is DER and what is not. ITU-T X.690 sections 8 and 10, RFC 5280 section 4.1.2.5.
import { describe, expect, it } from 'vitest'
import { DerReader, TlsError } from '../../src/index.ts'
import { bitString, boolean, der, integer, oid, sequence } from './der-writer.ts'

const hex = (text: string): DerReader => new DerReader(Buffer.from(text.replaceAll(' ', ''), 'hex'))

describe('a reader', () => {
  it('goes from element to element, and inside', () => {
    const reader = new DerReader(Buffer.concat([sequence(integer(1), boolean(true)), integer(300)]))
    expect(reader.nextTag).toBe(0x30)
    const inside = reader.inside(0x30)
    expect([inside.count(), inside.flag(), inside.flag(), inside.atEnd, inside.nextTag]).toEqual([
      1,
      true,
      false,
      true,
      -1,
    ])
    inside.end()
    expect(() => reader.end()).toThrow(TlsError)
    expect(reader.count()).toBe(300)
    expect(() => reader.element()).toThrow(TlsError)
  })

  it('reads lengths of several octets', () => {
    const contents = Buffer.alloc(70_000, 7)
    expect(new DerReader(der(0x04, contents)).read(0x04).equals(contents)).toBe(true)
  })

  it.each([
    ['1.2.840.113549.1.1.11'],
    ['2.5.29.17'],
    ['2.999.3'],
    ['0.9.2342.19200300.100.1.25'],
    ['1.3.6.1.4.1.4294967295'],
  ])('reads the object identifier %s', (dotted) => {
    const encoded = dotted.startsWith('2.999') ? Buffer.from('0603883703', 'hex') : oid(dotted)
    expect(new DerReader(encoded).oid()).toBe(dotted)
  })

  it.each<[string, string, (reader: DerReader) => unknown]>([
    ['an indefinite length', '30 80 00 00', (reader) => reader.element()],
    ['a length that could be shorter', '04 81 01 00', (reader) => reader.element()],
    ['a length with a leading zero', '04 82 00 80', (reader) => reader.element()],
    ['a length beyond the data', '04 05 00', (reader) => reader.element()],
    ['a length of five octets', '04 85 01 00 00 00 00', (reader) => reader.element()],
    ['a tag of several octets', '1f 81 00 00', (reader) => reader.element()],
    ['an integer without octets', '02 00', (reader) => reader.integer()],
    ['an integer with a superfluous octet', '02 02 00 01', (reader) => reader.integer()],
    ['a negative one with a superfluous octet', '02 02 ff 80', (reader) => reader.integer()],
    ['a negative count', '02 01 ff', (reader) => reader.count()],
    ['a boolean that is neither', '01 01 01', (reader) => reader.flag()],
    ['an object identifier without octets', '06 00', (reader) => reader.oid()],
    ['an object identifier that breaks off', '06 02 2a 86', (reader) => reader.oid()],
    ['an arc with a leading zero', '06 03 2a 80 01', (reader) => reader.oid()],
    ['an arc too large to be a number', '06 0b 2a ff ff ff ff ff ff ff ff ff 7f', (reader) => reader.oid()],
    ['a bit string that is no octets', '03 02 01 80', (reader) => reader.bitStringOctets()],
    ['a bit string with too many unused bits', '03 02 08 80', (reader) => reader.namedBits()],
    ['another type than wanted', '04 00', (reader) => reader.read(0x30)],
  ])('refuses %s', (_, bytes, read) => {
    expect(() => read(hex(bytes))).toThrow(TlsError)
  })

  it('reads named bits, the first 16 of them', () => {
    expect(hex('03 02 01 06').namedBits()).toBe((1 << 5) | (1 << 6))
    expect(hex('03 03 07 00 80').namedBits()).toBe(1 << 8)
    expect(hex('03 04 00 00 00 ff').namedBits()).toBe(0)
    expect(new DerReader(bitString(Buffer.from([0x80]))).namedBits()).toBe(1)
  })

  it('takes a number beyond 31 bits for very many', () => {
    expect(hex('02 05 01 00 00 00 00').count()).toBe(0x7fffffff)
  })
})

describe('a time', () => {
  const read = (tag: number, text: string): number => new DerReader(der(tag, Buffer.from(text))).time()

  it.each([
    [0x17, '260615120000Z', '2026-06-15T12:00:00Z'],
    [0x17, '491231235959Z', '2049-12-31T23:59:59Z'],
    [0x17, '500101000000Z', '1950-01-01T00:00:00Z'],
    [0x18, '20240229000000Z', '2024-02-29T00:00:00Z'],
    [0x18, '00010101000000Z', '0001-01-01T00:00:00Z'],
    [0x18, '99991231235959Z', '9999-12-31T23:59:59Z'],
  ])('%i %s is %s', (tag, text, expected) => {
    expect(read(tag, text)).toBe(Date.parse(expected))
  })

  it.each([
    [0x17, '2606151200Z'],
    [0x17, '260615120000+0100'],
    [0x17, '261315120000Z'],
    [0x17, '260230120000Z'],
    [0x17, '260615240000Z'],
    [0x17, '260615126000Z'],
    [0x17, '260615120060Z'],
    [0x18, '20260615120000.5Z'],
    [0x18, '20260615120000'],
    [0x04, '260615120000Z'],
  ])('%i %s is none', (tag, text) => {
    expect(() => read(tag, text)).toThrow(TlsError)
  })
})
