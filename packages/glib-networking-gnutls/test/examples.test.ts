// The example of the README runs, against a server that can be trusted and one that cannot.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { CertificateAuthority, withRawTlsServer, type CertificateRole } from '@wpe-networking/test-support'

const { argv } = process
let folder: string

beforeEach(() => {
  vi.resetModules()
  folder = mkdtempSync(join(tmpdir(), 'handshake-example-'))
})
afterEach(() => {
  process.argv = argv
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

async function run(role: CertificateRole): Promise<readonly string[]> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const authority = await CertificateAuthority.create()
  const caFile = join(folder, 'ca.pem')
  writeFileSync(caFile, authority.certificatePem)
  const certificate = await authority.issueRole(role)
  await withRawTlsServer(
    (socket) => void socket.on('error', () => undefined).resume(),
    { certificate, tls: { ALPNProtocols: ['http/1.1'] } },
    async ({ port }) => {
      process.argv = ['node', 'handshake.ts', '127.0.0.1', String(port), caFile]
      await import('../examples/handshake.ts')
    },
  )
  return log.mock.calls.map(([line]) => String(line))
}

it('handshake.ts prints what was agreed on', async () => {
  expect(await run('good')).toEqual([
    expect.stringMatching(/^TLSv1\.3 TLS_/),
    'protocol http/1.1, certificate CN=localhost',
  ])
})

it('handshake.ts prints why a certificate was refused', async () => {
  expect(await run('expired')).toEqual(['BAD_CERTIFICATE EXPIRED: The certificate of 127.0.0.1 has expired.'])
})
