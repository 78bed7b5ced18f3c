// Remembers which hosts want TLS, in the SQLite file native libsoup and WebKitGTK use, and goes to them over TLS whatever a
// link says. Run: node examples/hsts.ts http://example.org/ hsts.sqlite

import { pathToFileURL } from 'node:url'
import { HSTSEnforcerDB, Message, Session } from '@wpe-networking/libsoup'
import type { SessionOptions } from '@wpe-networking/libsoup'

/** Loads `uris` one after the other; what is learnt and enforced goes to `report`. Where each ended up. */
export async function loadSafely(
  uris: readonly string[],
  file: string,
  report: (line: string) => void,
  options: SessionOptions = {},
): Promise<string[]> {
  using session = new Session(options)
  using enforcer = new HSTSEnforcerDB(file)
  session.addFeature(enforcer)
  enforcer.on('changed', (_, policy) => {
    if (policy !== null) report(`${policy.domain} wants TLS for ${policy.maxAge} s`)
  })

  const ends: string[] = []
  for (const uri of uris) {
    const message = new Message('GET', uri)
    message.on('hsts-enforced', () => report(`${uri} goes over TLS`))
    await session.sendAndRead(message, { signal: AbortSignal.timeout(30_000) })
    ends.push(message.uri.toString())
  }
  return ends
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , uri = 'http://example.org/', file = 'hsts.sqlite'] = process.argv
  console.log(await loadSafely([uri], file, (line) => console.error(line)))
}
