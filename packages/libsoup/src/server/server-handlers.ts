// The handlers of a Server by path, and how each kind of them is called.
// Made by Server, once. Upstream: SoupServerHandler, call_handler and got_body of libsoup/server/soup-server.c

import { WebsocketConnection } from '../websocket/websocket-connection.ts'
import { WebsocketConnectionType } from '../websocket/websocket-constants.ts'
import { WebsocketExtensionDeflate } from '../websocket/websocket-extension-deflate.ts'
import type { WebsocketExtensionFactory } from '../websocket/websocket-extension.ts'
import { websocketServerProcessHandshake, type WebsocketHandshake } from '../websocket/websocket-handshake-server.ts'
import { PathMap } from './path-map.ts'
import type { Server } from './server.ts'
import type { ServerMessage } from './server-message.ts'

/**
 * Answers a request. A promise holds the message until it settles; what it throws is answered with 500.
 *
 * @param path The message's path, decoded unless `rawPaths`; `*` for `OPTIONS *`.
 * @param query The URI's query as a form, or null when there is none.
 */
export type ServerCallback = (
  server: Server,
  message: ServerMessage,
  path: string,
  query: URLSearchParams | null,
) => void | Promise<void>

/** Takes a WebSocket a client opened. Listen for 'message' before returning, or before the first `await`. */
export type ServerWebsocketCallback = (
  server: Server,
  message: ServerMessage,
  path: string,
  connection: WebsocketConnection,
) => void | Promise<void>

/** A WebSocket handler and whom it is for. */
export interface WebsocketHandler {
  readonly origin: string | null
  readonly protocols: readonly string[] | null
  readonly callback: ServerWebsocketCallback
}

/** What is registered for one path. */
export interface PathHandlers {
  early: ServerCallback | null
  normal: ServerCallback | null
  websocket: WebsocketHandler | null
}

/** All paths of a server. */
export class ServerHandlers {
  /** Extensions WebSocket clients may ask for, best first. */
  readonly websocketExtensions: WebsocketExtensionFactory[] = [offerDeflate]
  readonly #paths = new PathMap<PathHandlers>()

  /** Those of exactly `path`, made if there are none. Null and '' mean `/`. */
  at(path: string | null): PathHandlers {
    const exact = path || '/'
    const known = this.#paths.get(exact)
    if (known) return known
    const handlers: PathHandlers = { early: null, normal: null, websocket: null }
    this.#paths.add(exact, handlers)
    return handlers
  }

  remove(path: string | null): void {
    this.#paths.remove(path || '/')
  }

  /** Calls the early handler of the message's path, if there is one. */
  callEarly(server: Server, message: ServerMessage): Promise<void> | null {
    return call(server, message, this.#paths.lookup(message.path)?.early ?? null)
  }

  /** Calls the normal handler of the message's path, then that for WebSockets; without any handler the status is 404. */
  callNormal(server: Server, message: ServerMessage): Promise<void> | null {
    const handlers = this.#paths.lookup(message.path)
    if (handlers === null) {
      message.setStatus(404)
      return null
    }
    const pending = call(server, message, handlers.normal)
    const { websocket } = handlers
    if (websocket === null) return pending
    if (pending !== null) return pending.then(() => this.#acceptWebsocket(server, message, websocket))
    this.#acceptWebsocket(server, message, websocket)
    return null
  }

  #acceptWebsocket(server: Server, message: ServerMessage, handler: WebsocketHandler): void {
    if (message.status !== 0) return
    if (!message.canStealConnection) {
      message.setStatus(400)
      return
    }
    const { origin, protocols } = handler
    const agreed = websocketServerProcessHandshake(message, origin, protocols, this.websocketExtensions)
    if (agreed === null) return
    message.once('wrote-informational', () => openWebsocket(server, message, handler.callback, agreed))
  }
}

/** Longest message a WebSocket of a server takes, in bytes, until its handler says otherwise; upstream's figure. */
const MAX_WEBSOCKET_MESSAGE_SIZE = 128 * 1024

/** permessage-deflate with the parameters upstream offers. */
const offerDeflate: WebsocketExtensionFactory = () => new WebsocketExtensionDeflate()

function openWebsocket(
  server: Server,
  message: ServerMessage,
  callback: ServerWebsocketCallback,
  { protocol, extensions }: WebsocketHandshake,
): void {
  const { uri, requestHeaders } = message
  const origin = requestHeaders.getOne('Origin')
  const stream = message.stealConnection()
  const connection = new WebsocketConnection(stream, uri, WebsocketConnectionType.SERVER, origin, protocol, extensions)
  connection.maxTotalMessageSize = MAX_WEBSOCKET_MESSAGE_SIZE
  const result = callback(server, message, message.path, connection)
  if (result instanceof Promise) result.catch((error: unknown) => process.emitWarning(toError(error)))
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

function call(server: Server, message: ServerMessage, callback: ServerCallback | null): Promise<void> | null {
  if (callback === null) return null
  const { query } = message
  const result = callback(server, message, message.path, query === null ? null : new URLSearchParams(query))
  return result instanceof Promise ? result : null
}
