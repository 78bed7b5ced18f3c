// TLS peers that must not be trusted, or cannot be talked to, for each backend.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CertificateAuthority, type CertificateRole, startRawServer, withTlsServer } from '@wpe-networking/test-support'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runMiniBrowser } from './run-mini-browser.ts'

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

const ROLES: readonly CertificateRole[] = ['unknown-ca', 'self-signed', 'expired', 'wrong-host']

describe.each(['openssl', 'gnutls'])('with %s', (backend) => {
  it.each(ROLES)('a certificate that is %s is refused', async (role) => {
    const certificate = await authority.issueRole(role)
    await withTlsServer(
      (_, response) => void response.end('x'),
      { certificate },
      async ({ port }) => {
        const args = [`--tls-backend=${backend}`, `--ca-file=${caFile}`, '--output=json', `https://localhost:${port}/`]
        const { status, stderr } = await runMiniBrowser(args)
        expect(stderr).toMatch(/^minibrowser: [^\n]+ \(g-tls-error-quark: BAD_CERTIFICATE\)\n$/)
        expect(status).toBe(1)
      },
    )
  })

  it('a server that does not speak TLS ends with an error of the TLS layer', async () => {
    const server = await startRawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    try {
      const args = [`--tls-backend=${backend}`, '--output=none', `https://127.0.0.1:${server.port}/`]
      const { status, stderr } = await runMiniBrowser(args)
      expect(stderr).toMatch(/^minibrowser: [^\n]+ \(g-tls-error-quark: [A-Z_]+\)\n$/)
      expect(status).toBe(1)
    } finally {
      await server.close()
    }
  })
})
