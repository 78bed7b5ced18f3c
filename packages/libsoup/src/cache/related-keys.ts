// What a request that changed something on the server makes out of date. Called by Cache. RFC 9111 section 4.4.

import { Uri } from '@wpe-networking/glib-gio'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import { HTTP_URI_FLAGS, requestTarget } from '../uri/request-target.ts'
import type { RequestTarget } from '../uri/request-target.ts'
import { cacheKey, relatedUris } from './cache-policy.ts'

/** Of its own URI, and of those of the same origin that its response names. */
export function relatedKeys(message: Message): string[] {
  const { target } = messageState(message)
  const keys = [cacheKey(target, message.isolationKey)]
  for (const uri of relatedUris(message.responseHeaders)) {
    const related = resolve(target.uri, uri)
    if (related?.hostKey === target.hostKey) keys.push(cacheKey(related, message.isolationKey))
  }
  return keys
}

/** Null for what is no URI, and so is nobody's. */
function resolve(base: Uri, uri: string): RequestTarget | null {
  try {
    return requestTarget(Uri.parseRelative(base, uri, HTTP_URI_FLAGS))
  } catch {
    return null
  }
}
