// Downloads a file in parts, and goes on where it stopped when the connection breaks.
// Run: node examples/ranges.ts https://example.org/large.iso large.iso

import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { Message, Session, Status } from '@wpe-networking/libsoup'

/** Loads what is missing of `file`; resolves with the size it has then. `report` is told where each try starts. */
export async function download(uri: string, file: string, report: (line: string) => void, tries = 3): Promise<number> {
  using session = new Session({ userAgent: 'example/1.0' })
  // Parts are parts of the encoded file: what is asked for must be the file itself.
  let tag: string | null = null
  for (let attempt = 1; ; attempt++) {
    const start = attempt === 1 ? 0 : await sizeOf(file)
    const message = new Message('GET', uri)
    message.requestHeaders.append('Accept-Encoding', 'identity')
    if (start > 0 && tag !== null) {
      message.requestHeaders.setRange(start, -1)
      message.requestHeaders.append('If-Range', tag)
    }
    try {
      const body = await session.send(message)
      const isPart = message.statusCode === Number(Status.PARTIAL_CONTENT)
      tag = message.responseHeaders.getOne('ETag')
      report(`${message.statusCode} from byte ${isPart ? start : 0}`)
      await pipeline(body, createWriteStream(file, { flags: isPart ? 'a' : 'w' }))
      return await sizeOf(file)
    } catch (error) {
      if (attempt >= tries) throw error
      report((error as Error).message)
    }
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => null))?.size ?? 0
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [uri = 'https://example.org/', file = 'download'] = process.argv.slice(2)
  console.log(await download(uri, file, (line) => console.error(line)))
}
