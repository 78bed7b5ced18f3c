// Loads a URI of an intranet: by the Kerberos ticket of whoever is logged in, else by NTLM with a name and a password.
// Run: kinit; node examples/single-sign-on.ts https://intranet.example.com/ [DOMAIN\\user password]

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { pathToFileURL } from 'node:url'
import {
  AuthManager,
  AuthNegotiate,
  AuthNTLM,
  Message,
  Session,
  type SoupNegotiateDiagnostics,
} from '@wpe-networking/libsoup'

export interface Login {
  /** Such as `DOMAIN\user` or `user@example.com`. */
  readonly username: string
  readonly password: string
}

/** The status and the body; why there was no ticket, and who is asked for a password, goes to `report`. */
export async function loadFromIntranet(
  uri: string,
  login: Login | null,
  report: (line: string) => void,
): Promise<{ status: number; body: string }> {
  using session = new Session()
  session.addFeature(new AuthManager({ schemes: [AuthNegotiate, AuthNTLM] }))

  const message = new Message('GET', uri)
  message.on('authenticate', (auth, retrying) => {
    report(`${auth.authority} asks with ${auth.schemeName}`)
    if (login === null || retrying) auth.cancel()
    else auth.authenticate(login.username, login.password)
    return true
  })
  const reportFailure = (payload: unknown): void => report((payload as SoupNegotiateDiagnostics).error.message)
  subscribe('wpe:soup:negotiate', reportFailure)
  try {
    const body = await session.sendAndRead(message, { signal: AbortSignal.timeout(30_000) })
    return { status: message.statusCode, body: body.toString() }
  } finally {
    unsubscribe('wpe:soup:negotiate', reportFailure)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , uri = 'https://intranet.example.com/', username, password = ''] = process.argv
  const login = username === undefined ? null : { username, password }
  const { status, body } = await loadFromIntranet(uri, login, (line) => console.error(line))
  console.log(status, body)
}
