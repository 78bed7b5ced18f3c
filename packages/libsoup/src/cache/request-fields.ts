// The fields of a request as they will be on the wire, as far as that is known when the store is asked. Called by Cache.

import type { Message } from '../message/message.ts'
import type { Session } from '../session/session.ts'
import type { SessionFeature } from '../session/session-feature.ts'
import type { RequestFieldReader } from './cache-policy.ts'

/** What other features add to a request, but only once it has a connection. */
const LATE_FIELDS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization'])

/** Before the message has a connection; `cache` is the feature that asks. */
export function expectedFields(message: Message, session: Session | null, cache: SessionFeature): RequestFieldReader {
  return (name) => {
    if (LATE_FIELDS.has(name) && session !== null && hasOthers(session, cache)) return undefined
    const value = message.requestHeaders.getList(name)
    if (session !== null && name === 'user-agent') return session.userAgent ?? value
    if (session !== null && name === 'accept-language') return value ?? session.acceptLanguage
    return value
  }
}

/** Once it has been written. */
export function sentFields(message: Message): RequestFieldReader {
  return (name) => message.requestHeaders.getList(name)
}

function hasOthers(session: Session, cache: SessionFeature): boolean {
  return session.features.some((feature) => feature !== cache && feature.requestStarting !== undefined)
}
