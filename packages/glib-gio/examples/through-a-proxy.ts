// Connects through a proxy, but to hosts of its own network directly. Run by test/examples.test.ts.

import { SimpleProxyResolver, SocketClient, socketClientEventName } from '@wpe-networking/glib-gio'
import type { SocketConnection } from '@wpe-networking/glib-gio'

/** @param proxy Such as 'http://user:password@proxy.example:3128', 'socks5://proxy.example' or 'https://proxy.example'. */
export async function connectThroughProxy(
  proxy: string,
  hostAndPort: string,
  log: (line: string) => void,
): Promise<SocketConnection> {
  const proxyResolver = new SimpleProxyResolver(proxy, ['*.internal', '192.168.0.0/16', '::1'])
  const client = new SocketClient({ proxyResolver, timeout: 10 })
  client.on('event', (event) => log(socketClientEventName(event)))
  return await client.connectToHost(hostAndPort, 443)
}
