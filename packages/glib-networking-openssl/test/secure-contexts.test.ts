// Contexts are made once for what they depend on, and not shared beyond it.
import { beforeAll, expect, it } from 'vitest'
import {
  TlsAuthenticationMode,
  TlsCertificate,
  type TlsClientConnectionOptions,
  TlsDatabase,
  TlsError,
  TlsProtocolVersion,
} from '@wpe-networking/glib-networking-base'
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
  const first = clientContext({ serverIdentity: 'a.test', database }, undefined)
  expect(clientContext({ serverIdentity: 'b.test', database }, undefined)).toBe(first)
})

it.each<[string, () => Partial<TlsClientConnectionOptions>]>([
  ['database', () => ({ database: new TlsDatabase(database.anchorsPem) })],
  ['certificate', () => ({ database, certificate })],
  ['minimum version', () => ({ database, minimumVersion: TlsProtocolVersion.TLS_1_3 })],
  ['maximum version', () => ({ database, maximumVersion: TlsProtocolVersion.TLS_1_2 })],
])('has another context for another %s', (_, options) => {
  const first = clientContext({ serverIdentity: 'a.test', database }, undefined)
  const other = options()
  expect(clientContext({ serverIdentity: 'a.test', ...other }, other.certificate)).not.toBe(first)
})

it('keeps the context of a server, so that its tickets stay good', () => {
  expect(serverContext({ certificate })).toBe(serverContext({ certificate, advertisedProtocols: ['h2'] }))
})

it('has a context of its own for each demand on clients, so that no session passes from a mild one to a strict one', () => {
  const contexts = Object.values(TlsAuthenticationMode).map((authenticationMode) =>
    serverContext({ certificate, database, authenticationMode }),
  )
  expect(new Set(contexts).size).toBe(3)
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
  expect(() => clientContext(options, undefined)).toThrow('OpenSSL does not speak SSLv3 here.')
})
