// Cookies in and out of the headers of messages. Called by applications and by CookieJar.
// Upstream: libsoup/cookies/soup-cookie.c (soup_cookies_from_response and its kin). RFC 6265bis sections 4.1 and 4.2.

import type { Message } from '../message/message.ts'
import { messageState } from '../message/message.ts'
import type { MessageHeaders } from '../headers/message-headers.ts'
import { Cookie, cookieFromField } from './cookie.ts'

/** What the server side's messages have in common with Message. */
export interface CookieRequest {
  readonly requestHeaders: MessageHeaders
}
export interface CookieResponse {
  readonly responseHeaders: MessageHeaders
}

/** The cookies a response sets, in order, without those that must be ignored. */
export function cookiesFromResponse(message: Message): Cookie[] {
  const { target } = messageState(message)
  const fields = message.responseHeaders.getAll('set-cookie')
  const now = Date.now()
  return fields.map((field) => cookieFromField(field, target, now)).filter((cookie) => cookie !== null)
}

/** The cookies a request brings, in order. They have a name and a value only; their domain and path are ''. */
export function cookiesFromRequest(message: CookieRequest): Cookie[] {
  const cookies: Cookie[] = []
  for (const header of message.requestHeaders.getAll('cookie')) {
    for (const pair of header.split(';')) {
      const text = pair.trim()
      if (text === '') continue
      const equals = text.indexOf('=')
      const name = equals < 0 ? '' : text.slice(0, equals).trim()
      cookies.push(new Cookie(name, text.slice(equals + 1).trim(), '', '', -1))
    }
  }
  return cookies
}

/** Adds the cookies to the `Cookie` field of a request, behind those it has. */
export function cookiesToRequest(cookies: readonly Cookie[], message: CookieRequest): void {
  const added = cookiesToCookieHeader(cookies)
  if (added === null) return
  const before = message.requestHeaders.getAll('cookie')
  message.requestHeaders.replace('Cookie', [...before, added].join('; '))
}

/** Adds a `Set-Cookie` field to a response for each cookie. */
export function cookiesToResponse(cookies: readonly Cookie[], message: CookieResponse): void {
  for (const cookie of cookies) message.responseHeaders.append('Set-Cookie', cookie.toSetCookieHeader())
}

/** The value of a `Cookie` field, or null without cookies. */
export function cookiesToCookieHeader(cookies: readonly Cookie[]): string | null {
  if (cookies.length === 0) return null
  let text = ''
  for (const cookie of cookies) text = text === '' ? cookie.toCookieHeader() : `${text}; ${cookie.toCookieHeader()}`
  return text
}
