// Connects to a host whose name nobody on the way gets to see being looked up. Run by test/examples.test.ts.

import { DnsOverHttpsResolver, SocketClient } from '@wpe-networking/glib-gio'
import type { DnsOverHttpsResolverOptions } from '@wpe-networking/glib-gio'

/**
 * @param server Such as `{ uri: 'https://dns.quad9.net/dns-query', bootstrapAddresses: ['9.9.9.9'] }`.
 * @returns The address that was connected to.
 */
export async function connectPrivately(server: DnsOverHttpsResolverOptions, hostAndPort: string): Promise<string> {
  const resolver = new DnsOverHttpsResolver(server) // Resolver.setDefault(resolver) would make it everybody's
  try {
    const connection = await new SocketClient({ resolver, timeout: 10 }).connectToHost(hostAndPort, 443)
    await connection.close()
    return connection.remoteAddress.toString()
  } finally {
    resolver.close()
  }
}
