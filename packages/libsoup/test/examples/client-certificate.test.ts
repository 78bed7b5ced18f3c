import { createPrivateKey } from 'node:crypto'
import { CertificateAuthority, withRawTlsServer } from '@wpe-networking/test-support'
import { expect, it } from 'vitest'
import { getWithCertificate } from '../../examples/client-certificate.ts'

it('the example logs in with a certificate, once its key is open', async () => {
  const authority = await CertificateAuthority.create()
  const certificate = await authority.issue()
  const client = await authority.issue({ commonName: 'alice' })
  const key = createPrivateKey(client.privateKeyPem).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'sesame',
  })
  const tls = { ca: authority.certificatePem, requestCert: true, rejectUnauthorized: true }
  await withRawTlsServer(
    (socket) => {
      const { CN: name } = socket.getPeerCertificate().subject
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello ${String(name)}`))
    },
    { certificate, tls },
    async ({ port }) => {
      const options = { certificate: client.chainPem, key: String(key), ca: authority.certificatePem }
      const lines: string[] = []
      const load = (password: string): Promise<string> =>
        getWithCertificate(`https://127.0.0.1:${port}/`, { ...options, password }, (line) => lines.push(line))
      expect(await load('sesame')).toBe('hello alice')
      expect(lines).toEqual(['the server may want a certificate', 'its key wants a password'])
      await expect(load('wrong')).rejects.toMatchObject({ code: 'BAD_CERTIFICATE_PASSWORD' })
    },
  )
})
