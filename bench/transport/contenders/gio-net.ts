import {
  InetAddress,
  InetSocketAddress,
  NetworkAddress,
  SocketClient,
  SocketFamily,
  SocketListener,
} from '@wpe-networking/glib-gio'
import type { TransportContender } from '../ends.ts'

export async function create(): Promise<TransportContender> {
  const listener = new SocketListener()
  const bound = await listener.addAddress(new InetSocketAddress(InetAddress.loopback(SocketFamily.IPV4), 0))
  const address = new NetworkAddress('127.0.0.1', (bound as InetSocketAddress).port)
  const socketClient = new SocketClient()
  return {
    connect: async () => {
      const [server, client] = await Promise.all([listener.accept(), socketClient.connect(address)])
      return { client: client.ioStream, server: server.ioStream, resumed: false }
    },
    close: () => listener.close(),
  }
}
