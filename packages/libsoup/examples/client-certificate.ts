// Logs in with a client certificate whose key is encrypted.
// Run: node examples/client-certificate.ts https://example.org/ client.pem client.key password

import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { TlsCertificate, TlsDatabase } from '@wpe-networking/glib-gio'
import { Message, Session } from '@wpe-networking/libsoup'

export interface ClientCertificateOptions {
  /** In PEM. */
  readonly certificate: string
  readonly key: string
  readonly password: string
  /** Authorities to trust, in PEM; default the system's. */
  readonly ca?: string
}

/** The body of `uri`; what is asked goes to `report`. */
export async function getWithCertificate(
  uri: string,
  { certificate, key, password, ca }: ClientCertificateOptions,
  report: (line: string) => void,
): Promise<string> {
  using session = new Session({ tlsDatabase: ca === undefined ? null : new TlsDatabase([ca]), timeout: 10 })
  const message = new Message('GET', uri)
  message.on('request-certificate', () => {
    report('the server may want a certificate')
    // Called when it is needed, and again with each password.
    message.setTlsClientCertificate((secret) =>
      TlsCertificate.fromPem(certificate + key, secret === null ? {} : { password: secret }),
    )
    return true
  })
  message.on('request-certificate-password', (question) => {
    report(question.warning === '' ? 'its key wants a password' : question.warning)
    question.setValue(password)
    message.tlsClientCertificatePasswordRequestComplete()
    return question.warning === '' // the same password would be wrong again
  })
  return (await session.sendAndRead(message)).toString()
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [uri = '', certificate = '', key = '', password = ''] = process.argv.slice(2)
  const options = { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8'), password }
  console.log(await getWithCertificate(uri, options, (line) => console.error(line)))
}
