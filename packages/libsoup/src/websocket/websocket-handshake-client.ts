// The client's side of the opening handshake, in header fields alone. Used by websocketConnect and by callers who have
// a connection of their own. Upstream: libsoup/websocket/soup-websocket.c. RFC 6455 section 4.1.

import { isToken } from '../headers/header-params.ts'
import type { Message } from '../message/message.ts'
import { Status } from '../message/status.ts'
import { parseExtensionHeader } from './extension-header.ts'
import { WebsocketConnectionType } from './websocket-constants.ts'
import { WebsocketError } from './websocket-error.ts'
import type { WebsocketExtension, WebsocketExtensionFactory } from './websocket-extension.ts'
import { acceptForKey, makeWebsocketKey } from './websocket-key.ts'

/**
 * Puts the fields that ask for a WebSocket on `message`; its other fields and its body stay as they are.
 *
 * @param origin Value of `Origin`, or null for none.
 * @param protocols Sub-protocols to offer, best first, or null.
 * @param supportedExtensions What to offer; those whose class is disabled for the message are left out.
 * @throws {TypeError} When a protocol is no token or comes twice, or `origin` has a character HTTP forbids.
 */
export function websocketClientPrepareHandshake(
  message: Message,
  origin: string | null = null,
  protocols: readonly string[] | null = null,
  supportedExtensions: readonly WebsocketExtensionFactory[] = [],
): void {
  checkProtocols(protocols ?? [])
  const headers = message.requestHeaders
  if (origin !== null) headers.replace('Origin', origin)
  headers.replace('Upgrade', 'websocket')
  headers.replace('Connection', 'Upgrade')
  headers.replace('Sec-WebSocket-Key', makeWebsocketKey())
  headers.replace('Sec-WebSocket-Version', '13')
  replaceOrRemove(message, 'Sec-WebSocket-Protocol', protocols ?? [])
  replaceOrRemove(
    message,
    'Sec-WebSocket-Extensions',
    offeredExtensions(message, supportedExtensions).map((one) => one.name + one.getRequestParams()),
  )
}

/**
 * Checks the server's answer to what `websocketClientPrepareHandshake` asked.
 *
 * @returns The extensions that hold, in the order of the answer.
 * @throws {WebsocketError} `NOT_WEBSOCKET` when the server did not change the protocol, `BAD_HANDSHAKE` when its answer
 *   does not match the question or it answered 400.
 */
export function websocketClientVerifyHandshake(
  message: Message,
  supportedExtensions: readonly WebsocketExtensionFactory[] = [],
): WebsocketExtension[] {
  const { responseHeaders: headers, statusCode } = message
  if (statusCode === Status.BAD_REQUEST) throw bad('The server rejected the WebSocket handshake.')
  const isUpgrade = headers.headerEquals('Upgrade', 'websocket') && headers.headerContains('Connection', 'upgrade')
  if (statusCode !== Status.SWITCHING_PROTOCOLS || !isUpgrade) {
    throw new WebsocketError('NOT_WEBSOCKET', 'The server ignored the WebSocket handshake.')
  }
  const key = message.requestHeaders.getOne('Sec-WebSocket-Key')
  if (key === null || headers.getList('Sec-WebSocket-Accept') !== acceptForKey(key)) {
    throw bad('The server sent a wrong Sec-WebSocket-Accept.')
  }
  checkProtocol(message)
  return acceptedExtensions(message, supportedExtensions)
}

function checkProtocols(protocols: readonly string[]): void {
  for (const protocol of protocols) {
    if (!isToken(protocol)) throw new TypeError(`The protocol ${JSON.stringify(protocol)} is not a token.`)
  }
  if (new Set(protocols).size !== protocols.length) throw new TypeError('A protocol is offered twice.')
}

function replaceOrRemove(message: Message, name: string, values: readonly string[]): void {
  if (values.length > 0) message.requestHeaders.replace(name, values.join(', '))
  else message.requestHeaders.remove(name)
}

function offeredExtensions(message: Message, factories: readonly WebsocketExtensionFactory[]): WebsocketExtension[] {
  return factories.map((factory) => factory()).filter((extension) => !message.isFeatureDisabled(extension))
}

// Sub-protocols are compared letter by letter (RFC 6455 section 4.1, case-sensitive in upstream since 3.6).
function checkProtocol(message: Message): void {
  const protocol = message.responseHeaders.getList('Sec-WebSocket-Protocol')
  if (protocol === null) return
  const offered = message.requestHeaders.getList('Sec-WebSocket-Protocol')?.split(',') ?? []
  if (!offered.some((one) => one.trim() === protocol)) throw bad('The server chose a protocol that was not offered.')
}

function acceptedExtensions(message: Message, factories: readonly WebsocketExtensionFactory[]): WebsocketExtension[] {
  const answer = message.responseHeaders.getList('Sec-WebSocket-Extensions')
  if (answer === null || answer.trim() === '') return []
  const elements = parseExtensionHeader(answer)
  if (elements === null) throw bad('The server sent a malformed Sec-WebSocket-Extensions.')
  const offered = offeredExtensions(message, factories)
  let reserved = 0
  return elements.map(({ name, params }) => {
    const at = offered.findIndex((extension) => extension.name === name)
    const [extension] = at < 0 ? [] : offered.splice(at, 1)
    if (extension === undefined) throw bad(`The server chose the extension "${name}", which was not offered.`)
    if (params === null) throw bad(`The server sent malformed parameters for the extension "${name}".`)
    if ((reserved & extension.reservedBits) !== 0) throw bad('The server chose extensions that exclude each other.')
    reserved |= extension.reservedBits
    extension.configure(WebsocketConnectionType.CLIENT, params)
    return extension
  })
}

function bad(text: string): WebsocketError {
  return new WebsocketError('BAD_HANDSHAKE', text)
}
