// Uploads a file, if the server wants it: nothing of the file is sent before the server has seen the headers and said
// `100 Continue`. Run: node examples/upload.ts https://example.org/inbox file

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import type { TlsDatabase } from '@wpe-networking/glib-gio'
import { Message, MessagePriority, Session } from '@wpe-networking/libsoup'

/** The status of the answer; what the server says meanwhile goes to `report`. */
export async function upload(
  uri: string,
  path: string,
  report: (line: string) => void,
  tlsDatabase: TlsDatabase | null = null,
): Promise<number> {
  using session = new Session({ timeout: 30, tlsDatabase })
  const message = new Message('PUT', uri)
  const { size } = await stat(path)
  // A function rather than a stream: after a redirect or a password the file is read once more.
  message.setRequestBody('application/octet-stream', () => createReadStream(path), size)
  message.requestHeaders.append('Expect', '100-continue')
  message.priority = MessagePriority.LOW
  message.on('got-informational', () => report(`${message.statusCode} ${message.reasonPhrase}`))
  let sent = 0
  message.on('wrote-body-data', (bytes) => (sent += bytes))
  await session.sendAndRead(message)
  report(`${message.statusCode} after ${sent} of ${size} bytes`)
  const checksum = message.responseTrailers?.getOne('Content-Digest')
  if (checksum !== undefined && checksum !== null) report(`the server got ${checksum}`)
  return message.statusCode
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [uri = '', path = ''] = process.argv.slice(2)
  process.exitCode = (await upload(uri, path, (line) => console.error(line))) < 300 ? 0 : 1
}
