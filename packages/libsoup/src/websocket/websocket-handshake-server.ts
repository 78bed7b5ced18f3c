// The server's side of the opening handshake, in header fields alone. Called by Server for its WebSocket handlers.
// Upstream: libsoup/websocket/soup-websocket.c. RFC 6455 section 4.2.

import { Status } from '../message/status.ts'
import type { ServerMessage } from '../server/server-message.ts'
import { parseExtensionHeader } from './extension-header.ts'
import { WebsocketConnectionType } from './websocket-constants.ts'
import { WebsocketError } from './websocket-error.ts'
import type { WebsocketExtension, WebsocketExtensionFactory } from './websocket-extension.ts'
import { acceptForKey, isWebsocketKey } from './websocket-key.ts'

/** What client and server agreed on. */
export interface WebsocketHandshake {
  readonly protocol: string | null
  readonly extensions: readonly WebsocketExtension[]
}

const VERSION = '13'

/**
 * Checks whether `message` is a WebSocket handshake that can be accepted; changes nothing.
 *
 * @param expectedOrigin The only `Origin` to accept, in any letter case; null takes every one and none.
 * @param protocols Sub-protocols the server speaks, best first; null takes every client and agrees on none.
 * @throws {WebsocketError} `NOT_WEBSOCKET`, `BAD_HANDSHAKE` or `BAD_ORIGIN`.
 */
export function websocketServerCheckHandshake(
  message: ServerMessage,
  expectedOrigin: string | null = null,
  protocols: readonly string[] | null = null,
  supportedExtensions: readonly WebsocketExtensionFactory[] = [],
): void {
  checkHandshake(message, expectedOrigin, protocols, supportedExtensions)
}

/**
 * Answers a WebSocket handshake: 101 with all its fields, or a refusal with a short explanation, 403 for the wrong
 * origin, 426 for another version of the protocol and 400 for all else. Takes what `websocketServerCheckHandshake` takes.
 *
 * @returns What was agreed on, or null when the handshake was refused.
 */
export function websocketServerProcessHandshake(
  message: ServerMessage,
  expectedOrigin: string | null = null,
  protocols: readonly string[] | null = null,
  supportedExtensions: readonly WebsocketExtensionFactory[] = [],
): WebsocketHandshake | null {
  let agreed: WebsocketHandshake
  try {
    agreed = checkHandshake(message, expectedOrigin, protocols, supportedExtensions)
  } catch (error) {
    if (!(error instanceof WebsocketError)) throw error
    refuse(message, error)
    return null
  }
  const { responseHeaders } = message
  message.setStatus(Status.SWITCHING_PROTOCOLS)
  responseHeaders.replace('Upgrade', 'websocket')
  responseHeaders.replace('Connection', 'Upgrade')
  responseHeaders.replace(
    'Sec-WebSocket-Accept',
    acceptForKey(message.requestHeaders.getOne('Sec-WebSocket-Key') ?? ''),
  )
  if (agreed.protocol !== null) responseHeaders.replace('Sec-WebSocket-Protocol', agreed.protocol)
  if (agreed.extensions.length > 0) {
    const answer = agreed.extensions.map((extension) => extension.name + extension.getResponseParams())
    responseHeaders.replace('Sec-WebSocket-Extensions', answer.join(', '))
  }
  return agreed
}

function checkHandshake(
  message: ServerMessage,
  expectedOrigin: string | null,
  protocols: readonly string[] | null,
  factories: readonly WebsocketExtensionFactory[],
): WebsocketHandshake {
  const headers = message.requestHeaders
  const isUpgrade = headers.headerContains('Upgrade', 'websocket') && headers.headerContains('Connection', 'upgrade')
  if (message.method !== 'GET' || !isUpgrade) {
    throw new WebsocketError('NOT_WEBSOCKET', 'The request is no WebSocket handshake.')
  }
  if (headers.getList('Sec-WebSocket-Version') !== VERSION) throw bad(WRONG_VERSION)
  // Joined, so that a key that comes twice is none.
  const key = headers.getList('Sec-WebSocket-Key')
  if (key === null || !isWebsocketKey(key)) throw bad('The Sec-WebSocket-Key of the handshake is wrong.')
  if (expectedOrigin !== null && headers.getList('Origin')?.toLowerCase() !== expectedOrigin.toLowerCase()) {
    throw new WebsocketError('BAD_ORIGIN', 'The Origin of the handshake is not the expected one.')
  }
  return {
    protocol: chooseProtocol(headers.getList('Sec-WebSocket-Protocol'), protocols),
    extensions: chooseExtensions(headers.getList('Sec-WebSocket-Extensions'), factories),
  }
}

// The server's order decides, as upstream; letter case counts.
function chooseProtocol(offered: string | null, protocols: readonly string[] | null): string | null {
  if (protocols === null || offered === null) return null
  const names = new Set(offered.split(',').map((name) => name.trim()))
  const chosen = protocols.find((protocol) => names.has(protocol))
  if (chosen === undefined) throw bad('The client offers no protocol that the server speaks.')
  return chosen
}

// The first offer of each extension that its parameters allow; others are passed over, as if they were not known.
function chooseExtensions(
  offers: string | null,
  factories: readonly WebsocketExtensionFactory[],
): WebsocketExtension[] {
  if (offers === null || offers.trim() === '') return []
  const elements = parseExtensionHeader(offers)
  if (elements === null) throw bad('The Sec-WebSocket-Extensions of the handshake is malformed.')
  const chosen: WebsocketExtension[] = []
  let reserved = 0
  for (const { name, params } of elements) {
    if (params === null || chosen.some((extension) => extension.name === name)) continue
    for (const factory of factories) {
      const extension = factory()
      if (extension.name !== name || (extension.reservedBits & reserved) !== 0) continue
      if (!isConfigured(extension, params)) continue
      reserved |= extension.reservedBits
      chosen.push(extension)
      break
    }
  }
  return chosen
}

function isConfigured(extension: WebsocketExtension, params: ReadonlyMap<string, string | null>): boolean {
  try {
    extension.configure(WebsocketConnectionType.SERVER, params)
    return true
  } catch (error) {
    if (error instanceof WebsocketError) return false
    throw error
  }
}

const WRONG_VERSION = 'The server speaks version 13 of the WebSocket protocol only.'

function refuse(message: ServerMessage, error: WebsocketError): void {
  const { responseHeaders } = message
  if (error.message === WRONG_VERSION) {
    message.setStatus(426)
    responseHeaders.replace('Sec-WebSocket-Version', VERSION)
    responseHeaders.replace('Upgrade', 'websocket')
    responseHeaders.replace('Connection', 'Upgrade, close')
  } else {
    message.setStatus(error.code === 'BAD_ORIGIN' ? Status.FORBIDDEN : Status.BAD_REQUEST)
    responseHeaders.replace('Connection', 'close')
  }
  message.setResponse('text/plain; charset=utf-8', `${error.message}\n`)
}

function bad(text: string): WebsocketError {
  return new WebsocketError('BAD_HANDSHAKE', text)
}
