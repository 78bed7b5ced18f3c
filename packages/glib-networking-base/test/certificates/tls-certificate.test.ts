// Certificates read from PEM and DER: names, dates, chains, keys, and what cannot be read.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CertificateAuthority, type IssuedCertificate } from '@wpe-networking/test-support'
import { TlsCertificate, TlsCertificateFlags, TlsError } from '../../src/index.ts'

let authority: CertificateAuthority
let intermediate: CertificateAuthority
let issued: IssuedCertificate
let folder: string

beforeAll(async () => {
  authority = await CertificateAuthority.create({ commonName: 'A Root' })
  intermediate = await authority.createIntermediate({ commonName: 'Between' })
  issued = await intermediate.issue({
    dnsNames: ['example.test', '*.example.test'],
    ipAddresses: ['192.0.2.1', '2001:db8:0:0:0:0:0:1'],
    notBefore: new Date('2026-01-02T03:04:05Z'),
    notAfter: new Date('2030-01-02T03:04:05Z'),
  })
  folder = mkdtempSync(join(tmpdir(), 'tls-certificate-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

it('tells its names and dates', () => {
  const certificate = TlsCertificate.fromPem(issued.certificatePem)
  expect(certificate.subjectName).toBe('CN=example.test')
  expect(certificate.issuerName).toBe('CN=Between')
  expect(certificate.dnsNames).toEqual(['example.test', '*.example.test'])
  expect(certificate.ipAddresses).toEqual(['192.0.2.1', '2001:db8::1'])
  expect(certificate.notValidBefore).toEqual(new Date('2026-01-02T03:04:05Z'))
  expect(certificate.notValidAfter).toEqual(new Date('2030-01-02T03:04:05Z'))
  expect(certificate.privateKeyPem).toBeNull()
})

it('makes the certificates that follow its issuers', () => {
  const certificate = TlsCertificate.fromPem(issued.chainPem + authority.certificatePem)
  expect(certificate.issuer?.subjectName).toBe('CN=Between')
  expect(certificate.issuer?.issuer?.subjectName).toBe('CN=A Root')
  expect(certificate.issuer?.issuer?.issuer).toBeNull()
  expect(certificate.chainPem.match(/BEGIN CERTIFICATE/g)).toHaveLength(3)
})

it('takes a root that is there twice once', () => {
  const certificate = TlsCertificate.fromPem(issued.chainPem + authority.certificatePem.repeat(3))
  expect(certificate.issuer?.issuer?.issuer).toBeNull()
})

it('leaves out what follows but did not issue it', () => {
  const certificate = TlsCertificate.fromPem(issued.certificatePem + authority.certificatePem)
  expect(certificate.issuer).toBeNull()
})

it('takes the private key from the same text', () => {
  const certificate = TlsCertificate.fromPem(issued.privateKeyPem + issued.chainPem)
  expect(certificate.privateKeyPem).toBe(issued.privateKeyPem.trim())
})

it('is the same as one read from its own PEM or DER, whatever the chain', () => {
  const certificate = TlsCertificate.fromPem(issued.chainPem)
  expect(certificate.isSame(TlsCertificate.fromPem(certificate.certificatePem))).toBe(true)
  expect(certificate.isSame(TlsCertificate.fromDerChain([certificate.certificate]))).toBe(true)
  expect(certificate.isSame(TlsCertificate.fromPem(authority.certificatePem))).toBe(false)
})

it('reads files, with the key beside or in a file of its own', () => {
  const both = join(folder, 'both.pem')
  const chain = join(folder, 'chain.pem')
  const key = join(folder, 'key.pem')
  writeFileSync(both, issued.chainPem + issued.privateKeyPem)
  writeFileSync(chain, issued.chainPem)
  writeFileSync(key, issued.privateKeyPem)
  expect(TlsCertificate.fromFile(both).privateKeyPem).not.toBeNull()
  expect(TlsCertificate.fromFiles(chain, key).privateKeyPem).not.toBeNull()
  expect(() => TlsCertificate.fromFiles(chain, chain)).toThrow(TlsError)
  expect(() => TlsCertificate.fromFile(join(folder, 'none.pem'))).toThrow('ENOENT')
})

it('reads a file in DER, and nothing longer than 4 MiB', () => {
  const der = join(folder, 'leaf.der')
  writeFileSync(der, TlsCertificate.fromPem(issued.certificatePem).certificate)
  expect(TlsCertificate.fromFile(der).subjectName).toBe('CN=example.test')
  expect(() => TlsCertificate.fromFile('/dev/zero')).toThrow('/dev/zero has more than 4 MiB.')
})

it('lists the certificates of a file', () => {
  const bundle = join(folder, 'bundle.pem')
  writeFileSync(bundle, issued.chainPem + authority.certificatePem)
  expect(TlsCertificate.listFromFile(bundle).map(({ subjectName }) => subjectName)).toEqual([
    'CN=example.test',
    'CN=Between',
    'CN=A Root',
  ])
})

describe('verified by itself', () => {
  const { BAD_IDENTITY, NO_FLAGS, UNKNOWN_CA } = TlsCertificateFlags

  it('is good for its identity under its authority', () => {
    const certificate = TlsCertificate.fromPem(issued.chainPem)
    expect(certificate.verify('www.example.test', TlsCertificate.fromPem(authority.certificatePem))).toBe(NO_FLAGS)
    expect(certificate.verify(null, TlsCertificate.fromPem(authority.certificatePem))).toBe(NO_FLAGS)
  })

  it('is bad for another, or under another authority', async () => {
    const certificate = TlsCertificate.fromPem(issued.chainPem)
    const other = TlsCertificate.fromPem((await CertificateAuthority.create()).certificatePem)
    expect(certificate.verify('example.org', TlsCertificate.fromPem(authority.certificatePem))).toBe(BAD_IDENTITY)
    expect(certificate.verify('example.test', other)).toBe(UNKNOWN_CA)
    expect(certificate.verify('example.org', other)).toBe(UNKNOWN_CA | BAD_IDENTITY)
  })

  it('has no unknown authority when none was given', async () => {
    expect(TlsCertificate.fromPem(issued.chainPem).verify('example.test', null)).toBe(NO_FLAGS)
    expect(TlsCertificate.fromPem(issued.certificatePem).verify('example.org', null)).toBe(BAD_IDENTITY)
    const expired = await authority.issueRole('expired', { dnsNames: ['example.test'] })
    const flags = TlsCertificate.fromPem(expired.chainPem + authority.certificatePem).verify('example.test', null)
    expect(flags).toBe(TlsCertificateFlags.EXPIRED)
  })
})

it('lists unrelated certificates, and none when there is none', () => {
  expect(TlsCertificate.listFromPem(`# a bundle\n${authority.certificatePem}\n${issued.chainPem}`)).toHaveLength(3)
  expect(TlsCertificate.listFromPem('nothing here')).toEqual([])
})

it.each([
  ['no certificate', 'nothing here', 'There is no certificate in the data.'],
  ['an empty text', '', 'There is no certificate in the data.'],
  [
    'a broken one',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    'A certificate could not be decoded.',
  ],
  ['half of one', '-----BEGIN CERTIFICATE-----\nAAAA', 'There is no certificate in the data.'],
])('says so when there is %s', (_, pem, message) => {
  expect(() => TlsCertificate.fromPem(pem)).toThrow(new TlsError('BAD_CERTIFICATE', message))
})
