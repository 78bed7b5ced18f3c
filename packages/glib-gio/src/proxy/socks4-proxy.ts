// SOCKS4, where the client looks names up. Upstream: glib/gio/gsocks4proxy.c.

import { Socks4aProxy } from './socks4a-proxy.ts'

/** `socks4://user@host:port`. The same as 4A, but it is only ever given IPv4 addresses. */
export class Socks4Proxy extends Socks4aProxy {
  override readonly supportsHostname: boolean = false
}
