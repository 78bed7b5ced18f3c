// The connections of a Server and how many there may be, in all and from one address.
// Made by Server, once. No counterpart upstream, which has no limits.

import { InetSocketAddress, type SocketAddress } from '@wpe-networking/glib-gio'
import type { ServerConnection } from './server-connection.ts'

/** Connections a server has at a time. */
export interface ServerConnectionLimits {
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
}

/** Open connections. */
export class ServerConnections implements Iterable<ServerConnection> {
  readonly #limits: ServerConnectionLimits
  readonly #open = new Set<ServerConnection>()
  readonly #countOfHost = new Map<string, number>()

  constructor(limits: ServerConnectionLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#open.size
  }

  /** Whether there is room for one more from `address`; a stream without an address counts for the whole only. */
  admits(address: SocketAddress | null): boolean {
    const host = hostOf(address)
    if (this.#open.size >= this.#limits.maxConnections) return false
    return host === null || (this.#countOfHost.get(host) ?? 0) < this.#limits.maxConnectionsPerAddress
  }

  /** Counts `connection` until it is gone. */
  add(connection: ServerConnection): void {
    const host = hostOf(connection.remoteAddress)
    this.#open.add(connection)
    if (host !== null) this.#countOfHost.set(host, (this.#countOfHost.get(host) ?? 0) + 1)
    connection.onGone = () => this.#remove(connection, host)
  }

  [Symbol.iterator](): IterableIterator<ServerConnection> {
    return this.#open.values()
  }

  #remove(connection: ServerConnection, host: string | null): void {
    if (!this.#open.delete(connection) || host === null) return
    const left = (this.#countOfHost.get(host) ?? 1) - 1
    if (left > 0) this.#countOfHost.set(host, left)
    else this.#countOfHost.delete(host)
  }
}

function hostOf(address: SocketAddress | null): string | null {
  return address instanceof InetSocketAddress ? address.address.toString() : null
}
