// Says what a resource really is, whatever it is labelled. Run: node examples/sniffing.ts https://example.org/favicon.ico

import { pathToFileURL } from 'node:url'
import { ContentDecoder, ContentSniffer, Message, Session } from '@wpe-networking/libsoup'

/** The media type of `uri`. Only the start of the body is read. */
export async function typeOf(uri: string): Promise<string> {
  using session = new Session()
  session.addFeature(new ContentDecoder())
  session.addFeature(new ContentSniffer())
  const message = new Message('GET', uri)
  let found = ''
  message.on('content-sniffed', (type) => (found = type))
  const body = await session.send(message, { signal: AbortSignal.timeout(30_000) })
  body.destroy()
  return `${found} (labelled ${message.responseHeaders.contentType ?? 'nothing'})`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(await typeOf(process.argv[2] ?? 'https://example.org/'))
}
