// Whom a certificate is for: names, wildcards, addresses, internationalised names. RFC 9525 section 6, RFC 5890.
import { beforeAll, describe, expect, it } from 'vitest'
import { TlsCertificateFlags, type LoadTlsBackend } from '@wpe-networking/glib-networking-base'
import { judges, verdict } from './chains/judges.ts'
import { createTrust, type Trust } from './peers.ts'

interface Names {
  readonly commonName?: string
  readonly dnsNames?: readonly string[]
  readonly ipAddresses?: readonly string[]
}

/** What the case is, the identity asked for, and what the certificate is for. */
type IdentityCase = readonly [string, string, Names]

const right: readonly IdentityCase[] = [
  ['a name', 'localhost', { dnsNames: ['localhost'] }],
  ['a name in other case', 'LocalHost', { dnsNames: ['localHOST'] }],
  ['a name with a dot at its end', 'example.test.', { dnsNames: ['example.test'] }],
  ['the second of two names', 'two.test', { dnsNames: ['one.test', 'two.test'] }],
  ['a name under a wildcard', 'www.example.test', { dnsNames: ['*.example.test'] }],
  ['an internationalised name', 'bücher.test', { dnsNames: ['xn--bcher-kva.test'] }],
  ['an internationalised name in A-labels', 'xn--bcher-kva.test', { dnsNames: ['xn--bcher-kva.test'] }],
  ['an internationalised name under a wildcard', 'bücher.example.test', { dnsNames: ['*.example.test'] }],
  ['a name under an internationalised wildcard', 'www.bücher.test', { dnsNames: ['*.xn--bcher-kva.test'] }],
  ['an IPv4 address', '127.0.0.1', { ipAddresses: ['127.0.0.1'] }],
  ['an IPv6 address', '::1', { ipAddresses: ['::1'] }],
  ['an IPv6 address in brackets', '[::1]', { ipAddresses: ['::1'] }],
  ['an IPv6 address written out', '2001:DB8:0:0:0:0:0:1', { ipAddresses: ['2001:db8::1'] }],
]

const wrong: readonly IdentityCase[] = [
  ['another name', 'localhost', { dnsNames: ['elsewhere.test'] }],
  ['a name above', 'example.test', { dnsNames: ['www.example.test'] }],
  ['a name below', 'www.example.test', { dnsNames: ['example.test'] }],
  ['a name in the common name only', 'example.test', { commonName: 'example.test', dnsNames: ['elsewhere.test'] }],
  ['two labels for one wildcard', 'a.b.example.test', { dnsNames: ['*.example.test'] }],
  ['no label for a wildcard', 'example.test', { dnsNames: ['*.example.test'] }],
  ['part of a label for a wildcard', 'www.example.test', { dnsNames: ['w*.example.test'] }],
  ['the end of a label for a wildcard', 'www.example.test', { dnsNames: ['*w.example.test'] }],
  ['a wildcard that is not leftmost', 'www.example.test', { dnsNames: ['www.*.test'] }],
  ['two wildcards', 'a.b.test', { dnsNames: ['*.*.test'] }],
  ['a wildcard alone', 'localhost', { dnsNames: ['*'] }],
  ['a wildcard below a top-level domain', 'example.com', { dnsNames: ['*.com'] }],
  ['a wildcard below a public suffix', 'example.co.uk', { dnsNames: ['*.co.uk'] }],
  ['another internationalised name', 'bücher.test', { dnsNames: ['xn--bucher-kva.test'] }],
  ['another IPv4 address', '127.0.0.2', { ipAddresses: ['127.0.0.1'] }],
  ['another IPv6 address', '::2', { ipAddresses: ['::1'] }],
  ['an IPv4 address among the DNS names', '127.0.0.1', { dnsNames: ['127.0.0.1'] }],
  ['an IPv4 address under a wildcard', '127.0.0.1', { dnsNames: ['*.0.0.1'] }],
  ['an IPv4 address for one mapped into IPv6', '127.0.0.1', { ipAddresses: ['::ffff:7f00:1'] }],
]

export function describeIdentities(load: LoadTlsBackend): void {
  let trust: Trust

  beforeAll(async () => {
    trust = await createTrust()
  })

  describe.each([
    ['in a handshake', 'client'],
    ['without a connection', 'backend'],
  ] as const)('%s', (_, judge) => {
    it.each(right)('accepts %s', async (__, identity, names) => {
      const issued = await trust.authority.issue(names)
      expect(await judges[judge](load, { issued, identity }, trust)).toEqual(verdict(0))
    })

    it.each(wrong)('refuses %s', async (__, identity, names) => {
      const issued = await trust.authority.issue(names)
      const { flags, accepted } = await judges[judge](load, { issued, identity }, trust)
      expect(accepted).toBe(false)
      expect(flags & TlsCertificateFlags.BAD_IDENTITY).toBe(TlsCertificateFlags.BAD_IDENTITY)
    })
  })
}
