// PKCS#12 as few tools write it yet or any more: a MAC of PBMAC1, lengths left open, octets in pieces.
// Node's own OpenSSL says whether the files are right.
import { createHmac, pbkdf2Sync } from 'node:crypto'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { CertificateAuthority, type IssuedCertificate } from '@wpe-networking/test-support'
import { beforeAll, describe, expect, it } from 'vitest'
import { derElement } from '../../src/certificates/ber-to-der.ts'
import { DerReader, TlsCertificate } from '../../src/index.ts'

const installed = spawnSync('openssl', ['version']).status === 0

const SEQUENCE = 0x30
const INTEGER = 0x02
const OCTETS = 0x04
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const DATA = hex('06092a864886f70d010701')
const HMAC_SHA256 = derElement(SEQUENCE, hex('06082a864886f70d0209'))
const PBKDF2 = hex('06092a864886f70d01050c')
const PBMAC1 = hex('06092a864886f70d01050e')
const VERSION = hex('020103')

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

/** What the MAC is over, and the MAC. */
function partsOf(data: Buffer): { content: Buffer; macData: Buffer } {
  const pfx = new DerReader(data).inside(SEQUENCE)
  pfx.count()
  const authSafe = pfx.inside(SEQUENCE)
  authSafe.oid()
  return { content: authSafe.inside(0xa0).read(OCTETS), macData: pfx.element().raw }
}

/** The same file, its MAC that of RFC 9579. */
function withPbmac1(data: Buffer, keyLength: number | null): Buffer {
  const { content } = partsOf(data)
  const salt = Buffer.alloc(8, 7)
  const length = keyLength === null ? [] : [derElement(INTEGER, Buffer.from([keyLength]))]
  const work = [derElement(OCTETS, salt), derElement(INTEGER, hex('0800')), ...length, HMAC_SHA256]
  const derivation = derElement(SEQUENCE, PBKDF2, derElement(SEQUENCE, ...work))
  const algorithm = derElement(SEQUENCE, PBMAC1, derElement(SEQUENCE, derivation, HMAC_SHA256))
  const key = pbkdf2Sync('sesame', salt, 2048, keyLength ?? 32, 'sha256')
  const digest = derElement(OCTETS, createHmac('sha256', key).update(content).digest())
  const unused = [derElement(OCTETS, Buffer.from('NOT USED')), derElement(INTEGER, hex('01'))]
  const macData = derElement(SEQUENCE, derElement(SEQUENCE, algorithm, digest), ...unused)
  const authSafe = derElement(SEQUENCE, DATA, derElement(0xa0, derElement(OCTETS, content)))
  return derElement(SEQUENCE, VERSION, authSafe, macData)
}

const END = Buffer.from([0, 0])

/** `content` as a constructed value of indefinite length. */
function openEnded(tag: number, ...content: Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from([tag, 0x80]), ...content, END])
}

/** The same file in BER: no length of the outer values, and the content in two pieces, as streaming writers do. */
function inBer(data: Buffer): Buffer {
  const { content, macData } = partsOf(data)
  const pieces = [content.subarray(0, 100), content.subarray(100)].map((piece) => derElement(OCTETS, piece))
  const authSafe = openEnded(SEQUENCE, DATA, openEnded(0xa0, openEnded(0x24, ...pieces)))
  return openEnded(SEQUENCE, VERSION, authSafe, macData)
}

describe.skipIf(!installed)('a PKCS#12 file', () => {
  it('opens with a MAC of PBMAC1', () => {
    expectOpens(withPbmac1(made, 32))
  })

  it('is refused with a PBMAC1 that does not say how long its key is', () => {
    expect(() => TlsCertificate.fromPkcs12(withPbmac1(made, null), 'sesame')).toThrow(
      'The MAC of the PKCS#12 file has a key of no sensible length.',
    )
  })

  it('opens in BER', () => {
    expectOpens(inBer(made))
  })
})
