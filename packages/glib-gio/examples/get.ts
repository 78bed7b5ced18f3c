// Fetches a page over nothing but glib-gio: connect, TLS handshake, one HTTP/1.1 request. Run by test/examples.test.ts.

import { SocketClient, socketClientEventName, TlsClientConnection, Uri } from '@wpe-networking/glib-gio'
import type { TlsDatabase } from '@wpe-networking/glib-gio'

/** @param database The certificates to trust; the system's when left out. */
export async function get(text: string, log: (line: string) => void, database?: TlsDatabase): Promise<string> {
  const uri = Uri.parse(text)
  const client = new SocketClient({ timeout: 10 })
  client.on('event', (event, connectable) => log(`${socketClientEventName(event)} ${connectable.toString()}`))
  const connection = await client.connectToUri(uri)

  const tls = TlsClientConnection.create(connection.ioStream, { serverIdentity: uri.host, database })
  await tls.handshake({ signal: AbortSignal.timeout(10_000) })
  log(`${tls.backendName} ${tls.ciphersuiteName}`)

  tls.ioStream.write(`GET ${uri.path || '/'} HTTP/1.1\r\nHost: ${uri.host}\r\nConnection: close\r\n\r\n`)
  let response = ''
  for await (const chunk of tls.ioStream) response += String(chunk)
  return response
}
