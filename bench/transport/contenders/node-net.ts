import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { TransportContender } from '../ends.ts'

export async function create(): Promise<TransportContender> {
  const server = createServer({ noDelay: true, allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    connect: async () => {
      const accepted = once(server, 'connection')
      const client = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true })
      await once(client, 'connect')
      const [socket] = (await accepted) as [Socket]
      return { client, server: socket.on('error', () => undefined), resumed: false }
    },
    close: () => void server.close(),
  }
}
