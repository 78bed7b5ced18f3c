// Lets a request in, or answers it with the challenges of every domain that covers it.
// Called by Server for requests that some domain covers. Upstream: got_headers of libsoup/server/soup-server.c

import type { ServerMessage } from '../server-message.ts'
import type { AuthDomain } from './auth-domain.ts'

/** @param covering The domains that cover the message, at least one. */
export async function authenticateRequest(message: ServerMessage, covering: readonly AuthDomain[]): Promise<void> {
  for (const domain of covering) {
    const user = await domain.accepts(message)
    if (user !== null) {
      message.setAuth(domain, user)
      return
    }
  }
  for (const domain of covering) domain.challenge(message)
}
