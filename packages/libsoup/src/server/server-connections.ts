// The connections of a Server: how many there may be, in all and from one address, and for how long they may be silent.
// Made by Server, once. No counterpart upstream, which has no limits.

import { InetSocketAddress, type SocketAddress } from '@wpe-networking/glib-gio'
import type { ServerConnection } from './server-connection.ts'

/** Connections a server has at a time. */
export interface ServerConnectionLimits {
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  /** Longest silence that is the client's fault. */
  readonly idleTimeoutMs: number
}

/** Silence is looked for that often in the time it may last: rarely enough to cost nothing, whatever the traffic. */
const SWEEPS_PER_TIMEOUT = 4
const MIN_SWEEP_INTERVAL_MS = 20
const MAX_SWEEP_INTERVAL_MS = 5_000

/** Open connections. */
export class ServerConnections implements Iterable<ServerConnection> {
  readonly #limits: ServerConnectionLimits
  readonly #open = new Set<ServerConnection>()
  readonly #countOfHost = new Map<string, number>()
  #timer: NodeJS.Timeout | null = null

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
    this.#timer ??= setInterval(() => this.#sweep(), this.#sweepInterval)
  }

  [Symbol.iterator](): IterableIterator<ServerConnection> {
    return this.#open.values()
  }

  get #sweepInterval(): number {
    const { idleTimeoutMs } = this.#limits
    return Math.max(MIN_SWEEP_INTERVAL_MS, Math.min(MAX_SWEEP_INTERVAL_MS, idleTimeoutMs / SWEEPS_PER_TIMEOUT))
  }

  #sweep(): void {
    const now = performance.now()
    for (const connection of this.#open) {
      if (connection.silentFor(now) >= this.#limits.idleTimeoutMs) void connection.close()
    }
  }

  #remove(connection: ServerConnection, host: string | null): void {
    const wasOpen = this.#open.delete(connection)
    if (this.#open.size === 0 && this.#timer !== null) {
      clearInterval(this.#timer)
      this.#timer = null
    }
    if (!wasOpen || host === null) return
    const left = (this.#countOfHost.get(host) ?? 1) - 1
    if (left > 0) this.#countOfHost.set(host, left)
    else this.#countOfHost.delete(host)
  }
}

function hostOf(address: SocketAddress | null): string | null {
  return address instanceof InetSocketAddress ? address.address.toString() : null
}
