// Private keys in PEM, encrypted in every way the tools write them, and passwords that are wrong or missing.
import { execFileSync, spawnSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EncryptedPrivateKeyInfo } from '@peculiar/asn1-pkcs8'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier } from '@peculiar/asn1-x509'
import { CertificateAuthority, type IssuedCertificate } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Pbes2Parameters, Pbkdf2Parameters, ScryptParameters } from '../../src/certificates/password-based-schema.ts'
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

/** An encrypted key whose file asks for this much work; what is in it does not matter. */
function keyAskingFor(keyDerivation: AlgorithmIdentifier): string {
  const iv = AsnConvert.serialize(new OctetString(new Uint8Array(16)))
  const parameters = Object.assign(new Pbes2Parameters(), {
    keyDerivation,
    cipher: new AlgorithmIdentifier({ algorithm: '2.16.840.1.101.3.4.1.42', parameters: iv }),
  })
  const info = new EncryptedPrivateKeyInfo({
    encryptionAlgorithm: new AlgorithmIdentifier({
      algorithm: '1.2.840.113549.1.5.13',
      parameters: AsnConvert.serialize(parameters),
    }),
    encryptedData: new OctetString(new Uint8Array(16)),
  })
  const text = Buffer.from(AsnConvert.serialize(info)).toString('base64')
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${text}\n-----END ENCRYPTED PRIVATE KEY-----\n`
}

describe('a hostile key', () => {
  const salt = new OctetString(new Uint8Array(8))

  function pbkdf2(iterations: number): AlgorithmIdentifier {
    const parameters = Object.assign(new Pbkdf2Parameters(), { salt, iterations })
    return new AlgorithmIdentifier({
      algorithm: '1.2.840.113549.1.5.12',
      parameters: AsnConvert.serialize(parameters),
    })
  }

  function scrypt(cost: number, blockSize: number, parallelization: number): AlgorithmIdentifier {
    const parameters = Object.assign(new ScryptParameters(), { salt, cost, blockSize, parallelization })
    return new AlgorithmIdentifier({
      algorithm: '1.3.6.1.4.1.11591.4.11',
      parameters: AsnConvert.serialize(parameters),
    })
  }

  it.each([
    ['two thousand million rounds', pbkdf2(2_000_000_000)],
    ['no round at all', pbkdf2(0)],
    ['less than none', pbkdf2(-1)],
    ['a gigabyte', scrypt(2 ** 20, 8, 1)],
    ['work without end', scrypt(2 ** 14, 8, 100_000)],
    ['a cost that is no power of two', scrypt(1000, 8, 1)],
  ])('does not get %s', (_, keyDerivation) => {
    const pem = keyAskingFor(keyDerivation) + issued.certificatePem
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
