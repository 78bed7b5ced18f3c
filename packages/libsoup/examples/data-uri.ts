// Takes a data: URI apart. Run: node examples/data-uri.ts 'data:text/plain;base64,aGVsbG8='

import { pathToFileURL } from 'node:url'
import { uriDecodeDataUri } from '@wpe-networking/libsoup'

/** A line about what `uri` holds. */
export function describe(uri: string): string {
  const decoded = uriDecodeDataUri(uri)
  if (decoded === null) return 'This is no data: URI.'
  return `${decoded.body.length} bytes of ${decoded.contentType}`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(describe(process.argv[2] ?? 'data:,hello'))
}
