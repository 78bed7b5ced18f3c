// Loads a URI with cookies, and says what happened on the way. Run: node examples/get.ts https://example.org/

import { pathToFileURL } from 'node:url'
import { CookieJar, Message, MessageFlags, Session } from '@wpe-networking/libsoup'

/** The body of `uri`; one line for each stage goes to `report`. */
export async function get(uri: string, report: (line: string) => void): Promise<string> {
  using session = new Session({ userAgent: 'example/1.0', timeout: 10 })
  session.addFeature(new CookieJar())

  const message = new Message('GET', uri)
  message.addFlags(MessageFlags.COLLECT_METRICS)
  message.on('restarted', () => report(`redirected to ${message.uri.toString()}`))
  message.on('got-headers', () => report(`${message.statusCode} ${message.reasonPhrase}`))

  const body = await session.sendAndRead(message, { signal: AbortSignal.timeout(30_000) })
  const { requestStart = 0, responseStart = 0 } = message.metrics ?? {}
  report(`waited ${(responseStart - requestStart).toFixed(1)} ms on connection ${message.connectionId}`)
  return body.toString()
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(await get(process.argv[2] ?? 'https://example.org/', (line) => console.error(line)))
}
