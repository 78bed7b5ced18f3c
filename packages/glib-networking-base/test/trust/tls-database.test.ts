// Where anchors come from.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CertificateAuthority } from '@wpe-networking/test-support'
import { TlsCertificate, TlsDatabase, TlsError, TlsFileDatabase } from '../../src/index.ts'
import { systemAnchorsPem } from '../../src/trust/system-trust.ts'

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

it('prefers the file of SSL_CERT_FILE, and does without one that is not there', () => {
  expect(systemAnchorsPem(bundle)).toHaveLength(2)
  expect(systemAnchorsPem(join(folder, 'none.pem')).length).toBeGreaterThan(50)
})
