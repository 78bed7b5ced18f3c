// TLS peers that must not be trusted, or cannot be talked to, for each backend. bad-input.test.ts has the other rows.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TlsOptions } from 'node:tls'
import { CertificateAuthority, type CertificateRole, startRawTlsServer } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { answer, expectFailure, type Row, silence } from './expect-failure.ts'

let authority: CertificateAuthority
let directory: string
let caFile: string

beforeAll(async () => {
  authority = await CertificateAuthority.create()
  directory = mkdtempSync(join(tmpdir(), 'minibrowser-test-'))
  caFile = join(directory, 'ca.pem')
  writeFileSync(caFile, authority.certificatePem)
})
afterAll(() => {
  rmSync(directory, { recursive: true, force: true })
})

const tlsServer = (role: CertificateRole, tls: TlsOptions = {}) => {
  return async () => startRawTlsServer(() => {}, { certificate: await authority.issueRole(role), tls })
}

const UNTRUSTED = { domain: 'g-tls-error-quark', code: 'BAD_CERTIFICATE', scheme: 'https' } as const
const HANDSHAKE = { domain: 'g-tls-error-quark', code: 'HANDSHAKE', scheme: 'https' } as const

const ROWS: readonly Row[] = [
  { name: 'an unknown authority', start: tlsServer('unknown-ca'), ...UNTRUSTED, about: 'known authority' },
  { name: 'a self-signed certificate', start: tlsServer('self-signed'), ...UNTRUSTED, about: 'known authority' },
  { name: 'an expired certificate', start: tlsServer('expired'), ...UNTRUSTED, about: 'expired' },
  { name: 'a certificate not yet valid', start: tlsServer('not-yet-valid'), ...UNTRUSTED, about: 'not valid yet' },
  { name: 'the certificate of another host', start: tlsServer('wrong-host'), ...UNTRUSTED, about: 'another host' },
  {
    name: 'no version of TLS in common',
    start: tlsServer('good', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' }),
    ...HANDSHAKE,
  },
  { name: 'no application protocol in common', start: tlsServer('good', { ALPNProtocols: ['x'] }), ...HANDSHAKE },
  {
    name: 'a server that wants a certificate',
    start: tlsServer('good', { requestCert: true }),
    ...{ ...HANDSHAKE, code: 'CERTIFICATE_REQUIRED' },
  },
  {
    name: 'a server that does not speak TLS',
    start: answer('HTTP/1.1 400 Bad Request\r\n\r\n'),
    ...{ ...HANDSHAKE, code: 'NOT_TLS' },
  },
  { name: 'a server that hangs up', start: answer(''), ...{ ...HANDSHAKE, code: 'EOF' } },
  {
    name: 'a handshake that never ends',
    start: silence,
    args: ['--timeout=0.5'],
    ...{ scheme: 'https', domain: 'g-io-error-quark', code: 'TIMED_OUT' },
  },
]

describe.each(['openssl', 'gnutls'])('with %s', (backend) => {
  it.each(ROWS)('$name ends with $domain $code', (row) =>
    expectFailure(row, [`--tls-backend=${backend}`, `--ca-file=${caFile}`]),
  )
})
