// Opens a WebSocket over a session: what Session.websocketConnect does. Cookies, credentials, proxies and TLS are the
// session's. Upstream: libsoup/soup-session.c (soup_session_websocket_connect_async).

import { MessageFlags } from '../message/message-flags.ts'
import type { MessagePriority } from '../message/message-priority.ts'
import type { Message } from '../message/message.ts'
import type { Session } from '../session/session.ts'
import { WebsocketConnectionType } from './websocket-constants.ts'
import { WebsocketConnection } from './websocket-connection.ts'
import { WebsocketError } from './websocket-error.ts'
import { WebsocketExtensionManager } from './websocket-extension-manager.ts'
import { websocketClientPrepareHandshake, websocketClientVerifyHandshake } from './websocket-handshake-client.ts'

export interface WebsocketConnectOptions {
  /** Value of `Origin`. */
  origin?: string | null
  /** Sub-protocols to offer, best first. */
  protocols?: readonly string[] | null
  /** Overrides `message.priority`. */
  priority?: MessagePriority
  /** Gives up until the connection is open; afterwards it has no effect. */
  signal?: AbortSignal
}

/** Sends `message` as the handshake, and gives the connection when the server has accepted. See `websocketConnect` of Session. */
export async function websocketConnect(
  session: Session,
  message: Message,
  options: WebsocketConnectOptions = {},
): Promise<WebsocketConnection> {
  const { origin = null, protocols = null, priority, signal } = options
  const manager = session.getFeatureForMessage(WebsocketExtensionManager, message)
  const extensions = manager?.supportedExtensions ?? []
  useHttpScheme(message)
  websocketClientPrepareHandshake(message, origin, protocols, extensions)
  // RFC 6455 section 4.1 wants a connection of its own; like upstream's, these speak HTTP/1.1.
  message.addFlags(MessageFlags.NEW_CONNECTION)
  message.forceHttp1 = true

  const stream = await session.upgrade(message, 'websocket', {
    ...(priority !== undefined && { priority }),
    ...(signal !== undefined && { signal }),
  })
  if (stream === null) {
    const answer = `${message.statusCode} ${message.reasonPhrase}`.trim()
    throw new WebsocketError('NOT_WEBSOCKET', `The server did not accept the WebSocket handshake: ${answer}.`)
  }
  try {
    const accepted = websocketClientVerifyHandshake(message, extensions)
    const protocol = message.responseHeaders.getOne('Sec-WebSocket-Protocol')
    const usedOrigin = message.requestHeaders.getOne('Origin')
    return new WebsocketConnection(stream, message.uri, WebsocketConnectionType.CLIENT, usedOrigin, protocol, accepted)
  } catch (error) {
    stream.destroy()
    throw error
  }
}

// What follows the scheme is the same in both; the default ports are too (RFC 6455 section 3).
function useHttpScheme(message: Message): void {
  const { scheme } = message.uri
  if (scheme === 'ws' || scheme === 'wss') message.setUri(message.uri.toString().replace(/^ws/, 'http'))
}
