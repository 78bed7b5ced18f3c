// The certificates are what their roles say, judged by Node's own parser.
import { execFileSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { expect, it } from 'vitest'
import { CertificateAuthority } from '../src/index.ts'

it('issues a leaf for localhost that its root signed and whose key fits', async () => {
  const authority = await CertificateAuthority.create()
  const { certificatePem, privateKeyPem, chainPem } = await authority.issue()
  const leaf = new X509Certificate(certificatePem)
  const root = new X509Certificate(authority.certificatePem)
  expect(root.ca).toBe(true)
  expect(leaf.ca).toBe(false)
  expect(leaf.checkIssued(root)).toBe(true)
  expect(leaf.verify(root.publicKey)).toBe(true)
  expect(leaf.checkPrivateKey(createPrivateKey(privateKeyPem))).toBe(true)
  expect(leaf.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
  expect(chainPem).toBe(certificatePem)
})

it('puts an intermediate into the chain, and leaves it out of the missing one', async () => {
  const authority = await CertificateAuthority.create()
  const intermediate = await authority.createIntermediate()
  const { certificatePem, chainPem } = await intermediate.issue()
  expect(chainPem).toBe(certificatePem + intermediate.certificatePem)
  expect(
    new X509Certificate(intermediate.certificatePem).checkIssued(new X509Certificate(authority.certificatePem)),
  ).toBe(true)
  const missing = await authority.issueRole('missing-intermediate')
  expect(missing.chainPem).toBe(missing.certificatePem)
})

it('makes RSA keys when asked', async () => {
  const authority = await CertificateAuthority.create()
  const { certificatePem } = await authority.issue({ keyType: 'rsa-2048' })
  expect(new X509Certificate(certificatePem).publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048)
})

it.each([
  ['expired', (leaf: X509Certificate) => leaf.validToDate.getTime() < Date.now()],
  ['not-yet-valid', (leaf: X509Certificate) => leaf.validFromDate.getTime() > Date.now()],
  ['wrong-host', (leaf: X509Certificate) => leaf.checkHost('localhost') === undefined],
  ['self-signed', (leaf: X509Certificate) => leaf.checkIssued(leaf)],
] as const)('makes the role %s', async (role, proves) => {
  const authority = await CertificateAuthority.create()
  expect(proves(new X509Certificate((await authority.issueRole(role)).certificatePem))).toBe(true)
})

it('makes keys and signatures that are too weak', async () => {
  const authority = await CertificateAuthority.create({ keyType: 'rsa-2048' })
  const short = new X509Certificate((await authority.issue({ keyType: 'rsa-512' })).certificatePem)
  expect(short.publicKey.asymmetricKeyDetails?.modulusLength).toBe(512)
  const root = new X509Certificate(authority.certificatePem)
  for (const [signatureHash, name] of [
    ['MD5', 'md5WithRSAEncryption'],
    ['SHA-1', 'sha1WithRSAEncryption'],
  ] as const) {
    const weak = new X509Certificate((await authority.issue({ signatureHash })).certificatePem)
    expect(weak.signatureAlgorithm).toBe(name)
    expect(weak.verify(root.publicKey)).toBe(true)
  }
})

it('certifies the name and key of another authority, and its own once more', async () => {
  const [old, young] = [
    await CertificateAuthority.create({ commonName: 'Old' }),
    await CertificateAuthority.create({ commonName: 'Young' }),
  ]
  const crossSigned = new X509Certificate(await old.certify(young))
  expect(crossSigned.checkIssued(new X509Certificate(old.certificatePem))).toBe(true)
  expect(new X509Certificate((await young.issue()).certificatePem).checkIssued(crossSigned)).toBe(true)
  const again = new X509Certificate(await young.certify(young, { notAfter: new Date(0), notBefore: new Date(0) }))
  expect(again.checkIssued(new X509Certificate(young.certificatePem))).toBe(true)
  expect(again.validToDate.getTime()).toBe(0)
})

it('writes path length, name constraints and must-staple as OpenSSL reads them', async () => {
  const authority = await CertificateAuthority.create()
  const intermediate = await authority.createIntermediate({
    pathLength: 0,
    permitted: { dnsNames: ['example.test'], ipRanges: ['10.0.0.0/8'] },
    excluded: { ipRanges: ['fd00::/8'] },
  })
  const issued = await intermediate.issue({ mustStaple: true })
  const text = (pem: string): string =>
    execFileSync('openssl', ['x509', '-noout', '-text'], { input: pem, encoding: 'utf8' })
  expect(text(intermediate.certificatePem)).toMatch(
    /CA:TRUE, pathlen:0[^]*DNS:example\.test[^]*10\.0\.0\.0\/255\.0\.0\.0[^]*Excluded:[^]*FD00/i,
  )
  expect(text(issued.certificatePem)).toMatch(/TLS Feature:\s+status_request/)
})

it('writes a revocation list that OpenSSL verifies', async () => {
  const authority = await CertificateAuthority.create()
  const { certificatePem } = await authority.issue()
  const list = await authority.createRevocationList({ revoked: [certificatePem] })
  const text = execFileSync('openssl', ['crl', '-noout', '-text'], { input: list, encoding: 'utf8' })
  expect(text).toContain(`Serial Number: ${new X509Certificate(certificatePem).serialNumber}`)
})
