import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { CertificateAuthority } from '@wpe-networking/test-support'
import { CERTIFICATE_NAMES, serverName, type TransportContender } from '../ends.ts'

export async function create(): Promise<TransportContender> {
  const authority = await CertificateAuthority.create()
  const { chainPem, privateKeyPem } = await authority.issue({ dnsNames: CERTIFICATE_NAMES })
  const server = createServer({ cert: chainPem, key: privateKeyPem, noDelay: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  let session: Buffer | undefined
  return {
    connect: async (fresh) => {
      const accepted = once(server, 'secureConnection')
      const client = connect({
        host: '127.0.0.1',
        port,
        ca: authority.certificatePem,
        servername: serverName(fresh),
        ...(!fresh && session !== undefined && { session }),
      })
      client.setNoDelay()
      client.on('session', (offered: Buffer) => (session = offered))
      await once(client, 'secureConnect')
      const [socket] = (await accepted) as [TLSSocket]
      return { client, server: socket.on('error', () => undefined), resumed: client.isSessionReused() }
    },
    close: () => void server.close(),
  }
}
