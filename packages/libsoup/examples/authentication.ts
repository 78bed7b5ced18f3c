// Loads a URI that asks for a name and a password, with Basic or Digest, of the server or of a proxy on the way.
// Run: node examples/authentication.ts https://example.org/private alice secret

import { pathToFileURL } from 'node:url'
import { AuthManager, Message, Session } from '@wpe-networking/libsoup'

/** Status and body of `uri`; says through `report` who asks. */
export async function getAs(
  uri: string,
  user: string,
  password: string,
  report: (line: string) => void,
): Promise<{ status: number; body: string }> {
  using session = new Session({ timeout: 10 })
  session.addFeature(new AuthManager())

  const message = new Message('GET', uri)
  message.on('authenticate', (auth, retrying) => {
    report(`${auth.isForProxy ? 'the proxy' : 'the server'} ${auth.authority} asks with ${auth.schemeName}`)
    if (retrying)
      auth.cancel() // it does not take what we have
    else auth.authenticate(user, password)
    return true // taken care of; may also be answered later
  })

  const body = await session.sendAndRead(message, { signal: AbortSignal.timeout(30_000) })
  return { status: message.statusCode, body: body.toString() }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [uri = 'https://example.org/', user = '', password = ''] = process.argv.slice(2)
  const { status, body } = await getAs(uri, user, password, (line) => console.error(line))
  console.log(status, body)
}
