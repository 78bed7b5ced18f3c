// Keeps responses in a directory, so that the next run need not load them again, and says where each came from.
// Run: node examples/cache.ts https://example.org/ [directory]

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Cache, ContentDecoder, Message, Session } from '@wpe-networking/libsoup'

/** Loads `uri` twice; a line for each time goes to `report`. */
export async function loadTwice(uri: string, cacheDir: string, report: (line: string) => void): Promise<void> {
  await using cache = new Cache({ cacheDir, maxSize: 100 * 1024 * 1024 })
  using session = new Session({ timeout: 10 })
  session.addFeature(cache)
  session.addFeature(new ContentDecoder())
  cache.on('store-failed', (error) => report(`not stored: ${error.message}`))

  for (let i = 0; i < 2; i++) {
    const message = new Message('GET', uri)
    const body = await session.sendAndRead(message, { signal: AbortSignal.timeout(30_000) })
    const age = message.responseHeaders.getOne('age') ?? '0'
    report(`${message.statusCode}, ${body.length} bytes from: ${Cache.sourceOf(message)}, ${age} s old`)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , uri = 'https://example.org/', directory = join(tmpdir(), 'libsoup-cache')] = process.argv
  await loadTwice(uri, directory, console.log)
}
