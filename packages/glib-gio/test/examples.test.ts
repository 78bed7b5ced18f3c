import { expect, it } from 'vitest'
import { CertificateAuthority, withTlsServer } from '@wpe-networking/test-support'
import { TlsDatabase } from '@wpe-networking/glib-gio'
import { get } from '../examples/get.ts'

it('the example fetches a page', async () => {
  const authority = await CertificateAuthority.create()
  const certificate = await authority.issue({ dnsNames: ['localhost'] })
  const lines: string[] = []
  const response = await withTlsServer(
    (request, response) => void response.end(`you asked for ${request.url}`),
    { certificate },
    ({ port }) =>
      get(`https://localhost:${port}/page`, (line) => lines.push(line), new TlsDatabase([authority.certificatePem])),
  )
  expect(response).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(response).toContain('you asked for /page')
  expect(lines.at(-2)).toMatch(/^COMPLETE localhost:/)
  expect(lines.at(-1)).toMatch(/^openssl TLS_/)
})
