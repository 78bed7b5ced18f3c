// Contexts are made once for what they depend on, and not shared beyond it.
import { beforeAll, expect, it } from 'vitest'
import { TlsCertificate, TlsDatabase, TlsError, TlsProtocolVersion } from '@wpe-networking/glib-networking-base'
import { CertificateAuthority, type IssuedCertificate } from '@wpe-networking/test-support'
import { clientContext, serverContext } from '../src/secure-contexts.ts'

let database: TlsDatabase
let issued: IssuedCertificate
let certificate: TlsCertificate

beforeAll(async () => {
  const authority = await CertificateAuthority.create()
  database = new TlsDatabase([authority.certificatePem])
  issued = await authority.issue()
  certificate = TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: issued.privateKeyPem })
})

it('shares a context between all connections with the same database', () => {
  const first = clientContext({ serverIdentity: 'a.test', database })
  expect(clientContext({ serverIdentity: 'b.test', database })).toBe(first)
})

it.each([
  ['database', () => ({ database: new TlsDatabase(database.anchorsPem) })],
  ['certificate', () => ({ database, certificate })],
  ['minimum version', () => ({ database, minimumVersion: TlsProtocolVersion.TLS_1_3 })],
  ['maximum version', () => ({ database, maximumVersion: TlsProtocolVersion.TLS_1_2 })],
])('has another context for another %s', (_, options) => {
  const first = clientContext({ serverIdentity: 'a.test', database })
  expect(clientContext({ serverIdentity: 'a.test', ...options() })).not.toBe(first)
})

it('keeps the context of a server, so that its tickets stay good', () => {
  expect(serverContext({ certificate })).toBe(serverContext({ certificate, advertisedProtocols: ['h2'] }))
})

it('says when the private key is missing', () => {
  const bare = TlsCertificate.fromPem(issued.certificatePem)
  expect(() => serverContext({ certificate: bare })).toThrow(
    new TlsError('BAD_CERTIFICATE', 'There is no private key for the certificate.'),
  )
})

it('says when the private key is another certificate’s', async () => {
  const other = await CertificateAuthority.selfSigned()
  const mixed = TlsCertificate.fromPem(issued.certificatePem, { privateKeyPem: other.privateKeyPem })
  expect(() => serverContext({ certificate: mixed })).toThrow(TlsError)
})

it('does not pretend to speak SSL 3', () => {
  const options = { serverIdentity: null, database, minimumVersion: TlsProtocolVersion.SSL_3_0 }
  expect(() => clientContext(options)).toThrow('OpenSSL does not speak SSLv3 here.')
})
