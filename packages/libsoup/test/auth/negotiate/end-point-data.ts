import { createHash, X509Certificate } from 'node:crypto'

/** GSS-API's application data for connections to a server with that certificate, signed with SHA-256. RFC 5929. */
export function endPointData(certificatePem: string): Buffer {
  const hash = createHash('sha256').update(new X509Certificate(certificatePem).raw).digest()
  return Buffer.concat([Buffer.from('tls-server-end-point:'), hash])
}
