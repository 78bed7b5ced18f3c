// Which path is found, and what is held against it. RFC 5280 section 6; the details are in the x509-limbo suite.
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { createOcspResponse } from '@wpe-networking/test-support'
import {
  nodeSignatureVerifier,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
  TlsCertificateFlags,
  TlsDatabase,
  TlsCertificate,
  verifyChain,
  type SignatureVerifier,
  type VerifyChainOptions,
} from '../../src/index.ts'
import { der, integer, oid, sequence } from './der-writer.ts'
import { newKeys, NOON, Oid, pathLength, subjectAltName, TestAuthority, type Extension } from './test-authority.ts'

const { BAD_IDENTITY, EXPIRED, GENERIC_ERROR, NOT_ACTIVATED, REVOKED, UNKNOWN_CA } = TlsCertificateFlags

let root: TestAuthority
let database: TlsDatabase

beforeAll(() => {
  root = TestAuthority.root()
  database = new TlsDatabase([root.certificate])
})

function judge(chain: readonly TlsCertificate[], options: Partial<VerifyChainOptions> = {}): number {
  const usual = { database, purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity: 'example.test', time: NOON }
  return verifyChain(chain, { ...usual, ...options }, nodeSignatureVerifier)
}

/** Counts what is asked of the library. */
function counting(): SignatureVerifier & { count: number } {
  return {
    count: 0,
    isSignedBy(certificate, issuer) {
      this.count++
      return nodeSignatureVerifier.isSignedBy(certificate, issuer)
    },
  }
}

describe('a path', () => {
  it('is found whatever the order of the intermediates, and with strangers among them', () => {
    const first = root.intermediate('First')
    const second = first.intermediate('Second')
    const stranger = TestAuthority.root('Stranger').intermediate('Second')
    const leaf = second.leaf()
    expect(judge([leaf, first.certificate, stranger.certificate, second.certificate])).toBe(0)
    expect(judge([leaf, root.certificate, second.certificate, first.certificate])).toBe(0)
    expect(judge([leaf, second.certificate])).toBe(UNKNOWN_CA)
  })

  it('goes over a valid intermediate when another of the same name and key has expired', () => {
    const keys = newKeys()
    const old = root.intermediate('Twice', { keys, notAfter: new Date('2026-02-01T00:00:00Z') })
    const renewed = root.intermediate('Twice', { keys })
    const leaf = renewed.leaf()
    expect(judge([leaf, old.certificate])).toBe(EXPIRED)
    expect(judge([leaf, old.certificate, renewed.certificate])).toBe(0)
  })

  it('goes to a valid root when the cross-signed way ends at an expired one', () => {
    const keys = newKeys()
    const expired = TestAuthority.root('Old Root', { notAfter: new Date('2026-02-01T00:00:00Z') })
    const crossSigned = expired.intermediate('New Root', { keys })
    const newRoot = TestAuthority.root('New Root', { keys })
    const both = new TlsDatabase([expired.certificate, newRoot.certificate])
    expect(judge([newRoot.leaf(), crossSigned.certificate], { database: both })).toBe(0)
    const oldOnly = new TlsDatabase([expired.certificate])
    expect(judge([newRoot.leaf(), crossSigned.certificate], { database: oldOnly })).toBe(EXPIRED)
  })

  it('may end at an anchor that is no root, or at the leaf itself', () => {
    const intermediate = root.intermediate()
    const leaf = intermediate.leaf()
    expect(judge([leaf], { database: new TlsDatabase([intermediate.certificate]) })).toBe(0)
    expect(judge([leaf], { database: new TlsDatabase([leaf]) })).toBe(0)
    expect(judge([leaf], { database: new TlsDatabase([leaf]), identity: 'other.test' })).toBe(BAD_IDENTITY)
  })

  it('does not lead over a certificate that is no authority', () => {
    const leaf = root.leaf({ keys: newKeys() })
    const pretender = root.intermediate('Pretender', { without: [Oid.BASIC_CONSTRAINTS] })
    expect(judge([pretender.leaf(), pretender.certificate, leaf])).toBe(UNKNOWN_CA)
  })

  it('is no longer than the caller and the authorities allow', () => {
    const first = root.intermediate('First')
    const second = first.intermediate('Second')
    const chain = [second.leaf(), second.certificate, first.certificate]
    expect(judge(chain, { maximumDepth: 2 })).toBe(0)
    expect(judge(chain, { maximumDepth: 1 })).toBe(UNKNOWN_CA)
    const narrow = root.intermediate('Narrow', { extensions: [pathLength(0)] })
    const below = narrow.intermediate('Below')
    expect(judge([narrow.leaf(), narrow.certificate])).toBe(0)
    expect(judge([below.leaf(), below.certificate, narrow.certificate])).toBe(GENERIC_ERROR)
  })

  it('is judged once, however often its intermediate was sent', () => {
    const signatures = counting()
    const intermediate = root.intermediate('Often')
    const leaf = intermediate.leaf({ notAfter: new Date('2026-02-01T00:00:00Z') })
    const copies = Array.from({ length: 40 }, () => new TlsCertificate(intermediate.certificate.certificate))
    const options = { database, purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity: null, time: NOON }
    expect(verifyChain([leaf, ...copies], options, signatures)).toBe(EXPIRED)
    expect(signatures.count).toBe(2)
  })

  it('costs a bounded number of signatures however many ways there are', () => {
    const signatures = counting()
    const layers = Array.from({ length: 12 }, () => [newKeys(), newKeys(), newKeys()])
    const certificates: TlsCertificate[] = []
    layers.slice(1).forEach((layer, depth) => {
      for (const issuer of layers[depth] ?? []) {
        const above = TestAuthority.root(`Layer ${depth}`, { keys: issuer })
        for (const keys of layer) certificates.push(above.intermediate(`Layer ${depth + 1}`, { keys }).certificate)
      }
    })
    const leaf = TestAuthority.root('Layer 11', { keys: layers[11]?.[0] ?? newKeys() }).leaf()
    const options = { database, purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity: null, time: NOON }
    const flags = verifyChain([leaf, ...certificates], { ...options, maximumDepth: 20 }, signatures)
    expect(flags & UNKNOWN_CA).toBe(UNKNOWN_CA)
    expect(signatures.count).toBeLessThanOrEqual(100)
  })
})

describe('what is wrong', () => {
  it.each<[string, number, Parameters<TestAuthority['leaf']>[0], Partial<VerifyChainOptions>]>([
    ['nothing', 0, {}, {}],
    ['the date', NOT_ACTIVATED, { notBefore: new Date('2026-12-01T00:00:00Z') }, {}],
    ['the purpose', GENERIC_ERROR, {}, { purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT }],
    ['the host', BAD_IDENTITY, {}, { identity: 'example.org' }],
    [
      'a critical extension',
      GENERIC_ERROR,
      { extensions: [{ oid: '1.2.3.4', critical: true, value: sequence() }] },
      {},
    ],
    [
      'an extension that is there twice',
      GENERIC_ERROR | BAD_IDENTITY,
      {
        extensions: [
          { oid: '1.2.3.4', value: sequence() },
          { oid: '1.2.3.4', value: sequence() },
        ],
      },
      {},
    ],
    ['a serial number of zero', GENERIC_ERROR, { serialNumber: 0 }, {}],
    [
      'nothing, without a stapled response, in a client',
      0,
      { extensions: [tlsFeature(), usage(TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT)] },
      { purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT },
    ],
    ['the stapled response a server promised', GENERIC_ERROR, { extensions: [tlsFeature()] }, {}],
    ['a stapled response that is none', GENERIC_ERROR, {}, { ocspResponse: Buffer.from('nonsense') }],
  ])('is %s', (_, flags, leaf, options) => {
    expect(judge([root.leaf(leaf)], options)).toBe(flags)
  })

  it('is what the stapled response says', () => {
    const leaf = root.leaf({ extensions: [tlsFeature()] })
    const signer = {
      certificatePem: root.certificate.certificatePem,
      privateKeyPem: root.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    }
    const about = {
      certificatePem: leaf.certificatePem,
      issuerPem: root.certificate.certificatePem,
      signer,
      thisUpdate: NOON,
      nextUpdate: new Date(NOON.getTime() + 1000),
    }
    const good = createOcspResponse({ ...about, status: 'good' })
    const revoked = createOcspResponse({ ...about, status: 'revoked' })
    expect(judge([leaf], { ocspResponse: good })).toBe(0)
    expect(judge([leaf], { ocspResponse: revoked })).toBe(REVOKED)
    const later = new Date(NOON.getTime() + 24 * 60 * 60_000)
    expect(judge([leaf], { ocspResponse: good, time: later })).toBe(GENERIC_ERROR)
    expect(judge([root.leaf()], { ocspResponse: good })).toBe(GENERIC_ERROR)
  })

  it('is told about a leaf of an unknown authority, too', () => {
    const leaf = TestAuthority.root('Stranger').leaf({ notAfter: new Date('2026-02-01T00:00:00Z') })
    expect(judge([leaf])).toBe(UNKNOWN_CA | EXPIRED)
    expect(judge([TestAuthority.root('Alone').certificate], { identity: null })).toBe(UNKNOWN_CA)
  })

  it('needs a chain to be told', () => {
    expect(() => judge([])).toThrow(TypeError)
  })
})

describe('certificate policies', () => {
  const policies = (...all: string[]): Extension => ({
    oid: Oid.POLICIES,
    value: sequence(...all.map((one) => sequence(oid(one)))),
  })
  const required: Extension = {
    oid: Oid.POLICY_CONSTRAINTS,
    critical: true,
    value: sequence(der(0x80, Buffer.from([0]))),
  }
  const mapping: Extension = {
    oid: Oid.POLICY_MAPPINGS,
    critical: true,
    value: sequence(sequence(oid('1.2.3.1'), oid('1.2.3.2'))),
  }
  const anyInhibited: Extension = { oid: Oid.INHIBIT_ANY_POLICY, critical: true, value: integer(0) }
  const any = policies('2.5.29.32.0')

  it.each<[string, number, readonly Extension[], readonly Extension[]]>([
    ['one that issuer and leaf share', 0, [required, policies('1.2.3.1')], [policies('1.2.3.1', '1.2.3.9')]],
    ['any at the issuer', 0, [required, any], [policies('1.2.3.1')]],
    ['any at the leaf', 0, [required, policies('1.2.3.1')], [any]],
    ['one the issuer maps', 0, [required, policies('1.2.3.1'), mapping], [policies('1.2.3.2')]],
    ['none, where none is required', 0, [policies('1.2.3.1')], []],
    ['none', GENERIC_ERROR, [required, policies('1.2.3.1')], []],
    ['another', GENERIC_ERROR, [required, policies('1.2.3.1')], [policies('1.2.3.2')]],
    ['one the issuer mapped away', GENERIC_ERROR, [required, policies('1.2.3.1'), mapping], [policies('1.2.3.1')]],
    ['any, which the issuer inhibits', GENERIC_ERROR, [required, anyInhibited, policies('1.2.3.1')], [any]],
  ])('are enough with %s: %i', (_, flags, ofIssuer, ofLeaf) => {
    const issuer = root.intermediate('Policies', { extensions: ofIssuer })
    expect(judge([issuer.leaf({ extensions: ofLeaf }), issuer.certificate])).toBe(flags)
  })
})

describe('a verdict', () => {
  it('is remembered for the same chain, whoever it should be for', () => {
    const signatures = counting()
    const chain = [root.leaf({ extensions: [subjectAltName('a.test', '*.b.test')] })]
    const options = { database, purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, time: NOON }
    for (const [identity, flags] of [
      ['a.test', 0],
      ['x.b.test', 0],
      ['c.test', BAD_IDENTITY],
      [null, 0],
    ] as const) {
      expect(verifyChain(chain, { ...options, identity }, signatures)).toBe(flags)
    }
    expect(signatures.count).toBe(1)
    expect(verifyChain(chain, { ...options, identity: null, maximumDepth: 3 }, signatures)).toBe(0)
    expect(signatures.count).toBe(2)
  })

  it('is forgotten when a date has passed, of the chain or of the database', () => {
    const signatures = counting()
    const [before, until] = [new Date('2026-03-01T00:00:00Z'), new Date('2026-09-01T00:00:00Z')]
    const chain = [root.leaf({ notBefore: before, notAfter: until })]
    const at = (time: Date): number =>
      verifyChain(
        chain,
        { database, purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity: null, time },
        signatures,
      )
    expect([at(NOON), at(before), at(until), signatures.count]).toEqual([0, 0, 0, 1])
    expect([at(new Date(+before - 1)), signatures.count]).toEqual([NOT_ACTIVATED, 2])
    expect([at(new Date(+until + 999)), signatures.count]).toEqual([0, 3])
    expect([at(new Date(+until + 1000)), signatures.count]).toEqual([EXPIRED, 4])
  })

  it('is at any time what it would be if nothing were remembered', () => {
    const month = (number: number): Date => new Date(Date.UTC(2026, number, 1))
    const intermediate = root.intermediate('Short', { notBefore: month(1), notAfter: month(7) })
    const chain = [intermediate.leaf({ notBefore: month(3), notAfter: month(9) }), intermediate.certificate]
    const lists = [intermediate.revocationList({ thisUpdate: month(2), nextUpdate: month(6) })]
    const dated = new TlsDatabase([root.certificate], { revocationLists: lists })
    const boundaries = Array.from({ length: 13 }, (_, number) => month(number).getTime())
    const times = fc.oneof(
      fc.constantFrom(...boundaries).chain((at) => fc.integer({ min: at - 1001, max: at + 1001 })),
      fc.integer({ min: Date.UTC(2025, 0), max: Date.UTC(2028, 0) }),
    )
    fc.assert(
      fc.property(times, (time) => {
        const options = {
          database: dated,
          purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
          identity: null,
          time: new Date(time),
        }
        const remembered = verifyChain(chain, options, nodeSignatureVerifier)
        expect(remembered).toBe(verifyChain(chain, options, counting()))
      }),
      { numRuns: 500 },
    )
  })
})

function tlsFeature(): Extension {
  return { oid: Oid.TLS_FEATURE, value: sequence(integer(5)) }
}

function usage(purpose: string): Extension {
  return { oid: Oid.EKU, value: sequence(oid(purpose)) }
}
