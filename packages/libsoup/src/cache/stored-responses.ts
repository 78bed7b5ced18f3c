// Responses made of what is stored, as Cache gives them to the session. RFC 9111 section 4, RFC 9110 sections 15.4.5 and
// 15.5.7.

import type { Readable } from 'node:stream'
import type { Range } from '../headers/ranges.ts'
import { MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'
import { Status, statusGetPhrase } from '../message/status.ts'
import type { StoredResponse } from '../session/session-feature.ts'
import { BytesInputStream } from './bytes-input-stream.ts'
import { currentAge, formatAge, setPartHeaders } from './cache-policy.ts'
import type { StoredHead } from './cache-policy.ts'

const NO_BYTES = Buffer.alloc(0)

/** A body without bytes. */
export function emptyBody(): Readable {
  return new BytesInputStream(NO_BYTES)
}

/**
 * The stored response, or a part of it, as it is `now` (milliseconds since the epoch).
 *
 * @param length Of the whole body in bytes.
 */
export function responseOf(
  head: StoredHead,
  body: Readable,
  part: Range | null,
  length: number,
  now: number,
): StoredResponse {
  const headers = head.copyHeaders()
  headers.replace('Age', formatAge(currentAge(head, now)))
  if (part === null) return { statusCode: head.data.statusCode, reasonPhrase: head.data.reasonPhrase, headers, body }
  setPartHeaders(headers, part, length)
  return responseWithStatus(Status.PARTIAL_CONTENT, headers, body)
}

/** The answer to a caller who asked whether what he has still holds: it does. */
export function notModified(head: StoredHead, now: number): StoredResponse {
  const headers = head.copyHeaders()
  for (const name of ['Content-Length', 'Content-Encoding', 'Content-Type', 'Content-Range']) headers.remove(name)
  headers.replace('Age', formatAge(currentAge(head, now)))
  return responseWithStatus(Status.NOT_MODIFIED, headers, emptyBody())
}

/** The answer to a caller who wants nothing from the network, when there is nothing in the store (section 5.2.1.7). */
export function gatewayTimeout(): StoredResponse {
  const headers = new MessageHeaders(MessageHeadersType.RESPONSE)
  headers.append('Content-Length', '0')
  return responseWithStatus(Status.GATEWAY_TIMEOUT, headers, emptyBody())
}

function responseWithStatus(statusCode: number, headers: MessageHeaders, body: Readable): StoredResponse {
  return { statusCode, reasonPhrase: statusGetPhrase(statusCode), headers, body }
}
