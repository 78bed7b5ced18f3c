// The hash of tls-server-end-point, for certificates signed in every way OpenSSL's tool can. RFC 5929 section 4.1.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TlsCertificate } from '../src/certificates/tls-certificate.ts'
import { serverEndPoint } from '../src/tls-server-end-point.ts'

const installed = spawnSync('openssl', ['version']).status === 0
const EC = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
const RSA = ['rsa:2048']
const PSS = ['-sigopt', 'rsa_padding_mode:pss']

describe.skipIf(!installed)('tls-server-end-point', () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'end-point-'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  function certify(key: readonly string[], ...signature: readonly string[]): TlsCertificate {
    const path = join(folder, 'certificate.pem')
    const command = [
      'req',
      '-x509',
      '-nodes',
      '-subj',
      '/CN=localhost',
      '-keyout',
      join(folder, 'key.pem'),
      '-out',
      path,
    ]
    execFileSync('openssl', [...command, '-newkey', ...key, ...signature], { stdio: 'ignore' })
    return TlsCertificate.fromPem(readFileSync(path, 'utf8'))
  }

  it.each([
    ['ECDSA with SHA-1', EC, ['-sha1'], 'sha256'],
    ['ECDSA with SHA-224', EC, ['-sha224'], 'sha224'],
    ['ECDSA with SHA-256', EC, ['-sha256'], 'sha256'],
    ['ECDSA with SHA-384', EC, ['-sha384'], 'sha384'],
    ['ECDSA with SHA-512', EC, ['-sha512'], 'sha512'],
    ['RSA with MD5', RSA, ['-md5'], 'sha256'],
    ['RSA with SHA-384', RSA, ['-sha384'], 'sha384'],
    ['RSA-PSS with SHA-1', RSA, ['-sha1', ...PSS], 'sha256'],
    ['RSA-PSS with SHA-512', RSA, ['-sha512', ...PSS], 'sha512'],
  ])('of %s', (_, key, signature, hash) => {
    const certificate = certify(key, ...signature)
    expect(serverEndPoint(certificate)).toEqual(createHash(hash).update(certificate.certificate).digest())
  })

  it('is not defined for Ed25519', () => {
    expect(() => serverEndPoint(certify(['ed25519']))).toThrow(expect.objectContaining({ code: 'NOT_SUPPORTED' }))
  })
})
