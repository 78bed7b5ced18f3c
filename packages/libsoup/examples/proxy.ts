// Loads a URI through an HTTP proxy that asks for a password, and says which way it went.
// Run: node examples/proxy.ts https://example.org/ http://proxy.example:3128 user password

import { pathToFileURL } from 'node:url'
import { ProxyAddress, SimpleProxyResolver, TlsDatabase } from '@wpe-networking/glib-gio'
import { Message, MessageFlags, Session } from '@wpe-networking/libsoup'

export interface ProxyOptions {
  readonly proxy: string
  readonly user: string
  readonly password: string
  /** Authorities to trust, in PEM; default the system's. */
  readonly ca?: string
}

/** The body of `uri`; what happened on the way goes to `report`. */
export async function getThrough(uri: string, options: ProxyOptions, report: (line: string) => void): Promise<string> {
  using session = new Session({
    proxyResolver: new SimpleProxyResolver(options.proxy),
    tlsDatabase: options.ca === undefined ? null : new TlsDatabase([options.ca]),
    timeout: 10,
  })
  const message = new Message('GET', uri)
  message.addFlags(MessageFlags.COLLECT_METRICS)
  // One signal for both: an http request that the proxy refused, and the CONNECT that makes the way for an https one.
  message.on('authenticate', (auth, retrying) => {
    if (retrying) return false
    report(`the ${auth.isForProxy ? 'proxy' : 'server'} asks with ${auth.schemeName}`)
    auth.authenticate(options.user, options.password)
    return true
  })
  const body = await session.sendAndRead(message, { signal: AbortSignal.timeout(30_000) })
  const { remoteAddress } = message
  report(`${message.statusCode}, by way of a ${remoteAddress instanceof ProxyAddress ? 'proxy' : 'straight line'}`)
  report(`${message.metrics?.requestHeaderBytesSent} bytes of headers went out`)
  return body.toString()
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [uri = 'https://example.org/', proxy = 'http://localhost:3128', user = '', password = ''] =
    process.argv.slice(2)
  console.log(await getThrough(uri, { proxy, user, password }, (line) => console.error(line)))
}
