// PKCS#12 files made by the real `openssl pkcs12` and `certtool`, opened with right, wrong and missing passwords.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CertificateAuthority, type IssuedCertificate } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TlsCertificate } from '../../src/index.ts'

const openssl = spawnSync('openssl', ['version']).status === 0
const certtool = spawnSync('certtool', ['--version']).status === 0

let folder: string
let issued: IssuedCertificate

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pkcs12-'))
  const root = await CertificateAuthority.create({ commonName: 'Root' })
  const between = await root.createIntermediate({ commonName: 'Between' })
  issued = await between.issue()
  writeFileSync(file('leaf.pem'), issued.certificatePem)
  writeFileSync(file('key.pem'), issued.privateKeyPem)
  // The root first: readers have to find the order themselves.
  writeFileSync(file('others.pem'), root.certificatePem + between.intermediatesPem)
})
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string): string {
  return join(folder, name)
}

function withOpenssl(password: string, ...options: string[]): Buffer {
  const input = ['-in', file('leaf.pem'), '-inkey', file('key.pem')]
  const output = ['-out', file('made.p12'), '-passout', `pass:${password}`]
  execFileSync('openssl', ['pkcs12', '-export', ...input, ...output, ...options], { stdio: 'pipe' })
  return readFileSync(file('made.p12'))
}

function withCerttool(...options: string[]): Buffer {
  const input = ['--load-certificate', file('leaf.pem'), '--load-privkey', file('key.pem'), '--p12-name', 'mine']
  const output = ['--outder', '--outfile', file('made.p12')]
  execFileSync('certtool', ['--to-p12', ...input, ...output, ...options], { stdio: 'pipe' })
  return readFileSync(file('made.p12'))
}

function expectMine(certificate: TlsCertificate): void {
  expect(certificate.isSame(TlsCertificate.fromPem(issued.certificatePem))).toBe(true)
  expect(certificate.privateKeyPem).toBe(issued.privateKeyPem)
}

function codeOf(open: () => unknown): string | undefined {
  try {
    open()
    return undefined
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

const EVERY_CIPHER = ['AES-128-CBC', 'AES-192-CBC', 'AES-256-CBC', 'DES-EDE3-CBC', 'PBE-SHA1-3DES', 'PBE-SHA1-2DES']

describe.skipIf(!openssl)('a file of openssl pkcs12', () => {
  it.each([
    ['by default', []],
    ...EVERY_CIPHER.map((cipher) => [`with ${cipher}`, ['-keypbe', cipher, '-certpbe', cipher]]),
    ...['sha1', 'sha224', 'sha384', 'sha512'].map((hash) => [`with a MAC of ${hash}`, ['-macalg', hash]]),
    ['with a certificate that is not encrypted', ['-certpbe', 'NONE']],
    ['without encryption', ['-certpbe', 'NONE', '-keypbe', 'NONE']],
    ['with no MAC', ['-nomac']],
    ['with one iteration', ['-noiter', '-nomaciter']],
  ] as [string, string[]][])('opens, made %s', (_, options) => {
    expectMine(TlsCertificate.fromPkcs12(withOpenssl('sesame', ...options), 'sesame'))
  })

  it.each([
    ['a word outside of ASCII', 'Schlüssel – ключ 🔑'],
    ['64 letters', 'x'.repeat(64)],
    ['an empty one', ''],
  ])('opens with %s as password', (_, password) => {
    expectMine(TlsCertificate.fromPkcs12(withOpenssl(password), password))
    const old = withOpenssl(password, '-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES')
    expectMine(TlsCertificate.fromPkcs12(old, Buffer.from(password)))
  })

  it('gives the chain in its order, whatever that of the file', () => {
    const certificate = TlsCertificate.fromPkcs12(withOpenssl('sesame', '-certfile', file('others.pem')), 'sesame')
    expectMine(certificate)
    expect(certificate.issuer?.subjectName).toBe('CN=Between')
    expect(certificate.issuer?.issuer?.subjectName).toBe('CN=Root')
    expect(certificate.issuer?.issuer?.issuer).toBeNull()
  })

  it('may hold certificates alone', () => {
    const certificate = TlsCertificate.fromPkcs12(withOpenssl('sesame', '-nokeys'), 'sesame')
    expect(certificate.subjectName).toBe('CN=localhost')
    expect(certificate.privateKeyPem).toBeNull()
  })

  it('is told from the others by its content', () => {
    withOpenssl('sesame')
    expectMine(TlsCertificate.fromFileWithPassword(file('made.p12'), 'sesame'))
    expect(codeOf(() => TlsCertificate.fromFile(file('made.p12')))).toBe('BAD_CERTIFICATE_PASSWORD')
    withOpenssl('')
    expectMine(TlsCertificate.fromFile(file('made.p12')))
  })

  it.each([[[]], [['-nomac']], [['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-nomac']]])(
    'does not open with a wrong password or none, made with %j',
    (options) => {
      const data = withOpenssl('sesame', ...options)
      for (const password of ['Sesame', '', null]) {
        expect(codeOf(() => TlsCertificate.fromPkcs12(data, password))).toBe('BAD_CERTIFICATE_PASSWORD')
      }
    },
  )

  it('says so when it is encrypted with RC2', () => {
    const data = withOpenssl('sesame', '-legacy')
    expect(() => TlsCertificate.fromPkcs12(data, 'sesame')).toThrow(
      'The file is encrypted with RC2 or RC4, which OpenSSL no longer offers; encrypt it anew with AES.',
    )
  })

  it.each([
    ['its MAC', []],
    ['the legacy key derivation', ['-nomac', '-certpbe', 'PBE-SHA1-3DES']],
  ])('does not keep the process busy with %s', (_, options) => {
    const data = withOpenssl('sesame', '-nokeys', '-iter', '65537', ...options)
    const iterations = data.lastIndexOf(Buffer.from('0203010001', 'hex'))
    data.writeUIntBE(0x7fffff, iterations + 2, 3)
    expect(() => TlsCertificate.fromPkcs12(data, 'sesame')).toThrow(
      'The password of the file takes too much work to check.',
    )
  })

  it('gives what was written or nothing, whatever byte of it is changed', () => {
    const data = withOpenssl('sesame', '-noiter', '-nomaciter')
    for (let index = 0; index < data.length; index++) {
      const changed = Buffer.from(data)
      changed[index]! ^= 1 << (index % 8)
      const code = codeOf(() => expectMine(TlsCertificate.fromPkcs12(changed, 'sesame')))
      if (code !== undefined) expect(code, `byte ${index}`).toMatch(/^BAD_CERTIFICATE/)
    }
  })
})

describe.skipIf(!certtool)('a file of certtool', () => {
  it('opens, though it asks for 600,000 iterations', () => {
    expectMine(TlsCertificate.fromPkcs12(withCerttool('--password', 'sesame'), 'sesame'))
  })

  it('opens without a password', () => {
    expectMine(TlsCertificate.fromPkcs12(withCerttool('--null-password'), null))
  })
})

describe('what is no PKCS#12 file', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('-----BEGIN CERTIFICATE-----')],
    ['zeros', Buffer.alloc(1000)],
    ['sequences within sequences', Buffer.alloc(200_000, Buffer.from('3080', 'hex'))],
    ['a version alone', Buffer.from('3003020103', 'hex')],
    ['too much', Buffer.alloc(262_145, 0x30)],
  ])('is %s', (_, data) => {
    expect(codeOf(() => TlsCertificate.fromPkcs12(data, 'sesame'))).toBe('BAD_CERTIFICATE')
  })
})
