// Which names which constraints allow. RFC 5280 section 4.2.1.10; more is in the x509-limbo suite.
import { expect, it } from 'vitest'
import { TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, TlsCertificateFlags, TlsDatabase } from '../../src/index.ts'
import { ipOctets, ipText, isCidrMask } from '../../src/verification/ip-octets.ts'
import { der, distinguishedName, explicit, oid, sequence } from './der-writer.ts'
import { NOON, Oid, TestAuthority } from './test-authority.ts'

const dns = (text: string): Buffer => der(0x82, Buffer.from(text))
const email = (text: string): Buffer => der(0x81, Buffer.from(text))
const uri = (text: string): Buffer => der(0x86, Buffer.from(text))
const ip = (...texts: string[]): Buffer => der(0x87, ...texts.map((text) => ipOctets(text) ?? Buffer.alloc(0)))
const directory = (commonName: string): Buffer => explicit(4, distinguishedName(commonName))

type Verdict = 'allowed' | 'refused'

it.each<[Verdict, string, 'permitted' | 'excluded', Buffer, Buffer]>([
  ['allowed', 'the domain itself', 'permitted', dns('example.test'), dns('example.test')],
  ['allowed', 'a name below it', 'permitted', dns('example.test'), dns('a.b.Example.TEST')],
  ['refused', 'a name that only ends like it', 'permitted', dns('example.test'), dns('anexample.test')],
  ['refused', 'the domain itself, after a dot', 'permitted', dns('.example.test'), dns('example.test')],
  ['allowed', 'a name below it, after a dot', 'permitted', dns('.example.test'), dns('a.example.test')],
  ['allowed', 'a wildcard below it, after a dot', 'permitted', dns('.example.test'), dns('*.example.test')],
  ['allowed', 'a wildcard inside', 'permitted', dns('example.test'), dns('*.a.example.test')],
  ['refused', 'a wildcard that reaches out', 'permitted', dns('a.example.test'), dns('*.example.test')],
  ['refused', 'a wildcard that reaches in', 'excluded', dns('a.example.test'), dns('*.example.test')],
  ['allowed', 'a wildcard that cannot reach so deep', 'excluded', dns('a.b.example.test'), dns('*.example.test')],
  ['refused', 'a name that is no host name', 'permitted', dns('test'), dns('not a name.test')],
  ['refused', 'anything', 'excluded', dns(''), dns('example.test')],
  ['allowed', 'an address in the network', 'permitted', ip('192.0.2.0', '255.255.255.0'), ip('192.0.2.77')],
  ['refused', 'an address beside the network', 'permitted', ip('192.0.2.0', '255.255.255.0'), ip('192.0.3.77')],
  ['refused', 'an address of the other family', 'permitted', ip('192.0.2.0', '255.255.255.0'), ip('2001:db8::1')],
  ['refused', 'an address in the network', 'excluded', ip('2001:db8::', 'ffff:fff0::'), ip('2001:db9::1')],
  ['allowed', 'a mailbox', 'permitted', email('user@example.test'), email('user@EXAMPLE.test')],
  ['refused', 'another mailbox', 'permitted', email('user@example.test'), email('User@example.test')],
  ['refused', 'a mailbox of a subdomain', 'permitted', email('example.test'), email('user@a.example.test')],
  ['allowed', 'a mailbox of a subdomain', 'permitted', email('.example.test'), email('user@a.example.test')],
  ['allowed', 'a URI with the host', 'permitted', uri('example.test'), uri('https://user@Example.test:8080/path')],
  ['refused', 'a URI with a host below it', 'permitted', uri('example.test'), uri('https://a.example.test/')],
  ['allowed', 'a URI with a host below it', 'permitted', uri('.example.test'), uri('https://a.example.test/')],
  ['refused', 'a URI without a host', 'permitted', uri('example.test'), uri('urn:example.test')],
  ['refused', 'a URI with an address', 'excluded', uri('example.test'), uri('https://192.0.2.1/')],
  ['allowed', 'the directory name, in other case', 'permitted', directory('LEAF'), directory('leaf')],
  ['refused', 'another directory name', 'permitted', directory('leaf'), directory('other')],
  ['refused', 'a form that is not known', 'excluded', explicit(0), explicit(0)],
  ['allowed', 'a form without constraints', 'permitted', dns('example.test'), ip('192.0.2.1')],
])('%s: %s (%s)', (verdict, _, list, constraint, name) => {
  const subtrees = explicit(list === 'permitted' ? 0 : 1, sequence(constraint))
  const root = TestAuthority.root('Root', {
    extensions: [{ oid: Oid.NAME_CONSTRAINTS, critical: true, value: sequence(subtrees) }],
  })
  const leaf = root.leaf({ extensions: [{ oid: Oid.SAN, value: sequence(name) }] })
  const flags = new TlsDatabase([root.certificate]).verifyChain(leaf, TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, null, {
    time: NOON,
  })
  expect(flags).toBe(verdict === 'allowed' ? 0 : TlsCertificateFlags.GENERIC_ERROR)
})

it('holds for mail addresses in the subject, as they are spelt there', () => {
  const mailSubject = (address: string): Buffer =>
    sequence(der(0x31, sequence(oid('1.2.840.113549.1.9.1'), der(0x16, Buffer.from(address)))))
  const root = TestAuthority.root('Root', {
    extensions: [
      { oid: Oid.NAME_CONSTRAINTS, critical: true, value: sequence(explicit(1, sequence(email('User@example.test')))) },
    ],
  })
  const flagsOf = (address: string): number =>
    new TlsDatabase([root.certificate]).verifyChain(
      root.leaf({ subject: mailSubject(address) }),
      TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
      null,
      { time: NOON },
    )
  expect(flagsOf('User@example.test')).toBe(TlsCertificateFlags.GENERIC_ERROR)
  expect(flagsOf('other@example.test')).toBe(0)
})

it.each([
  ['192.0.2.1', 'c0000201', '192.0.2.1'],
  ['::', '00'.repeat(16), '::'],
  ['2001:DB8::1', '20010db8000000000000000000000001', '2001:db8::1'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
])('%s has the octets %s', (address, octets, text) => {
  expect(ipOctets(address)?.toString('hex')).toBe(octets)
  expect(ipText(ipOctets(address) ?? Buffer.alloc(0))).toBe(text)
})

it('knows what is no address and no mask', () => {
  expect([ipOctets('192.0.2'), ipOctets('example.test'), ipOctets('')]).toEqual([null, null, null])
  const mask = (text: string): boolean => isCidrMask(Buffer.from(`00000000${text}`, 'hex'))
  expect(['00000000', 'ffffffff', 'fffe0000', '80000000'].map(mask)).toEqual([true, true, true, true])
  expect(['00ff0000', 'ff00ff00', 'fffd0000', '7f000000'].map(mask)).toEqual([false, false, false, false])
})
