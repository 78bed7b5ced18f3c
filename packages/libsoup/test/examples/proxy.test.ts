import { CertificateAuthority, hasSquid, withServer, withSquid, withTlsServer } from '@wpe-networking/test-support'
import { expect, it } from 'vitest'
import { getThrough } from '../../examples/proxy.ts'

it.skipIf(!hasSquid())('the example gets through a proxy with a password, for http and https', async () => {
  const authority = await CertificateAuthority.create()
  const certificate = await authority.issue()
  const hello = (_request: unknown, response: { end(body: string): void }): void => response.end('hello')
  await withSquid({ user: 'alice', password: 'secret7' }, async ({ port }) => {
    const options = {
      proxy: `http://127.0.0.1:${port}`,
      user: 'alice',
      password: 'secret7',
      ca: authority.certificatePem,
    }
    const check = async ({ origin }: { origin: string }): Promise<void> => {
      const lines: string[] = []
      expect(await getThrough(origin, options, (line) => lines.push(line))).toBe('hello')
      expect(lines[0]).toBe('the proxy asks with Basic')
      expect(lines[1]).toBe('200, by way of a proxy')
      expect(lines[2]).toMatch(/^\d+ bytes of headers went out$/)
    }
    await withServer(hello, check)
    await withTlsServer(hello, { certificate }, check)
  })
})
