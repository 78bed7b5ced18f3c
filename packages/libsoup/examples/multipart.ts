// Reads a multipart response part by part while it comes, such as the pictures of a camera. Run:
// node examples/multipart.ts http://camera.example/stream 5

import { buffer } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { Message, MultipartInputStream, Session } from '@wpe-networking/libsoup'

/** The first `count` parts of `uri`, or all there are; each goes to `report` with its type as soon as it is whole. */
export async function readParts(
  uri: string,
  count: number,
  report: (contentType: string | null, part: Buffer) => void,
): Promise<void> {
  using session = new Session()
  const message = new Message('GET', uri)
  const stream = new MultipartInputStream(message, await session.send(message))
  for (let i = 0; i < count; i++) {
    const part = await stream.nextPart({ signal: AbortSignal.timeout(30_000) })
    if (part === null) return
    const contentType = stream.getHeaders()?.contentType ?? null
    report(contentType, await buffer(part))
  }
  stream.destroy()
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , uri = 'http://example.org/', count = '5'] = process.argv
  await readParts(uri, Number(count), (contentType, part) => console.log(contentType, part.length))
}
