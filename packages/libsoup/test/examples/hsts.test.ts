import { TlsCertificate, TlsDatabase } from '@wpe-networking/glib-gio'
import { CertificateAuthority, withTlsServer } from '@wpe-networking/test-support'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadSafely } from '../../examples/hsts.ts'
import { withDirectory } from '../cookies/jar-support.ts'

test('the example of HSTS runs, and remembers', () =>
  withDirectory(async (directory) => {
    const authority = await CertificateAuthority.create()
    const tlsDatabase = new TlsDatabase(TlsCertificate.listFromPem(authority.certificatePem))
    await withTlsServer(
      (_request, response) => {
        response.setHeader('Strict-Transport-Security', 'max-age=3600').end()
      },
      { certificate: await authority.issue(), host: 'localhost' },
      async ({ port }) => {
        const lines: string[] = []
        const file = join(directory, 'hsts.sqlite')
        const report = (line: string): number => lines.push(line)
        await loadSafely([`https://localhost:${port}/`], file, report, { tlsDatabase })
        const ends = await loadSafely([`http://localhost:${port}/a`], file, report, { tlsDatabase })
        expect(ends).toEqual([`https://localhost:${port}/a`])
        expect(lines).toContain('localhost wants TLS for 3600 s')
        expect(lines).toContain(`http://localhost:${port}/a goes over TLS`)
      },
    )
  }))
