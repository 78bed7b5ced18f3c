// A SocketClient some of whose attempts are never answered, as a host that drops packets would leave them.
// Upstream: glib/gio/tests/gsocketclient-slow.c.

import type { Socket } from 'node:net'
import { SocketClient } from '@wpe-networking/glib-gio'
import type { SocketAddress, SocketClientOptions } from '@wpe-networking/glib-gio'

/** Addresses of 127.0.0.0/8 stand for hosts: attempts at those in `holes` are never answered. */
export class SlowClient extends SocketClient {
  readonly sockets = new Map<string, Socket>()
  readonly #holes: readonly string[]

  constructor(holes: readonly string[], options: SocketClientOptions) {
    super(options)
    this.#holes = holes
  }

  protected override startConnecting(socket: Socket, address: SocketAddress): void {
    const [host = ''] = address.toString().split(':')
    this.sockets.set(host, socket)
    if (!this.#holes.includes(host)) super.startConnecting(socket, address)
  }
}
