// PKCS#12 as few tools write it yet or any more: a MAC of PBMAC1, lengths left open, octets in pieces.
// Node's own OpenSSL says whether the files are right.
import { createHmac, pbkdf2Sync } from 'node:crypto'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { MacData, PFX } from '@peculiar/asn1-pfx'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier } from '@peculiar/asn1-x509'
import { CertificateAuthority, type IssuedCertificate } from '@wpe-networking/test-support'
import { beforeAll, describe, expect, it } from 'vitest'
import { Pbkdf2Parameters, Pbmac1Parameters } from '../../src/certificates/password-based-schema.ts'
import { TlsCertificate } from '../../src/index.ts'

const installed = spawnSync('openssl', ['version']).status === 0

const HMAC_SHA256 = '1.2.840.113549.2.9'

let issued: IssuedCertificate
let made: Buffer

beforeAll(async () => {
  issued = await (await CertificateAuthority.create()).issue()
  if (!installed) return
  const folder = mkdtempSync(join(tmpdir(), 'pkcs12-variants-'))
  try {
    writeFileSync(join(folder, 'both.pem'), issued.certificatePem + issued.privateKeyPem)
    const names = ['-in', join(folder, 'both.pem'), '-out', join(folder, 'made.p12')]
    execFileSync('openssl', ['pkcs12', '-export', ...names, '-passout', 'pass:sesame'], { stdio: 'pipe' })
    made = readFileSync(join(folder, 'made.p12'))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

function expectOpens(data: Buffer): void {
  expect(() => createSecureContext({ pfx: data, passphrase: 'sesame' })).not.toThrow()
  const certificate = TlsCertificate.fromPkcs12(data, 'sesame')
  expect(certificate.isSame(TlsCertificate.fromPem(issued.certificatePem))).toBe(true)
  expect(certificate.privateKeyPem).toBe(issued.privateKeyPem)
  expect(() => TlsCertificate.fromPkcs12(data, 'Sesame')).toThrow(
    expect.objectContaining({ code: 'BAD_CERTIFICATE_PASSWORD' }),
  )
}

/** The same file, its MAC that of RFC 9579. */
function withPbmac1(data: Buffer, keyLength: number | undefined): Buffer {
  const pfx = AsnConvert.parse(data, PFX)
  const content = AsnConvert.parse(pfx.authSafe.content, OctetString)
  const salt = new OctetString(new Uint8Array(8).fill(7))
  const prf = new AlgorithmIdentifier({ algorithm: HMAC_SHA256 })
  const pbkdf2 = Object.assign(new Pbkdf2Parameters(), { salt, iterations: 2048, keyLength, prf })
  const pbmac1 = Object.assign(new Pbmac1Parameters(), {
    keyDerivation: new AlgorithmIdentifier({
      algorithm: '1.2.840.113549.1.5.12',
      parameters: AsnConvert.serialize(pbkdf2),
    }),
    mac: new AlgorithmIdentifier({ algorithm: HMAC_SHA256 }),
  })
  const key = pbkdf2Sync('sesame', new Uint8Array(salt.buffer), 2048, keyLength ?? 32, 'sha256')
  const digest = createHmac('sha256', key).update(new Uint8Array(content.buffer)).digest()
  pfx.macData = new MacData({ macSalt: new OctetString(Buffer.from('NOT USED')), iterations: 1 })
  pfx.macData.mac.digestAlgorithm = new AlgorithmIdentifier({
    algorithm: '1.2.840.113549.1.5.14',
    parameters: AsnConvert.serialize(pbmac1),
  })
  pfx.macData.mac.digest = new OctetString(digest)
  return Buffer.from(AsnConvert.serialize(pfx))
}

const END = Buffer.from([0, 0])

/** `content` as a constructed value of indefinite length. */
function openEnded(tag: number, ...content: Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from([tag, 0x80]), ...content, END])
}

/** The same file in BER: no length of the outer values, and the content in two pieces, as streaming writers do. */
function inBer(data: Buffer): Buffer {
  const pfx = AsnConvert.parse(data, PFX)
  const content = Buffer.from(AsnConvert.parse(pfx.authSafe.content, OctetString).buffer)
  const piece = (part: Buffer): Buffer => Buffer.from(AsnConvert.serialize(new OctetString(part)))
  const octets = openEnded(0x24, piece(content.subarray(0, 100)), piece(content.subarray(100)))
  const type = Buffer.from('06092a864886f70d010701', 'hex')
  const authSafe = openEnded(0x30, type, openEnded(0xa0, octets))
  return openEnded(0x30, Buffer.from('020103', 'hex'), authSafe, Buffer.from(AsnConvert.serialize(pfx.macData)))
}

describe.skipIf(!installed)('a PKCS#12 file', () => {
  it('opens with a MAC of PBMAC1', () => {
    expectOpens(withPbmac1(made, 32))
  })

  it('is refused with a PBMAC1 that does not say how long its key is', () => {
    expect(() => TlsCertificate.fromPkcs12(withPbmac1(made, undefined), 'sesame')).toThrow(
      'The MAC of the PKCS#12 file has a key of no sensible length.',
    )
  })

  it('opens in BER', () => {
    expectOpens(inBer(made))
  })
})
