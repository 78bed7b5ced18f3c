// What a revocation list in the database does to a chain. RFC 5280 sections 5 and 6.3.
import { beforeAll, expect, it } from 'vitest'
import {
  CertificateRevocationList,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
  TlsCertificateFlags,
  TlsDatabase,
  TlsError,
  nodeSignatureVerifier,
  verifyChain,
  type TlsCertificate,
} from '../../src/index.ts'
import { boolean, der, integer, octetString, oid, sequence } from '../verification/der-writer.ts'
import {
  authorityKeyIdentifier,
  crlNumber,
  newKeys,
  NOON,
  Oid,
  TestAuthority,
  type Extension,
  type ListOptions,
} from '../verification/test-authority.ts'

const { GENERIC_ERROR, REVOKED } = TlsCertificateFlags
const SERIAL = 0x1234

let root: TestAuthority
let leaf: TlsCertificate

beforeAll(() => {
  root = TestAuthority.root()
  leaf = root.leaf({ serialNumber: SERIAL })
})

function judge(
  lists: readonly (Uint8Array | string)[],
  chain: readonly TlsCertificate[] = [leaf],
  time = NOON,
): number {
  const database = new TlsDatabase([root.certificate], { revocationLists: lists })
  const options = { database, purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity: 'example.test', time }
  return verifyChain(chain, options, nodeSignatureVerifier)
}

const listed = { serialNumbers: [1, SERIAL, 0x99_8877] }
const distributionPoint = (contents: Uint8Array): readonly Extension[] => [
  crlNumber(),
  { oid: Oid.ISSUING_DISTRIBUTION_POINT, critical: true, value: sequence(contents) },
]

it.each<[string, number, ListOptions]>([
  ['revokes what stands in it', REVOKED, listed],
  ['revokes nothing else', 0, { serialNumbers: [1, 0x34, 0x123456] }],
  ['may be empty', 0, {}],
  [
    'revokes even when out of date',
    REVOKED | GENERIC_ERROR,
    { ...listed, nextUpdate: new Date('2026-02-01T00:00:00Z') },
  ],
  ['must not be out of date', GENERIC_ERROR, { nextUpdate: new Date('2026-02-01T00:00:00Z') }],
  ['must say when the next will come', GENERIC_ERROR, { nextUpdate: null }],
  ['must not be of the future', GENERIC_ERROR, { thisUpdate: new Date('2026-07-01T00:00:00Z') }],
  ['must have a number', GENERIC_ERROR, { extensions: [] }],
  [
    'must not demand what is not understood',
    GENERIC_ERROR,
    { extensions: [crlNumber(), { oid: '1.2.3.4', critical: true, value: sequence() }] },
  ],
  [
    'may be about a part of the certificates',
    REVOKED,
    { ...listed, extensions: distributionPoint(der(0x81, Buffer.from([0xff]))) },
  ],
  [
    'must not be about other issuers',
    GENERIC_ERROR,
    { ...listed, extensions: distributionPoint(der(0x84, Buffer.from([0xff]))) },
  ],
  ['must be signed by the issuer', GENERIC_ERROR, { ...listed, keys: newKeys() }],
])('a list %s', (_, flags, options) => {
  expect(judge([root.revocationList(options)])).toBe(flags)
})

it('a list of another authority, or of another key of this one, says nothing', () => {
  const other = TestAuthority.root('Other')
  const rekeyed = TestAuthority.root('Root')
  expect(judge([other.revocationList(listed), rekeyed.revocationList(listed)])).toBe(0)
})

it('a list revokes intermediates, and its issuer must be one that may sign lists', () => {
  const intermediate = root.intermediate('Revoked', { serialNumber: SERIAL })
  const chain = [intermediate.leaf(), intermediate.certificate]
  expect(judge([root.revocationList(listed)], chain)).toBe(REVOKED)
  const unfit = root.intermediate('Unfit', {
    extensions: [{ oid: Oid.KEY_USAGE, critical: true, value: der(0x03, Buffer.from([2, 0x04])) }],
  })
  expect(judge([unfit.revocationList()], [unfit.leaf(), unfit.certificate])).toBe(GENERIC_ERROR)
})

it('a remembered verdict ends with the list', () => {
  const database = new TlsDatabase([root.certificate], {
    revocationLists: [root.revocationList({ nextUpdate: new Date('2026-07-01T00:00:00Z') })],
  })
  const at = (time: string): number =>
    database.verifyChain(leaf, TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, null, { time: new Date(time) })
  expect([at('2026-06-01T00:00:00Z'), at('2026-07-01T00:00:00Z'), at('2026-07-01T00:00:01Z')]).toEqual([
    0,
    0,
    GENERIC_ERROR,
  ])
})

it('reads DER and PEM, and says what it is not', () => {
  const list = root.revocationList(listed)
  const pem = `-----BEGIN X509 CRL-----\n${list.toString('base64')}\n-----END X509 CRL-----\n`
  expect(judge([pem])).toBe(REVOKED)
  expect(CertificateRevocationList.listFromPem(`${pem}\n${leaf.certificatePem}\n${pem}`)).toHaveLength(2)
  const decoded = new CertificateRevocationList(pem)
  expect(decoded.der.equals(list)).toBe(true)
  expect([decoded.thisUpdate, decoded.nextUpdate]).toEqual([Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)])
  for (const nonsense of ['', leaf.certificatePem, leaf.certificate, list.subarray(1), Buffer.concat([list, list])]) {
    expect(() => new CertificateRevocationList(nonsense)).toThrow(TlsError)
  }
})

it('takes a list with an entry that cannot be judged to hold every certificate', () => {
  const entry = sequence(integer(7), der(0x17, Buffer.from('some other day')))
  expect(judge([root.revocationList({ rawEntries: [entry] })])).toBe(REVOKED)
  const forOther = sequence(
    integer(7),
    der(0x17, Buffer.from('260101000000Z')),
    sequence(sequence(oid('2.5.29.29'), boolean(true), octetString(sequence()))),
  )
  expect(judge([root.revocationList({ rawEntries: [forOther] })])).toBe(REVOKED)
})

it('holds for the same key under another identifier', () => {
  const keys = newKeys()
  const intermediate = root.intermediate('Known by two', { keys })
  const other = { oid: Oid.SKI, value: octetString(Buffer.from('another way to count')) }
  const again = root.intermediate('Known by two', { keys, extensions: [other] })
  const issued = intermediate.leaf({ serialNumber: SERIAL })
  const list = intermediate.revocationList(listed)
  expect(judge([list], [issued, intermediate.certificate])).toBe(REVOKED)
  expect(judge([list], [issued, again.certificate])).toBe(REVOKED)
})

it('follows an authority that changed its key', () => {
  const [before, after] = [newKeys(), newKeys()]
  const old = TestAuthority.root('Root', { keys: before })
  const renewed = TestAuthority.root('Root', { keys: after })
  const database = new TlsDatabase([old.certificate, renewed.certificate], {
    revocationLists: [
      old.revocationList({ ...listed, extensions: [crlNumber(), authorityKeyIdentifier(before.publicKey)] }),
      renewed.revocationList({ extensions: [crlNumber(), authorityKeyIdentifier(after.publicKey)] }),
    ],
  })
  const at = (certificate: TlsCertificate): number =>
    database.verifyChain(certificate, TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, null, { time: NOON })
  expect(at(old.leaf({ serialNumber: SERIAL }))).toBe(REVOKED)
  expect(at(renewed.leaf({ serialNumber: SERIAL }))).toBe(0)
})
