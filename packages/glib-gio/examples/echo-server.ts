// A TCP server that answers every line in capitals, until it is closed. Run by test/examples.test.ts.

import { createInterface } from 'node:readline'
import { SocketService } from '@wpe-networking/glib-gio'

/** @returns The service, to be closed, and the port it took, for IPv6 and IPv4. */
export async function startEchoServer(): Promise<{ service: SocketService; port: number }> {
  const service = new SocketService()
  service.on('incoming', (connection) => {
    const lines = createInterface({ input: connection.ioStream })
    lines.on('line', (line) => connection.ioStream.write(`${line.toUpperCase()}\n`))
    lines.on('close', () => void connection.close())
  })
  return { service, port: await service.addAnyInetPort() }
}
