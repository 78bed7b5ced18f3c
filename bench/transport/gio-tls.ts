// TLS through gio, with either library; the contenders beside it choose.
import {
  InetAddress,
  InetSocketAddress,
  NetworkAddress,
  SocketClient,
  SocketFamily,
  SocketListener,
  type TlsBackendName,
  TlsCertificate,
  TlsClientConnection,
  TlsDatabase,
  TlsServerConnection,
} from '@wpe-networking/glib-gio'
import { CertificateAuthority } from '@wpe-networking/test-support'
import { CERTIFICATE_NAMES, serverName, type TransportContender } from './ends.ts'

export async function createGioTls(backend: TlsBackendName): Promise<TransportContender> {
  const authority = await CertificateAuthority.create()
  const { chainPem, privateKeyPem } = await authority.issue({ dnsNames: CERTIFICATE_NAMES })
  const certificate = TlsCertificate.fromPem(chainPem, { privateKeyPem })
  const database = new TlsDatabase([authority.certificatePem])
  const listener = new SocketListener()
  const bound = await listener.addAddress(new InetSocketAddress(InetAddress.loopback(SocketFamily.IPV4), 0))
  const address = new NetworkAddress('127.0.0.1', (bound as InetSocketAddress).port)
  const socketClient = new SocketClient()

  async function accept(): Promise<TlsServerConnection> {
    const { ioStream } = await listener.accept()
    const connection = TlsServerConnection.create(ioStream, { certificate, backend })
    await connection.handshake()
    return connection
  }

  async function connect(serverIdentity: string): Promise<TlsClientConnection> {
    const { ioStream } = await socketClient.connect(address)
    const connection = TlsClientConnection.create(ioStream, { serverIdentity, database, backend })
    await connection.handshake()
    return connection
  }

  return {
    connect: async (fresh) => {
      const [server, client] = await Promise.all([accept(), connect(serverName(fresh))])
      const serverStream = server.ioStream.on('error', () => undefined)
      return { client: client.ioStream, server: serverStream, resumed: client.resumed }
    },
    close: () => listener.close(),
  }
}
