// One line of --trace: short whatever is in it, and without secrets.

import { CertificateAuthority } from '@wpe-networking/test-support'
import { TlsCertificate } from '@wpe-networking/glib-gio'
import { describe, expect, it } from 'vitest'
import { formatTraceLine } from '../src/trace/trace-line.ts'

const SOURCE = { processName: 'network-process', layer: 'tls', file: 'tls-backend', start: 0 }
const line = (channel: string, message: object): string =>
  formatTraceLine({ ...SOURCE, channel }, { time: 1.5, ...message })

describe('a trace line', () => {
  it('shows the certificate of a handshake by its subject, and never its key', async () => {
    const { certificatePem, privateKeyPem } = await (
      await CertificateAuthority.create()
    ).issue({ commonName: 'a.test' })
    const peerCertificate = TlsCertificate.fromPem(certificatePem, { privateKeyPem })
    const text = line('wpe:tls:handshake-end', { side: 'client', result: { ciphersuiteName: 'X', peerCertificate } })
    expect(text).toContain('ciphersuiteName=X peerCertificate=CN=a.test')
    expect(line('wpe:tls:handshake-end', { certificates: [peerCertificate] })).toContain('certificates=["CN=a.test"]')
    expect(text + line('wpe:tls:handshake-end', { privateKeyPem })).not.toMatch(/PRIVATE|privateKey/)
  })

  it('leaves out cookies, credentials and passwords', () => {
    const requestHeaders = [
      ['Authorization', 'Basic c2VjcmV0'],
      ['Cookie', 'id=secret'],
      ['Accept', '*/*'],
    ]
    const text = line('wpe:webcore:resource-start', { url: 'http://user:secret@a.test/?b@c', requestHeaders })
    expect(text).toContain(
      'url=http://user:…@a.test/?b@c requestHeaders=[["Authorization","…"],["Cookie","…"],["Accept","*/*"]]',
    )
    expect(text).not.toMatch(/secret|c2VjcmV0/)
  })

  it('is one line of at most 400 characters without control characters', () => {
    const long = `\u001b[31m\n${'x'.repeat(1000)}`
    const text = line('wpe:a:b', { a: long, b: { c: long }, d: long, e: long })
    expect(text).toMatch(/^[^\p{Cc}]{1,400}$/u)
    expect(text.endsWith('…')).toBe(true)
  })
})
