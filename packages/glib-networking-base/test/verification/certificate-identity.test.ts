// Who a certificate is for. RFC 9525 section 6.
import { beforeAll, expect, it } from 'vitest'
import { CertificateAuthority, type IssueOptions } from '@wpe-networking/test-support'
import { certificateMatchesIdentity, serverNameOf, TlsCertificate } from '../../src/index.ts'

let authority: CertificateAuthority

beforeAll(async () => {
  authority = await CertificateAuthority.create()
})

const certificateFor = async (options: IssueOptions): Promise<TlsCertificate> =>
  TlsCertificate.fromPem((await authority.issue(options)).certificatePem)

it.each<[boolean, string, IssueOptions]>([
  [true, 'example.test', { dnsNames: ['example.test'] }],
  [true, 'EXAMPLE.test', { dnsNames: ['example.TEST'] }],
  [true, 'example.test.', { dnsNames: ['example.test'] }],
  [true, 'a.example.test', { dnsNames: ['*.example.test'] }],
  [false, 'example.test', { dnsNames: ['*.example.test'] }],
  [false, 'a.b.example.test', { dnsNames: ['*.example.test'] }],
  [false, 'example.co.uk', { dnsNames: ['*.co.uk'] }],
  [false, 'example.test', { dnsNames: ['*.test'] }],
  [true, 'octocat.github.io', { dnsNames: ['*.github.io'] }],
  [false, 'xn--bcher-kva.example.test', { dnsNames: ['xn--*.example.test'] }],
  [false, 'under_score.test', { dnsNames: ['under_score.test'] }],
  [true, '::ffff:192.0.2.1', { ipAddresses: ['::ffff:c000:201'] }],
  [false, 'foo.example.test', { dnsNames: ['f*.example.test'] }],
  [false, 'a.example.test', { dnsNames: ['a.*.test'] }],
  [true, 'bücher.test', { dnsNames: ['xn--bcher-kva.test'] }],
  [true, '192.0.2.1', { ipAddresses: ['192.0.2.1'] }],
  [true, '2001:db8::1', { ipAddresses: ['2001:db8:0:0:0:0:0:1'] }],
  [true, '[2001:db8::1]', { ipAddresses: ['2001:db8::1'] }],
  [true, 'fe80::1%eth0', { ipAddresses: ['fe80::1'] }],
  [false, '192.0.2.2', { ipAddresses: ['192.0.2.1'] }],
  [false, '192.0.2.1', { commonName: '192.0.2.1', dnsNames: ['192.0.2.1'] }],
  [false, 'old.test', { commonName: 'old.test', dnsNames: [], ipAddresses: [] }],
  [false, 'old.test', { commonName: 'old.test', dnsNames: ['new.test'] }],
  [false, '', { dnsNames: ['example.test'] }],
  [false, 'example.test/.trusted.test', { dnsNames: ['example.test'] }],
  [false, 'example.test\\.trusted.test', { dnsNames: ['example.test'] }],
  [false, 'example.test?.trusted.test', { dnsNames: ['example.test'] }],
  [false, 'example.test#.trusted.test', { dnsNames: ['example.test'] }],
  [false, 'example%2etest', { dnsNames: ['example.test'] }],
  [false, 'exam\nple.test', { dnsNames: ['example.test'] }],
  [false, 'example.test\0', { dnsNames: ['example.test'] }],
])('says %s for %s and %j', async (expected, identity, options) => {
  expect(certificateMatchesIdentity(await certificateFor(options), identity)).toBe(expected)
})

it.each([
  ['example.test', 'example.test'],
  ['example.test.', 'example.test'],
  ['Bücher.test', 'xn--bcher-kva.test'],
  ['127.0.0.1', null],
  ['::1', null],
  ['[::1]', null],
  ['127.1', null],
  ['not a name', null],
  [null, null],
])('sends for %s the server name %s', (identity, expected) => {
  expect(serverNameOf(identity)).toBe(expected)
})
