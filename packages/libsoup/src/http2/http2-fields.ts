// Header fields between messages and node:http2: pseudo-header fields, lower-case names, what must not be sent.
// Called by ClientStreamHTTP2. RFC 9113 section 8.2 and 8.3.

import type { OutgoingHttpHeaders } from 'node:http2'
import { headerParseList } from '../headers/header-params.ts'
import { MessageHeaders, MessageHeadersType } from '../headers/message-headers.ts'
import { MessagePriority } from '../message/message-priority.ts'
import type { Message } from '../message/message.ts'
import type { RequestTarget } from '../uri/request-target.ts'

/** Connection-specific fields have no place in HTTP/2, RFC 9113 section 8.2.2; what is for proxies is for no origin. */
const FORBIDDEN = new Set([
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** RFC 9218 section 4.1: 0 is most urgent; 3, the default, is left out. */
const URGENCY: Readonly<Record<MessagePriority, number>> = {
  [MessagePriority.VERY_LOW]: 5,
  [MessagePriority.LOW]: 4,
  [MessagePriority.NORMAL]: 3,
  [MessagePriority.HIGH]: 2,
  [MessagePriority.VERY_HIGH]: 1,
}

export function requestFields(message: Message, target: RequestTarget): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = {
    ':method': message.method,
    ':scheme': target.secure ? 'https' : 'http',
    ':authority': target.authority,
    ':path': target.path,
  }
  const given = message.requestHeaders.toRawList()
  let nominated: readonly string[] | null = null
  for (let i = 0; i < given.length; i += 2) {
    const name = (given[i] as string).toLowerCase()
    const value = given[i + 1] as string
    if (name === 'host') fields[':authority'] = value
    else if (name === 'connection') nominated = [...(nominated ?? []), ...headerParseList(value)]
    else if (FORBIDDEN.has(name) || (name === 'te' && value.toLowerCase() !== 'trailers')) continue
    else addField(fields, name, value)
  }
  // What `Connection` names is for this connection only and is forbidden with it.
  for (const name of nominated ?? []) delete fields[name.toLowerCase()]
  if (message.priority !== MessagePriority.NORMAL && fields['priority'] === undefined) {
    fields['priority'] = `u=${URGENCY[message.priority]}`
  }
  return fields
}

/**
 * Headers without the pseudo-header fields; `raw` is name, value, name, value… as node:http2 gives it beside the object
 * in which it joins and drops repeated fields by rules of its own.
 */
export function responseHeaders(raw: readonly string[]): MessageHeaders {
  const fields: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    if (!name.startsWith(':')) fields.push(name, raw[i + 1] ?? '')
  }
  return MessageHeaders.fromReceived(MessageHeadersType.RESPONSE, fields, null)
}

/** What the fields would take in HTTP/1.1 form, in bytes. */
export function fieldBytes(fields: Iterable<readonly [string, unknown]>): number {
  let bytes = 0
  for (const [name, value] of fields) bytes += name.length + String(value).length + ': \r\n'.length
  return bytes
}

function addField(fields: OutgoingHttpHeaders, name: string, value: string): void {
  const before = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (before === undefined) fields[name] = value
  else if (Array.isArray(before)) before.push(value)
  else fields[name] = [String(before), value]
}
