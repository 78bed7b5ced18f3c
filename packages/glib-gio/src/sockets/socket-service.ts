// A listener that hands every connection to its 'incoming' listeners while it is active. Called by libsoup's Server.
// Upstream: glib/gio/gsocketservice.c.

import { SocketListener } from './socket-listener.ts'
import type { SocketListenerOptions } from './socket-listener.ts'

export interface SocketServiceOptions extends SocketListenerOptions {
  /** Default true. */
  readonly active?: boolean
}

/**
 * Connections that come while it is stopped, or has no 'incoming' listener yet, wait (up to `listenBacklog` of them) and
 * are delivered by {@link SocketService.start}.
 */
export class SocketService extends SocketListener {
  #active: boolean

  constructor(options: SocketServiceOptions = {}) {
    super(options)
    this.#active = options.active ?? true
  }

  get isActive(): boolean {
    return this.#active
  }

  /** No effect when already active, but for delivering what has waited. */
  start(): void {
    this.#active = true
    this.emitQueued()
  }

  /** Goes on listening; new connections wait. */
  stop(): void {
    this.#active = false
  }

  protected override get emitsIncoming(): boolean {
    return this.#active && super.emitsIncoming
  }
}
