// Which responses are followed, and what a message becomes when it is. Called by SessionQueue.
// RFC 9110 section 15.4. Upstream: libsoup/soup-session.c (soup_session_would_redirect, …_redirect_message).

import { Uri } from '@wpe-networking/glib-gio'
import { SessionError } from '../errors.ts'
import { MessageFlags } from '../message/message-flags.ts'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import { HTTP_URI_FLAGS, isHttpTarget, requestTarget } from '../uri/request-target.ts'
import { uriCopy } from '../uri/uri-utils.ts'
import { Status } from '../message/status.ts'

/** What may be kept back from another origin. */
const CREDENTIAL_HEADERS = ['Authorization', 'Proxy-Authorization', 'Cookie', 'Cookie2']

/** What is said of a body that is dropped (RFC 9110 section 15.4); `Content-Type` and `Content-Length` go with the body. */
const CONTENT_HEADERS = [
  'Content-Encoding',
  'Content-Language',
  'Content-Location',
  'Content-MD5',
  'Content-Digest',
  'Repr-Digest',
  'Digest',
  'Last-Modified',
  'Expect',
  'Trailer',
  'Transfer-Encoding',
]

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'])

/** `'as-get'` drops the body, `'same'` repeats the request, null delivers the response. */
export type RedirectKind = 'as-get' | 'same' | null

/** The rule by status and method alone. A 307 or 308 to an unsafe method is for the caller to decide, as upstream. */
export function redirectKind(statusCode: number, method: string): RedirectKind {
  if (method === 'CONNECT') return null // It asked for a tunnel: a page from elsewhere is no answer.
  if (statusCode === Status.SEE_OTHER) return 'as-get'
  if (statusCode === Status.FOUND) return SAFE_METHODS.has(method) ? 'same' : 'as-get'
  if (statusCode === Status.MOVED_PERMANENTLY) {
    if (method === 'POST') return 'as-get'
    return SAFE_METHODS.has(method) ? 'same' : null
  }
  if (statusCode === Status.TEMPORARY_REDIRECT || statusCode === Status.PERMANENT_REDIRECT) {
    return SAFE_METHODS.has(method) ? 'same' : null
  }
  return null
}

/** Whether the session follows the response `message` has; one without `Location` is delivered. */
export function wouldRedirect(message: Message): boolean {
  const { statusCode } = message
  if (statusCode < 300 || statusCode > 399) return false
  if ((message.flags & MessageFlags.NO_REDIRECT) !== 0) return false
  return redirectKind(statusCode, message.method) !== null && message.responseHeaders.has('location')
}

/**
 * Points `message` at its `Location`: changes method and body where the status says so, and takes credentials away, those
 * in `Location` too, when the origin changes.
 *
 * @throws {SessionError} `REDIRECT_NO_LOCATION`; `REDIRECT_BAD_URI` when it is no http or https URI with a host.
 */
export function redirectMessage(message: Message): void {
  const location = message.responseHeaders.getOne('location')
  if (location === null || location === '') {
    throw new SessionError('REDIRECT_NO_LOCATION', 'The server redirects but does not say where to.')
  }
  const from = messageState(message).target
  const to = resolveLocation(message.uri, location)
  if (redirectKind(message.statusCode, message.method) === 'as-get') {
    if (message.method !== 'HEAD') message.method = 'GET'
    message.setRequestBodyFromBytes(null, null)
    for (const name of CONTENT_HEADERS) message.requestHeaders.remove(name)
  }
  const isElsewhere = from.hostKey !== to.hostKey
  if (isElsewhere) for (const name of CREDENTIAL_HEADERS) message.requestHeaders.remove(name)
  message.requestHeaders.remove('Host')
  message.setUri(isElsewhere ? withoutUser(to.uri) : to.uri)
}

/** One server does not say who somebody is to another: it could log users in as somebody else. */
function withoutUser(uri: Uri): Uri {
  return uri.userinfo === null ? uri : uriCopy(uri, { user: null, password: null, authParams: null })
}

function resolveLocation(base: Uri, location: string): ReturnType<typeof requestTarget> {
  let uri: Uri
  try {
    uri = Uri.parseRelative(base, escapeBytes(location), HTTP_URI_FLAGS)
  } catch (cause) {
    throw new SessionError('REDIRECT_BAD_URI', `The server redirects to "${printable(location)}", which is no URI.`, {
      cause,
    })
  }
  // RFC 9110 section 10.2.2.
  const inherits = uri.fragment === null && base.fragment !== null
  const target = requestTarget(inherits ? uriCopy(uri, { fragment: base.fragment }) : uri)
  if (!isHttpTarget(target)) {
    const message = `The server redirects to "${printable(location)}", which is no http or https URI.`
    throw new SessionError('REDIRECT_BAD_URI', message)
  }
  return target
}

/** Servers send UTF-8, of which each character here is one byte, where they should have escaped it. */
function escapeBytes(location: string): string {
  return location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`)
}

function printable(location: string): string {
  const text = location.replace(/[^\x20-\x7e]/g, '?')
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}
