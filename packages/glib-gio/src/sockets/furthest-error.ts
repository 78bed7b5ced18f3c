// Remembers which of several failures to report. Called by ConnectOperation.
// Upstream: glib/gio/gsocketclient.c (SocketClientErrorInfo).

import type { SocketClientEvent } from './socket-client-event.ts'

/**
 * Keeps the error of the stage that got furthest; of two at one stage, the later.
 *
 * Why: a name has two addresses. The first answers, but its certificate has expired; the second refuses the connection.
 * "Connection refused" came last, yet tells the user nothing about what has to be mended.
 */
export class FurthestError {
  #error: unknown
  #stage = -1

  consider(error: unknown, stage: SocketClientEvent): void {
    if (stage < this.#stage) return
    this.#error = error
    this.#stage = stage
  }

  get isSet(): boolean {
    return this.#stage >= 0
  }

  get error(): unknown {
    return this.#error
  }
}
