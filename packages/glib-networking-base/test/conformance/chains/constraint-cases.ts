// Paths that reach an anchor and yet prove nothing: weak, or beyond what an issuer may do. RFC 5280 sections 4.2 and 6.1.
import { CertificateAuthority, type AuthorityOptions, type IssueOptions } from '@wpe-networking/test-support'
import { TlsCertificateFlags } from '@wpe-networking/glib-networking-base'
import type { ChainCase, ChainCaseOptions } from './chain-case.ts'

const { GENERIC_ERROR, INSECURE, UNKNOWN_CA } = TlsCertificateFlags

/** Of nobody's: the arc is for examples. */
const UNKNOWN_EXTENSION = { oid: '2.999.1', value: new Uint8Array([5, 0]) }

const leafCase = (name: string, flags: number, options: IssueOptions): ChainCase => ({
  name,
  flags,
  make: async ({ trust }) => ({ issued: await trust.authority.issue(options) }),
})

const intermediateCase = (
  name: string,
  flags: number,
  options: AuthorityOptions | ((options: ChainCaseOptions) => AuthorityOptions),
): ChainCase => ({
  name,
  flags,
  make: async (given) => {
    const intermediate = await given.trust.authority.createIntermediate(
      typeof options === 'function' ? options(given) : options,
    )
    return { issued: await intermediate.issue() }
  },
})

/** A leaf for `names` below an intermediate with name constraints. */
const namesCase = (
  name: string,
  flags: number,
  constraints: Pick<AuthorityOptions, 'permitted' | 'excluded'>,
  names: { readonly dnsNames?: readonly string[]; readonly ipAddresses?: readonly string[] },
): ChainCase => ({
  name,
  flags,
  make: async ({ trust }) => {
    const intermediate = await trust.authority.createIntermediate(constraints)
    const identity = names.dnsNames?.[0] ?? names.ipAddresses?.[0] ?? ''
    return { issued: await intermediate.issue(names), identity }
  },
})

const signedCase = (name: string, signatureHash: 'MD5' | 'SHA-1', at: 'leaf' | 'intermediate'): ChainCase => ({
  name,
  flags: INSECURE,
  make: async () => {
    const root = await CertificateAuthority.create({ keyType: 'rsa-2048' })
    const anchors = [root.certificatePem]
    if (at === 'leaf') return { issued: await root.issue({ signatureHash }), anchors }
    return { issued: await (await root.createIntermediate({ signatureHash })).issue(), anchors }
  },
})

const domain = { permitted: { dnsNames: ['example.test'] } }
const network = { permitted: { ipRanges: ['10.0.0.0/8', 'fd00::/16'] } }

export const constraintCases: readonly ChainCase[] = [
  leafCase('an RSA key of 1024 bits', INSECURE, { keyType: 'rsa-1024' }),
  signedCase('a leaf signed with MD5', 'MD5', 'leaf'),
  signedCase('a leaf signed with SHA-1', 'SHA-1', 'leaf'),
  signedCase('an intermediate signed with MD5', 'MD5', 'intermediate'),
  signedCase('an intermediate signed with SHA-1', 'SHA-1', 'intermediate'),
  intermediateCase('an intermediate with an RSA key of 1024 bits', INSECURE, { keyType: 'rsa-1024' }),
  {
    name: 'a root that signed itself with SHA-1',
    flags: 0,
    make: async () => {
      const root = await CertificateAuthority.create({ signatureHash: 'SHA-1' })
      return { issued: await root.issue(), anchors: [root.certificatePem] }
    },
  },
  intermediateCase('an issuer that is no authority (CA:FALSE)', UNKNOWN_CA, { isAuthority: false }),
  {
    name: 'a leaf that issued a leaf',
    flags: UNKNOWN_CA,
    make: async ({ trust }) => {
      const issuer = await trust.authority.createIntermediate({ isAuthority: false, usages: ['server', 'client'] })
      return { issued: await issuer.issue() }
    },
  },
  intermediateCase('an intermediate within the path length', 0, { pathLength: 0 }),
  {
    name: 'an intermediate beyond the path length',
    flags: GENERIC_ERROR,
    make: async ({ trust }) => {
      const upper = await trust.authority.createIntermediate({ commonName: 'Upper', pathLength: 0 })
      return { issued: await (await upper.createIntermediate({ commonName: 'Lower' })).issue() }
    },
  },
  namesCase('a DNS name within the permitted ones', 0, domain, { dnsNames: ['www.example.test'] }),
  namesCase('a DNS name outside the permitted ones', GENERIC_ERROR, domain, { dnsNames: ['www.example.org'] }),
  namesCase('a DNS name that only ends like a permitted one', GENERIC_ERROR, domain, { dnsNames: ['badexample.test'] }),
  namesCase('a second DNS name outside the permitted ones', GENERIC_ERROR, domain, {
    dnsNames: ['example.test', 'www.example.org'],
  }),
  namesCase(
    'an excluded DNS name',
    GENERIC_ERROR,
    { excluded: { dnsNames: ['secret.example.test'] } },
    { dnsNames: ['www.secret.example.test'] },
  ),
  namesCase(
    'a DNS name beside the excluded ones',
    0,
    { excluded: { dnsNames: ['secret.example.test'] } },
    { dnsNames: ['www.example.test'] },
  ),
  namesCase('an IPv4 address within the permitted network', 0, network, { ipAddresses: ['10.1.2.3'] }),
  namesCase('an IPv4 address outside the permitted network', GENERIC_ERROR, network, { ipAddresses: ['11.1.2.3'] }),
  namesCase('an IPv6 address within the permitted network', 0, network, { ipAddresses: ['fd00::1'] }),
  namesCase('an IPv6 address outside the permitted network', GENERIC_ERROR, network, { ipAddresses: ['fd01::1'] }),
  namesCase(
    'an excluded IPv4 address',
    GENERIC_ERROR,
    { excluded: { ipRanges: ['192.168.0.0/16'] } },
    { ipAddresses: ['192.168.7.1'] },
  ),
  {
    name: 'a leaf for another purpose only',
    flags: GENERIC_ERROR,
    make: async ({ trust, usage }) => ({
      issued: await trust.authority.issue({ usages: [usage === 'server' ? 'client' : 'server'] }),
    }),
  },
  intermediateCase('an intermediate for another purpose only', GENERIC_ERROR, ({ usage }) => ({
    usages: [usage === 'server' ? 'client' : 'server'],
  })),
  leafCase('a leaf with an unknown critical extension', GENERIC_ERROR, {
    extensions: [{ ...UNKNOWN_EXTENSION, critical: true }],
  }),
  intermediateCase('an intermediate with an unknown critical extension', GENERIC_ERROR, {
    extensions: [{ ...UNKNOWN_EXTENSION, critical: true }],
  }),
  leafCase('a leaf with an unknown extension that is not critical', 0, {
    extensions: [{ ...UNKNOWN_EXTENSION, critical: false }],
  }),
]
