// Private keys in PEM, encrypted in every way the tools write them, and passwords that are wrong or missing.
import { execFileSync, spawnSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CertificateAuthority, type IssuedCertificate } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { derElement } from '../../src/certificates/ber-to-der.ts'
import { TlsCertificate, TlsError } from '../../src/index.ts'

const openssl = spawnSync('openssl', ['version']).status === 0
const certtool = spawnSync('certtool', ['--version']).status === 0

let folder: string
let issued: IssuedCertificate

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'private-key-'))
  issued = await (await CertificateAuthority.create()).issue({ keyType: 'rsa-2048' })
  writeFileSync(join(folder, 'key.pem'), issued.privateKeyPem)
  writeFileSync(join(folder, 'leaf.pem'), issued.certificatePem)
})
afterAll(() => rmSync(folder, { recursive: true }))

function expectOpens(keyPem: string): void {
  const certificate = TlsCertificate.fromPem(keyPem + issued.certificatePem, { password: 'sesame' })
  expect(certificate.privateKeyPem).toBe(issued.privateKeyPem)
  const wrong = { code: 'BAD_CERTIFICATE_PASSWORD' }
  for (const password of ['Sesame', '', null]) {
    expect(() => TlsCertificate.fromPem(keyPem + issued.certificatePem, { password })).toThrow(
      expect.objectContaining(wrong),
    )
  }
}

describe.skipIf(!openssl)('a key encrypted by openssl', () => {
  it.each([
    ['pkcs8', '-topk8'],
    ['pkcs8', '-topk8', '-scrypt'],
    ['pkcs8', '-topk8', '-v2', 'aes128', '-v2prf', 'hmacWithSHA512'],
    ['pkcs8', '-topk8', '-v2', 'des3', '-v2prf', 'hmacWithSHA1'],
    ['pkcs8', '-topk8', '-v1', 'PBE-SHA1-3DES'],
    ['rsa', '-traditional', '-aes128'],
    ['rsa', '-traditional', '-des3'],
  ])('opens, made with %s %s %s %s', (command, ...options) => {
    const parts = [command, '-in', join(folder, 'key.pem'), '-passout', 'pass:sesame', ...options]
    expectOpens(execFileSync('openssl', parts, { encoding: 'utf8', stdio: 'pipe' }))
  })

  it('opens from a file of its own', () => {
    const key = join(folder, 'encrypted.pem')
    const leaf = join(folder, 'leaf.pem')
    execFileSync('openssl', ['pkcs8', '-topk8', '-in', join(folder, 'key.pem'), '-passout', 'pass:sesame', '-out', key])
    expect(TlsCertificate.fromFiles(leaf, key, 'sesame').privateKeyPem).toBe(issued.privateKeyPem)
    expect(() => TlsCertificate.fromFiles(leaf, key)).toThrow('The private key is encrypted and there is no password.')
  })
})

it.skipIf(!certtool)('a key encrypted by certtool opens', () => {
  const parts = [
    '--to-p8',
    '--load-privkey',
    join(folder, 'key.pem'),
    '--password',
    'sesame',
    '--pkcs-cipher',
    'aes-256',
  ]
  expectOpens(execFileSync('certtool', parts, { encoding: 'utf8', stdio: 'pipe' }))
})

describe('a key that is not encrypted', () => {
  it('is given as PKCS#8 in DER, whatever its form', () => {
    const key = createPrivateKey(issued.privateKeyPem)
    const pkcs8 = key.export({ type: 'pkcs8', format: 'der' })
    for (const type of ['pkcs8', 'pkcs1'] as const) {
      const pem = key.export({ type, format: 'pem' }).toString()
      expect(TlsCertificate.fromPem(pem + issued.certificatePem).privateKey).toEqual(pkcs8)
    }
    expect(TlsCertificate.fromPem(issued.certificatePem).privateKey).toBeNull()
  })

  it('needs no password and does not mind one', () => {
    const text = issued.privateKeyPem + issued.certificatePem
    expect(TlsCertificate.fromPem(text, { password: 'sesame' }).privateKeyPem).toBe(issued.privateKeyPem.trim())
  })

  it('is none when it cannot be decoded', () => {
    const broken = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'
    const certificate = TlsCertificate.fromPem(broken + issued.certificatePem)
    expect(() => certificate.privateKey).toThrow(new TlsError('BAD_CERTIFICATE', 'The private key cannot be decoded.'))
  })
})

const SEQUENCE = 0x30
const OCTETS = 0x04
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const PBES2 = hex('06092a864886f70d01050d')
const AES_256_CBC = hex('060960864801650304012a')
const PBKDF2 = hex('06092a864886f70d01050c')
const SCRYPT = hex('06092b06010401da47040b')

/** An encrypted key whose file asks for this much work; what is in it does not matter. */
function keyAskingFor(derivation: Buffer, ...numbers: string[]): string {
  const octets = derElement(OCTETS, Buffer.alloc(16))
  const work = numbers.map((number) => derElement(0x02, hex(number)))
  const keyDerivation = derElement(SEQUENCE, derivation, derElement(SEQUENCE, octets, ...work))
  const cipher = derElement(SEQUENCE, AES_256_CBC, octets)
  const algorithm = derElement(SEQUENCE, PBES2, derElement(SEQUENCE, keyDerivation, cipher))
  const text = derElement(SEQUENCE, algorithm, octets).toString('base64')
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${text}\n-----END ENCRYPTED PRIVATE KEY-----\n`
}

describe('a hostile key', () => {
  it.each([
    ['two thousand million rounds', PBKDF2, ['77359400']],
    ['more rounds than there are numbers for', PBKDF2, ['7fffffffffffffffff']],
    ['no round at all', PBKDF2, ['00']],
    ['less than none', PBKDF2, ['ff']],
    ['a gigabyte', SCRYPT, ['100000', '08', '01']],
    ['work without end', SCRYPT, ['4000', '08', '0186a0']],
    ['a quarter of a minute', SCRYPT, ['010000', '08', '4b']],
    ['a cost that is no power of two', SCRYPT, ['03e8', '08', '01']],
  ])('does not get %s', (_, derivation, numbers) => {
    const pem = keyAskingFor(derivation, ...numbers) + issued.certificatePem
    expect(() => TlsCertificate.fromPem(pem, { password: 'sesame' })).toThrow(
      expect.objectContaining({ code: 'BAD_CERTIFICATE' }),
    )
  })

  it('is refused when its cipher is one OpenSSL does not offer any more', () => {
    const head = '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,0123456789ABCDEF\n'
    const pem = `${head}\nAAAA\n-----END RSA PRIVATE KEY-----\n${issued.certificatePem}`
    expect(() => TlsCertificate.fromPem(pem, { password: 'sesame' })).toThrow(
      new TlsError('BAD_CERTIFICATE', 'The private key is encrypted with DES-CBC, which is not supported.'),
    )
  })

  it('is told by the scan for blocks in no time, however many it starts', () => {
    expect(() => TlsCertificate.fromPem('-----BEGIN PRIVATE KEY-----\n'.repeat(100_000))).toThrow(TlsError)
  })
})
