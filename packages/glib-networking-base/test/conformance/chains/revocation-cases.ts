// Certificates that were taken back, and proofs that they were not: RFC 5280 section 6.3, RFC 6960, RFC 7633.
import {
  CertificateAuthority,
  createOcspResponse,
  type OcspResponseOptions,
  type OcspSigner,
  type RevocationListOptions,
} from '@wpe-networking/test-support'
import { TlsCertificateFlags } from '@wpe-networking/glib-networking-base'
import { type ChainCase, PAST } from './chain-case.ts'

const { GENERIC_ERROR, REVOKED } = TlsCertificateFlags

interface ListCaseOptions {
  readonly revokes?: 'leaf' | 'another'
  readonly dates?: Pick<RevocationListOptions, 'thisUpdate' | 'nextUpdate'>
  /** Default: the issuer; else one of the same name with another key. */
  readonly signedBy?: 'namesake'
}

const listCase = (name: string, flags: number, options: ListCaseOptions): ChainCase => ({
  name,
  flags,
  make: async ({ trust: { authority } }) => {
    const [issued, another] = [await authority.issue(), await authority.issue()]
    const revoked = options.revokes === 'leaf' ? issued : another
    const signer = options.signedBy === undefined ? authority : await CertificateAuthority.create()
    const list = await signer.createRevocationList({ revoked: [revoked.certificatePem], ...options.dates })
    return { issued, revocationLists: [list] }
  },
})

interface StapleCaseOptions extends Partial<Pick<OcspResponseOptions, 'status' | 'thisUpdate' | 'nextUpdate'>> {
  readonly mustStaple?: boolean
  /** Default: the issuer. */
  readonly signer?: (authority: CertificateAuthority) => Promise<OcspSigner>
}

const stapleCase = (
  name: string,
  flags: number,
  { mustStaple, signer, ...response }: StapleCaseOptions,
): ChainCase => ({
  name,
  flags,
  judges: ['client', 'backend'],
  make: async ({ trust: { authority } }) => {
    const issued = await authority.issue({ mustStaple })
    const ocspResponse = createOcspResponse({
      certificatePem: issued.certificatePem,
      issuerPem: authority.certificatePem,
      signer: (await signer?.(authority)) ?? authority,
      ...response,
    })
    return { issued, ocspResponse }
  },
})

const stale = { thisUpdate: PAST.notBefore, nextUpdate: PAST.notAfter }

export const revocationCases: readonly ChainCase[] = [
  listCase('a leaf on a revocation list', REVOKED, { revokes: 'leaf' }),
  listCase('a leaf that is not on the revocation list', 0, { revokes: 'another' }),
  listCase('a revocation list past its time', GENERIC_ERROR, { revokes: 'another', dates: stale }),
  listCase('a leaf on a revocation list past its time', GENERIC_ERROR | REVOKED, { revokes: 'leaf', dates: stale }),
  listCase('a revocation list of a namesake of the issuer', 0, { revokes: 'leaf', signedBy: 'namesake' }),
  {
    name: 'an intermediate on a revocation list',
    flags: REVOKED,
    make: async ({ trust: { authority } }) => {
      const intermediate = await authority.createIntermediate()
      const list = await authority.createRevocationList({ revoked: [intermediate.certificatePem] })
      return { issued: await intermediate.issue(), revocationLists: [list] }
    },
  },
  stapleCase('a stapled response that says good', 0, {}),
  stapleCase('a stapled response that says revoked', REVOKED, { status: 'revoked' }),
  stapleCase('a stapled response that says unknown', GENERIC_ERROR, { status: 'unknown' }),
  stapleCase('a stapled response past its time', GENERIC_ERROR, stale),
  stapleCase('a stapled response of another authority', GENERIC_ERROR, {
    signer: async () => await CertificateAuthority.create({ commonName: 'Another Root' }),
  }),
  stapleCase('a stapled response of a delegated responder', 0, {
    signer: async (authority) => await authority.issue({ commonName: 'Responder', usages: ['ocsp'] }),
  }),
  stapleCase('a stapled response of a responder nobody delegated to', GENERIC_ERROR, {
    signer: async (authority) => await authority.issue({ commonName: 'Responder' }),
  }),
  {
    name: 'a stapled response that is none',
    flags: GENERIC_ERROR,
    judges: ['client', 'backend'],
    make: async ({ trust }) => ({ issued: await trust.authority.issue(), ocspResponse: Buffer.from('good') }),
  },
  stapleCase('must-staple with a response', 0, { mustStaple: true }),
  stapleCase('must-staple with a response that says revoked', REVOKED, { mustStaple: true, status: 'revoked' }),
  {
    name: 'must-staple without a response',
    flags: GENERIC_ERROR,
    judges: ['client', 'backend'],
    make: async ({ trust }) => ({ issued: await trust.authority.issue({ mustStaple: true }) }),
  },
]
