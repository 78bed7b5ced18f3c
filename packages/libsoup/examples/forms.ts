// Sends a form with a file, as a browser would. Run: node examples/forms.ts https://example.org/upload photo.jpg

import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import { FORM_MIME_TYPE_MULTIPART, formEncode, Message, Multipart, Session } from '@wpe-networking/libsoup'

/** What the server of `uri` answers to a form of `comment` alone, and then of `comment` and the file. */
export async function sendForms(uri: string, comment: string, path: string): Promise<string[]> {
  using session = new Session()
  const plain = Message.newFromEncodedForm('POST', uri, formEncode('comment', comment))

  const multipart = new Multipart(FORM_MIME_TYPE_MULTIPART)
  multipart.appendFormString('comment', comment)
  multipart.appendFormFile('file', basename(path), 'application/octet-stream', await readFile(path))
  const withFile = Message.newFromMultipart(uri, multipart)

  const answers = []
  for (const message of [plain, withFile]) answers.push((await session.sendAndRead(message)).toString())
  return answers
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , uri = 'https://example.org/', path = process.argv[1] ?? ''] = process.argv
  console.log(await sendForms(uri, 'sent by an example', path))
}
