// The certificates are what their roles say, judged by Node's own parser.
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
