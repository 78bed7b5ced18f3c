// The handlers of a Server by path, and how each kind of them is called.
// Made by Server, once. Upstream: SoupServerHandler, call_handler and got_body of libsoup/server/soup-server.c

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

/** What is registered for one path. */
export interface PathHandlers {
  early: ServerCallback | null
  normal: ServerCallback | null
}

/** All paths of a server. */
export class ServerHandlers {
  readonly #paths = new PathMap<PathHandlers>()

  /** Those of exactly `path`, made if there are none. Null and '' mean `/`. */
  at(path: string | null): PathHandlers {
    const exact = path || '/'
    const known = this.#paths.get(exact)
    if (known) return known
    const handlers: PathHandlers = { early: null, normal: null }
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

  /** Calls the normal handler of the message's path; without any handler the status is 404. */
  callNormal(server: Server, message: ServerMessage): Promise<void> | null {
    const handlers = this.#paths.lookup(message.path)
    if (handlers === null) message.setStatus(404)
    return call(server, message, handlers?.normal ?? null)
  }
}

function call(server: Server, message: ServerMessage, callback: ServerCallback | null): Promise<void> | null {
  if (callback === null) return null
  const { query } = message
  const result = callback(server, message, message.path, query === null ? null : new URLSearchParams(query))
  return result instanceof Promise ? result : null
}
