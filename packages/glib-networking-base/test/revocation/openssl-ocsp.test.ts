// OCSP responses made by the real `openssl ocsp`: another writer of the format than ours.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CertificateAuthority, type IssuedCertificate } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TlsCertificate } from '../../src/index.ts'
import { checkOcspResponse } from '../../src/revocation/ocsp-response.ts'

const installed = spawnSync('openssl', ['version']).status === 0

let folder: string
let authority: CertificateAuthority
let responder: IssuedCertificate
let issued: IssuedCertificate

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'openssl-ocsp-'))
  authority = await CertificateAuthority.create({ commonName: 'Größe & Söhne', keyType: 'rsa-2048' })
  responder = await authority.issue({ commonName: 'Responder', usages: ['ocsp'], keyType: 'rsa-2048' })
  issued = await authority.issue()
  const files = {
    'ca.pem': authority.certificatePem,
    'ca.key': authority.privateKeyPem,
    'responder.pem': responder.certificatePem,
    'responder.key': responder.privateKeyPem,
    'leaf.pem': issued.certificatePem,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** One line of the index.txt of `openssl ca`: status, expiry, revocation, serial number, file, subject. */
function indexLine(status: 'V' | 'R'): string {
  const { serialNumber } = TlsCertificate.fromPem(issued.certificatePem).x509
  const revoked = status === 'R' ? '260101000000Z' : ''
  return [status, '491231235959Z', revoked, serialNumber, 'unknown', '/CN=localhost'].join('\t') + '\n'
}

function respond(index: string, signer: 'ca' | 'responder', ...extra: string[]): Buffer {
  const file = (name: string): string => join(folder, name)
  writeFileSync(file('index.txt'), index)
  const request = ['-issuer', file('ca.pem'), '-cert', file('leaf.pem'), '-reqout', file('request.der'), '-no_nonce']
  execFileSync('openssl', ['ocsp', ...extra.filter((option) => option === '-sha256'), ...request], { stdio: 'pipe' })
  const signing = ['-CA', file('ca.pem'), '-rsigner', file(`${signer}.pem`), '-rkey', file(`${signer}.key`)]
  const output = ['-reqin', file('request.der'), '-respout', file('response.der'), '-ndays', '1']
  const options = extra.filter((option) => option !== '-sha256')
  execFileSync('openssl', ['ocsp', '-index', file('index.txt'), ...signing, ...output, ...options], { stdio: 'pipe' })
  return readFileSync(file('response.der'))
}

function status(response: Buffer): string {
  return checkOcspResponse(response, {
    certificate: TlsCertificate.fromPem(issued.certificatePem),
    issuer: TlsCertificate.fromPem(authority.certificatePem),
    time: new Date(),
    signatures: { isSignedBy: (leaf, by) => leaf.x509.verify(by.x509.publicKey) },
  }).status
}

describe.skipIf(!installed)('a response of openssl ocsp', () => {
  it.each([
    ['good', 'V', 'ca', []],
    ['good', 'V', 'responder', []],
    ['good', 'V', 'responder', ['-resp_key_id']],
    ['good', 'V', 'ca', ['-sha256']],
    ['good', 'V', 'responder', ['-rmd', 'sha512']],
    ['good', 'V', 'ca', ['-rsigopt', 'rsa_padding_mode:pss']],
    ['revoked', 'R', 'responder', []],
    ['invalid', 'V', 'ca', ['-rmd', 'sha1']],
  ] as const)('is %s for index %s signed by the %s %j', (expected, index, signer, options) => {
    expect(status(respond(indexLine(index), signer, ...options))).toBe(expected)
  })

  it('is unknown for a certificate that is not in its index', () => {
    expect(status(respond('', 'responder'))).toBe('unknown')
  })
})
