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

/** Those that speak HTTP can be walked through. */
export class ServerConnections implements Iterable<ServerConnection> {
  readonly #limits: ServerConnectionLimits
  readonly #open = new Set<ServerConnection>()
  readonly #countOfHost = new Map<string, number>()
  #count = 0
  #timer: NodeJS.Timeout | null = null

  constructor(limits: ServerConnectionLimits) {
    this.#limits = limits
  }

  /** Whether there is room for one more from `address`; a stream without an address counts for the whole only. */
  admits(address: SocketAddress | null): boolean {
    const host = hostOf(address)
    if (this.#count >= this.#limits.maxConnections) return false
    return host === null || (this.#countOfHost.get(host) ?? 0) < this.#limits.maxConnectionsPerAddress
  }

  /** Counts `connection` until it is closed; who takes it over has the use of it, but not another one's place. */
  add(connection: ServerConnection): void {
    this.#open.add(connection)
    this.#countOne(hostOf(connection.remoteAddress), 1)
    connection.onGone = () => this.#remove(connection)
    connection.onClosed = () => this.#countOne(hostOf(connection.remoteAddress), -1)
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

  #remove(connection: ServerConnection): void {
    this.#open.delete(connection)
    if (this.#open.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }

  #countOne(host: string | null, difference: 1 | -1): void {
    this.#count += difference
    if (host === null) return
    const count = (this.#countOfHost.get(host) ?? 0) + difference
    if (count > 0) this.#countOfHost.set(host, count)
    else this.#countOfHost.delete(host)
  }
}

function hostOf(address: SocketAddress | null): string | null {
  return address instanceof InetSocketAddress ? address.address.toString() : null
}
