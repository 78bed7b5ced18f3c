// Where anchors come from.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CertificateAuthority } from '@wpe-networking/test-support'
import {
  TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT as CLIENT,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER as SERVER,
  TlsCertificate,
  TlsCertificateFlags,
  TlsDatabase,
  TlsDatabaseLookupFlags,
  TlsError,
  TlsFileDatabase,
} from '../../src/index.ts'
import { systemAnchorsPem } from '../../src/trust/system-trust.ts'
import { isProperAnchor } from '../../src/verification/certificate-profile.ts'
import { DecodedCertificate } from '../../src/verification/decoded-certificate.ts'
import { isStrongKey } from '../../src/verification/key-strength.ts'
import { distinguishedName } from '../verification/der-writer.ts'
import { NOON, TestAuthority } from '../verification/test-authority.ts'

let folder: string
let bundle: string
let roots: readonly CertificateAuthority[]

beforeAll(async () => {
  roots = [await CertificateAuthority.create(), await CertificateAuthority.create({ commonName: 'Second' })]
  folder = mkdtempSync(join(tmpdir(), 'tls-database-'))
  bundle = join(folder, 'bundle.pem')
  writeFileSync(bundle, roots.map((root) => `# root\n${root.certificatePem}`).join('\n'))
})
afterAll(() => rmSync(folder, { recursive: true }))

it('holds the certificates of a file', () => {
  const database = new TlsFileDatabase(bundle)
  expect(database.anchorsPath).toBe(bundle)
  expect(database.anchorsPem).toHaveLength(2)
  expect(database.anchors.map(({ subjectName }) => subjectName)).toEqual(['CN=Test Root', 'CN=Second'])
  expect(database.anchors).toBe(database.anchors)
})

it('says when a file holds no certificate, or cannot be read', () => {
  const empty = join(folder, 'empty.pem')
  writeFileSync(empty, 'nothing')
  expect(() => new TlsFileDatabase(empty)).toThrow(TlsError)
  expect(() => new TlsFileDatabase(join(folder, 'none.pem'))).toThrow('ENOENT')
})

it('takes certificates as well as text', () => {
  const [root] = roots
  const pem = root?.certificatePem ?? ''
  const database = new TlsDatabase([TlsCertificate.fromPem(pem), pem])
  expect(database.anchors[0]?.isSame(database.anchors[1] ?? TlsCertificate.fromPem(pem))).toBe(true)
})

it('reads what the machine trusts once', () => {
  expect(TlsDatabase.getDefault().anchorsPem.length).toBeGreaterThan(50)
  expect(TlsDatabase.getDefault()).toBe(TlsDatabase.getDefault())
})

it('prefers what SSL_CERT_FILE and SSL_CERT_DIR name, and does without what is not there', () => {
  const directory = join(folder, 'certs')
  mkdirSync(directory)
  writeFileSync(join(directory, 'first.pem'), roots[0]?.certificatePem ?? '')
  symlinkSync('first.pem', join(directory, '0a1b2c3d.0'))
  writeFileSync(join(directory, 'README'), 'nothing')
  const none = join(folder, 'none.pem')
  expect(systemAnchorsPem({ certFile: bundle, certDir: '' })).toHaveLength(2)
  expect(systemAnchorsPem({ certFile: none, certDir: `${none}${delimiter}${directory}` })).toHaveLength(1)
  expect(systemAnchorsPem({ certFile: bundle, certDir: directory })).toHaveLength(2)
  expect(systemAnchorsPem({ certFile: none, certDir: none }).length).toBeGreaterThan(50)
})

it('takes revocation lists from the file', () => {
  const authority = TestAuthority.root()
  const list = authority.revocationList({ serialNumbers: [7] }).toString('base64')
  const path = join(folder, 'revoking.pem')
  writeFileSync(
    path,
    `${authority.certificate.certificatePem}-----BEGIN X509 CRL-----\n${list}\n-----END X509 CRL-----\n`,
  )
  const database = new TlsFileDatabase(path)
  expect(database.revocationLists).toHaveLength(1)
  const flagsOf = (serialNumber: number): number =>
    database.verifyChain(authority.leaf({ serialNumber }), SERVER, 'example.test', { time: NOON })
  expect([flagsOf(6), flagsOf(7)]).toEqual([0, TlsCertificateFlags.REVOKED])
  writeFileSync(path, `${authority.certificate.certificatePem}-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n`)
  expect(() => new TlsFileDatabase(path)).toThrow(TlsError)
})

describe('verification without a connection', () => {
  it('judges a leaf with the issuers it came with, for a purpose and an identity', async () => {
    const [root] = roots
    const intermediate = await root?.createIntermediate()
    const issued = await intermediate?.issue({ dnsNames: ['example.test'], usages: ['client'] })
    const chain = TlsCertificate.fromPem(issued?.chainPem ?? '')
    const database = new TlsFileDatabase(bundle)
    expect(database.verifyChain(chain, CLIENT, 'example.test')).toBe(0)
    expect(database.verifyChain(chain, CLIENT, null)).toBe(0)
    expect(database.verifyChain(chain, CLIENT, 'other.test')).toBe(TlsCertificateFlags.BAD_IDENTITY)
    expect(database.verifyChain(chain, SERVER, 'example.test')).toBe(TlsCertificateFlags.GENERIC_ERROR)
    const alone = new TlsCertificate(chain.certificate)
    expect(database.verifyChain(alone, CLIENT, null)).toBe(TlsCertificateFlags.UNKNOWN_CA)
    const later = new Date(Date.now() + 1000 * 24 * 60 * 60_000)
    expect(database.verifyChain(chain, CLIENT, null, { time: later })).toBe(TlsCertificateFlags.EXPIRED)
    expect(database.verifyChain(chain, CLIENT, null, { maximumDepth: 0 })).toBe(TlsCertificateFlags.UNKNOWN_CA)
  })
})

describe('looking up', () => {
  const { KEYPAIR } = TlsDatabaseLookupFlags
  const [first, second] = [TestAuthority.root('First'), TestAuthority.root('Second')]
  const below = first.intermediate('Below')
  const withKey = new TlsCertificate(below.certificate.certificate, {
    privateKeyPem: below.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  })
  const database = new TlsDatabase([first.certificate, second.certificate, withKey])

  it('finds the issuer of a certificate by its signature, not by its name alone', () => {
    expect(database.lookupCertificateIssuer(below.leaf())).toBe(withKey)
    expect(database.lookupCertificateIssuer(second.leaf())?.isSame(second.certificate)).toBe(true)
    expect(database.lookupCertificateIssuer(TestAuthority.root('Second').leaf())).toBeNull()
    expect(database.lookupCertificateIssuer(TestAuthority.root('Third').leaf())).toBeNull()
    expect(database.lookupCertificateIssuer(second.leaf(), KEYPAIR)).toBeNull()
    expect(database.lookupCertificateIssuer(below.leaf(), KEYPAIR)).toBe(withKey)
  })

  it('finds what an authority has issued', () => {
    const issuedBy = (commonName: string, flags?: TlsDatabaseLookupFlags): readonly string[] =>
      database.lookupCertificatesIssuedBy(distinguishedName(commonName), flags).map(({ subjectName }) => subjectName)
    expect(issuedBy('First')).toEqual(['CN=First', 'CN=Below'])
    expect(issuedBy('FIRST ')).toEqual(['CN=First', 'CN=Below'])
    expect(issuedBy('First', KEYPAIR)).toEqual(['CN=Below'])
    expect(issuedBy('Third')).toEqual([])
    expect(() => database.lookupCertificatesIssuedBy(Buffer.from('nonsense'))).toThrow(TlsError)
  })

  it('gives a handle for each anchor, and the anchor for its handle', () => {
    const handle = database.createCertificateHandle(withKey) ?? ''
    expect(handle).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(database.lookupCertificateForHandle(handle)).toBe(withKey)
    expect(database.lookupCertificateForHandle(handle, KEYPAIR)).toBe(withKey)
    expect(
      database.lookupCertificateForHandle(database.createCertificateHandle(first.certificate) ?? '', KEYPAIR),
    ).toBeNull()
    expect(database.lookupCertificateForHandle('sha256:')).toBeNull()
    expect(database.createCertificateHandle(below.leaf())).toBeNull()
    const file = new TlsFileDatabase(bundle)
    const inFile = file.createCertificateHandle(file.anchors[1] ?? withKey) ?? ''
    expect(inFile).toMatch(/^file:\/\/.*bundle\.pem#[0-9a-f]{64}$/)
    expect(new TlsFileDatabase(bundle).lookupCertificateForHandle(inFile)?.subjectName).toBe('CN=Second')
    expect(database.lookupCertificateForHandle(inFile)).toBeNull()
  })
})

describe('the anchors of the machine and of Node', () => {
  it.each([
    ['the machine', systemAnchorsPem({ certFile: '', certDir: '' })],
    ['Node', rootCertificates],
  ])('of %s are all found and all fit to issue for servers', (_, anchorsPem) => {
    const database = new TlsDatabase(anchorsPem)
    const decoded = database.anchors.map((anchor) => DecodedCertificate.of(anchor))
    expect(decoded.filter((anchor) => !database.anchorIndex.has(anchor)).map(({ subject }) => subject.key)).toEqual([])
    const unfit = decoded.filter(
      (anchor) => !isProperAnchor(anchor, SERVER) || !anchor.isAuthority || !isStrongKey(anchor.publicKey),
    )
    expect(unfit.map(({ subject }) => subject.key)).toEqual([])
  })
})
