// OCSP responses judged: who may sign, which certificate, when, and what cannot be read.
import { generateKeyPairSync } from 'node:crypto'
import { CertificateAuthority, createOcspResponse, type IssuedCertificate } from '@wpe-networking/test-support'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeSignatureVerifier, TlsCertificate } from '../../src/index.ts'
import { checkOcspResponse, type OcspVerdict } from '../../src/revocation/ocsp-response.ts'
import { oid, sequence } from '../verification/der-writer.ts'
import { NOON, Oid, TestAuthority } from '../verification/test-authority.ts'

const HOUR = 60 * 60_000

let authority: CertificateAuthority
let rsaAuthority: CertificateAuthority
let issued: IssuedCertificate

beforeAll(async () => {
  authority = await CertificateAuthority.create()
  rsaAuthority = await CertificateAuthority.create({ keyType: 'rsa-2048' })
  issued = await authority.issue()
})

function check(response: Uint8Array, certificate = issued, issuer = authority): OcspVerdict {
  return checkOcspResponse(response, {
    certificate: TlsCertificate.fromPem(certificate.certificatePem),
    issuer: TlsCertificate.fromPem(issuer.certificatePem),
    time: new Date(),
    signatures: { isSignedBy: (leaf, by) => leaf.x509.verify(by.x509.publicKey) },
  })
}

type ResponseOptions = Partial<Parameters<typeof createOcspResponse>[0]>

function respond(options: ResponseOptions = {}, certificate = issued, issuer = authority): Buffer {
  return createOcspResponse({
    certificatePem: certificate.certificatePem,
    issuerPem: issuer.certificatePem,
    signer: issuer,
    ...options,
  })
}

const inHours = (hours: number): Date => new Date(Date.now() + hours * HOUR)

describe('what the responder says', () => {
  it.each<[string, ResponseOptions]>([
    ['good', {}],
    ['good', { certIdHash: 'SHA-256' }],
    ['good', { responderId: 'byName' }],
    ['revoked', { status: 'revoked' }],
    ['unknown', { status: 'unknown' }],
  ])('is %s with %j', (status, options) => {
    expect(check(respond(options)).status).toBe(status)
  })

  it('tells when the certificate was revoked', () => {
    expect(check(respond({ status: 'revoked' })).revokedAt?.getTime()).toBeLessThan(Date.now() - HOUR)
    expect(check(respond()).revokedAt).toBeNull()
  })

  it('is believed with an RSA signature too, unless it is over SHA-1', async () => {
    const certificate = await rsaAuthority.issue()
    expect(check(respond({}, certificate, rsaAuthority), certificate, rsaAuthority).status).toBe('good')
    const weak = respond({ signatureHash: 'SHA-1' }, certificate, rsaAuthority)
    expect(check(weak, certificate, rsaAuthority).status).toBe('invalid')
  })
})

describe('the time', () => {
  it.each<[string, string, ResponseOptions]>([
    ['not yet valid', 'invalid', { thisUpdate: inHours(1) }],
    ['a minute ahead of this clock', 'good', { thisUpdate: inHours(1 / 60) }],
    ['out of date', 'invalid', { thisUpdate: inHours(-48), nextUpdate: inHours(-1) }],
    ['fresh, with no next update', 'good', { nextUpdate: null }],
    ['16 days old, with no next update', 'invalid', { thisUpdate: inHours(-16 * 24), nextUpdate: null }],
  ])('a response that is %s is %s', (_, status, options) => {
    expect(check(respond(options)).status).toBe(status)
  })
})

describe('who signed', () => {
  it('may be a responder the issuer delegated to', async () => {
    const delegate = await authority.issue({ commonName: 'Responder', usages: ['ocsp'] })
    expect(check(respond({ signer: delegate })).status).toBe('good')
    expect(check(respond({ signer: delegate, responderId: 'byName', status: 'revoked' })).status).toBe('revoked')
  })

  it('may not be a certificate of the issuer that is for something else', async () => {
    expect(check(respond({ signer: await authority.issue() })).status).toBe('invalid')
  })

  it('may not be a responder whose certificate is signed over SHA-1', async () => {
    const [certificate, strong, weak] = [
      await rsaAuthority.issue(),
      await rsaAuthority.issue({ commonName: 'Responder', usages: ['ocsp'] }),
      await rsaAuthority.issue({ commonName: 'Responder', usages: ['ocsp'], signatureHash: 'SHA-1' }),
    ]
    const by = (signer: IssuedCertificate): string =>
      check(respond({ signer }, certificate, rsaAuthority), certificate, rsaAuthority).status
    expect([by(strong), by(weak)]).toEqual(['good', 'invalid'])
  })

  it.each([
    ['good', 'P-256'],
    ['invalid', 'secp160r1'],
  ])('is %s of a responder with a key on %s', (status, namedCurve) => {
    const root = TestAuthority.root()
    const keys = generateKeyPairSync('ec', { namedCurve })
    const signing = { oid: Oid.EKU, value: sequence(oid('1.3.6.1.5.5.7.3.9')) }
    const { certificatePem } = root.leaf({ commonName: 'Responder', keys, extensions: [signing] })
    const [leaf, issuer] = [root.leaf(), root.certificate]
    const response = createOcspResponse({
      certificatePem: leaf.certificatePem,
      issuerPem: issuer.certificatePem,
      signer: { certificatePem, privateKeyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
      thisUpdate: NOON,
      nextUpdate: null,
    })
    const signatures = nodeSignatureVerifier
    expect(checkOcspResponse(response, { certificate: leaf, issuer, time: NOON, signatures }).status).toBe(status)
  })

  it('may not be a responder that is out of its time', async () => {
    const expired = await authority.issueRole('expired', { usages: ['ocsp'] })
    expect(check(respond({ signer: expired })).status).toBe('invalid')
  })

  it('may not be the responder of another authority, were it of the same name', async () => {
    const namesake = await CertificateAuthority.create()
    const stranger = await namesake.issue({ commonName: 'Responder', usages: ['ocsp'] })
    expect(check(respond({ signer: stranger })).status).toBe('invalid')
  })

  it('may not be a delegate of a delegate', async () => {
    const between = await authority.createIntermediate()
    const further = await between.issue({ commonName: 'Responder', usages: ['ocsp'] })
    expect(check(respond({ signer: further })).status).toBe('invalid')
  })

  it('may not be somebody who only names the issuer', async () => {
    const thief = await CertificateAuthority.create()
    const signer = { certificatePem: authority.certificatePem, privateKeyPem: thief.privateKeyPem }
    expect(check(respond({ signer })).status).toBe('invalid')
  })
})

describe('what is no answer', () => {
  it('is a response about another certificate', async () => {
    const other = await authority.issue()
    expect(check(respond({}, other))).toEqual({
      status: 'invalid',
      reason: 'The OCSP response is about another certificate.',
      revokedAt: null,
    })
  })

  it('is a refusal of the responder', () => {
    const tryLater = Buffer.from('30030a0103', 'hex')
    expect(check(tryLater).reason).toBe('The OCSP responder gave no answer.')
  })

  it('is a revocation with a bit changed, wherever that is', () => {
    const response = respond({ status: 'revoked' })
    for (let index = 0; index < response.length; index++) {
      const changed = Buffer.from(response)
      changed[index]! ^= 1 << (index % 8)
      // A bit that is not signed may leave the verdict as it is.
      expect(['invalid', 'revoked'], `byte ${index}`).toContain(check(changed).status)
    }
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('HTTP/1.1 404 Not Found')],
    ['zeros', Buffer.alloc(1000)],
    ['sequences within sequences', Buffer.alloc(60_000, Buffer.from('3080', 'hex'))],
    ['too much', Buffer.alloc(65_537, 0x30)],
  ])('is %s', (_, garbage) => {
    expect(check(garbage).status).toBe('invalid')
  })

  it('is any response cut short', () => {
    const response = respond()
    for (let length = 1; length < response.length; length += 5) {
      expect(check(response.subarray(0, length)).status, `${length} bytes`).toBe('invalid')
    }
  })
})
