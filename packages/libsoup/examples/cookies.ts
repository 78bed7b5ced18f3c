// Keeps cookies in the SQLite file native libsoup and WebKitGTK use, refuses those of third parties, and says what changes.
// Run: node examples/cookies.ts https://example.org/ cookies.sqlite

import { pathToFileURL } from 'node:url'
import { CookieJarAcceptPolicy, CookieJarDB, Message, Session } from '@wpe-networking/libsoup'

/** Loads `uri` as a page with the cookies of `file`; a line for each change goes to `report`. The body. */
export async function loadWithCookies(uri: string, file: string, report: (line: string) => void): Promise<string> {
  using session = new Session()
  using jar = new CookieJarDB(file, { acceptPolicy: CookieJarAcceptPolicy.NO_THIRD_PARTY })
  session.addFeature(jar)
  jar.on('changed', (before, after) => {
    const name = `${(after ?? before)?.name} of ${(after ?? before)?.domain}`
    if (after === null) report(`lost ${name}`)
    else report(`${before === null ? 'got' : 'changed'} ${name}, until ${after.expires?.toISOString() ?? 'the end'}`)
  })

  const message = new Message('GET', uri)
  message.firstParty = message.uri
  message.siteForCookies = message.uri
  message.isTopLevelNavigation = true
  const body = await session.sendAndRead(message, { signal: AbortSignal.timeout(30_000) })
  report(`would send next time: ${jar.getCookies(message.uri, true) ?? 'nothing'}`)
  return body.toString()
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , uri = 'https://example.org/', file = 'cookies.sqlite'] = process.argv
  console.log(await loadWithCookies(uri, file, (line) => console.error(line)))
}
