// Finds or opens a connection for each message, within the session's limits; keeps the unused ones. Called by
// SessionQueue. Upstream: libsoup/soup-connection-manager.c.

import { expectsContinue } from './client-message-io.ts'
import { Connection } from './connection.ts'
import type { ConnectionOwner, ConnectionSettings } from './connection.ts'
import { connectionKey, needsHttp1 } from './connection-key.ts'
import { MessageFlags } from '../message/message-flags.ts'
import { MessagePriorityQueue } from '../session/message-priority-queue.ts'
import type { MessageQueueItem } from '../session/message-queue-item.ts'
import type { RequestTarget } from '../uri/request-target.ts'

export interface ConnectionManagerSettings extends ConnectionSettings {
  /** Most connections at once, to all hosts together. */
  readonly maxConns: number
  readonly maxConnsPerHost: number
}

/** What has one `connectionKey`: its connections and the messages that wait for one. */
class Host {
  readonly key: string
  readonly target: RequestTarget
  readonly connections = new Set<Connection>()
  /** Those that can take a message; the one used last is at the end and goes first, so that the others grow old. */
  readonly available: Connection[] = []
  readonly waiting = new MessagePriorityQueue<MessageQueueItem>()
  /** Connections being made, each for the message it was opened for; null if that one has gone. */
  readonly attempts = new Map<Connection, MessageQueueItem | null>()
  /** It spoke HTTP/2 before: one connection will do. */
  speaksHttp2 = false

  constructor(key: string, target: RequestTarget) {
    this.key = key
    this.target = target
  }
}

export class ConnectionManager implements ConnectionOwner {
  readonly #settings: ConnectionManagerSettings
  readonly #hosts = new Map<string, Host>()
  /** Hosts with waiting messages that found `maxConns` used up; first come, first served. */
  readonly #starved = new Set<Host>()
  #connectionCount = 0

  constructor(settings: ConnectionManagerSettings) {
    this.#settings = settings
  }

  get connectionCount(): number {
    return this.#connectionCount
  }

  /** A connection that can take `item` now, reserved for it, or null: then `wait`. */
  acquire(item: MessageQueueItem): Connection | null {
    // Kept: a message may be given a client certificate while it waits.
    const key = (item.messageState.connectionKey = connectionKey(item.message))
    const host = this.#hosts.get(key)
    if (host === undefined) return null
    const { available } = host
    for (let i = available.length - 1; i >= 0; i--) {
      const connection = available[i] as Connection
      if (!connection.canSend) {
        available.splice(i, 1)
      } else if (mayUse(item, connection)) {
        this.#reserve(host, connection)
        return connection
      }
    }
    return null
  }

  /** Queues `item`, to be told `connectionReady` or `connectionFailed` later. */
  wait(item: MessageQueueItem): void {
    const host = this.#hostOf(item)
    host.waiting.add(item, item.message.priority)
    this.#open(host)
  }

  /** `item` no longer wants a connection. */
  cancelWaiting(item: MessageQueueItem): void {
    const host = this.#hosts.get(item.messageState.connectionKey)
    if (host === undefined || !host.waiting.remove(item)) return
    for (const [connection, owner] of host.attempts) {
      if (owner !== item) continue
      // Others may want the connection that is being made; if nobody does, it is not made.
      if (host.waiting.size >= host.attempts.size) host.attempts.set(connection, null)
      else connection.disconnect()
    }
    this.#forgetIfUnused(host)
  }

  priorityChanged(item: MessageQueueItem): void {
    const host = this.#hosts.get(item.messageState.connectionKey)
    if (host?.waiting.remove(item) === true) host.waiting.add(item, item.message.priority)
  }

  /** Takes a reserved connection back over which nothing was sent. */
  giveBack(connection: Connection): void {
    connection.unreserve()
    this.ready(connection)
  }

  /** Keeps a connection for the message that just used it. HTTP/2 has room for others as well. */
  keep(connection: Connection): void {
    connection.isKept = connection.protocol === 'http/1.1'
  }

  /** Reserves a connection that was kept; false when it has closed. */
  acquireKept(connection: Connection): boolean {
    connection.isKept = false
    const host = this.#hosts.get(connection.key)
    if (host === undefined || !connection.canSend) return false
    this.#reserve(host, connection)
    return true
  }

  /** The message it was kept for has gone. */
  releaseKept(connection: Connection): void {
    connection.isKept = false
    this.ready(connection)
  }

  closeIdle(): void {
    for (const host of this.#hosts.values()) {
      for (const connection of [...host.connections]) if (connection.isIdle) connection.disconnect()
    }
  }

  closeAll(): void {
    for (const host of this.#hosts.values()) {
      for (const connection of [...host.connections]) connection.disconnect()
    }
  }

  // ConnectionOwner.

  connected(connection: Connection): void {
    const host = this.#hosts.get(connection.key)
    if (host === undefined) return
    const owner = host.attempts.get(connection) ?? null
    host.attempts.delete(connection)
    host.speaksHttp2 = connection.protocol === 'h2' || (host.speaksHttp2 && owner !== null && needsHttp1(owner))
    host.available.push(connection)
    if (owner !== null && host.waiting.remove(owner)) {
      this.#reserve(host, connection)
      owner.connectionReady(connection)
    }
    this.#serve(host, connection)
    // Those who counted on sharing it may have been disappointed.
    this.#open(host)
    connection.hasWaited = connection.messagesSent === 0
  }

  connectFailed(connection: Connection, error: Error): void {
    const host = this.#hosts.get(connection.key)
    const owner = host?.attempts.get(connection) ?? null
    // First of all, or another connection would be opened for it.
    const isOver = host !== undefined && owner !== null && host.waiting.remove(owner)
    this.closed(connection)
    if (isOver) owner.connectionFailed(error)
  }

  ready(connection: Connection): void {
    const host = this.#hosts.get(connection.key)
    if (host === undefined || connection.isClosed) return
    if (!host.available.includes(connection)) host.available.push(connection)
    this.#serve(host, connection)
    // Those who wait still must not use it: it goes, if it takes the place of one that they may.
    if (host.waiting.size > 0 && connection.isIdle) this.#open(host)
  }

  closed(connection: Connection): void {
    const host = this.#hosts.get(connection.key)
    if (host === undefined || !host.connections.delete(connection)) return
    host.attempts.delete(connection)
    const at = host.available.indexOf(connection)
    if (at >= 0) host.available.splice(at, 1)
    this.#connectionCount -= 1
    this.#open(host)
    this.#forgetIfUnused(host)
    this.#feedStarved()
  }

  /** Gives a connection that can send to those who wait for one. */
  #serve(host: Host, connection: Connection): void {
    while (connection.canSend) {
      const item = host.waiting.take((candidate) => mayUse(candidate, connection))
      if (item === null) break
      this.#reserve(host, connection)
      item.connectionReady(connection)
    }
    if (connection.isIdle && this.#starved.size > 0) connection.disconnect()
  }

  #reserve(host: Host, connection: Connection): void {
    connection.reserve()
    if (connection.canSend) return
    const at = host.available.lastIndexOf(connection)
    if (at >= 0) host.available.splice(at, 1)
  }

  /** Opens connections for those who wait, as far as the limits allow. */
  #open(host: Host): void {
    const { waiting, attempts, connections } = host
    while (waiting.size > attempts.size) {
      const item = waiting.peek((candidate) => !hasAttempt(host, candidate) && !willShare(host, candidate))
      if (item === null) return
      if (connections.size >= this.#settings.maxConnsPerHost && !this.#closeOneIdle(host)) return
      if (this.#connectionCount >= this.#settings.maxConns && !this.#makeRoom()) {
        this.#starved.add(host)
        return
      }
      const connection = new Connection(host.target, host.key, this.#settings, this)
      connections.add(connection)
      attempts.set(connection, item)
      this.#connectionCount += 1
      connection.connect(item)
    }
    this.#starved.delete(host)
  }

  #feedStarved(): void {
    for (const host of this.#starved) {
      if (this.#connectionCount >= this.#settings.maxConns) return
      this.#starved.delete(host)
      this.#open(host)
    }
  }

  #makeRoom(): boolean {
    for (const host of this.#hosts.values()) if (this.#closeOneIdle(host)) return true
    return false
  }

  #closeOneIdle(host: Host): boolean {
    for (const connection of host.available) {
      if (!connection.isIdle) continue
      connection.disconnect()
      return true
    }
    return false
  }

  #hostOf(item: MessageQueueItem): Host {
    const { target, connectionKey: key } = item.messageState
    let host = this.#hosts.get(key)
    if (host === undefined) this.#hosts.set(key, (host = new Host(key, target)))
    return host
  }

  #forgetIfUnused(host: Host): void {
    if (host.connections.size > 0 || host.waiting.size > 0) return
    this.#starved.delete(host)
    this.#hosts.delete(host.key)
  }
}

function hasAttempt(host: Host, item: MessageQueueItem): boolean {
  for (const owner of host.attempts.values()) if (owner === item) return true
  return false
}

/** Whether a connection that is being made is likely to do for `item` too. */
function willShare(host: Host, item: MessageQueueItem): boolean {
  if (!host.speaksHttp2 || needsHttp1(item) || (item.message.flags & MessageFlags.NEW_CONNECTION) !== 0) return false
  for (const owner of host.attempts.values()) if (owner === null || !needsHttp1(owner)) return true
  return false
}

/** Whether `item` may go over a connection that was not opened for it. */
function mayUse(item: MessageQueueItem, connection: Connection): boolean {
  // The caller wants one of its own.
  if ((item.message.flags & MessageFlags.NEW_CONNECTION) !== 0) return false
  if (connection.protocol === 'h2' && needsHttp1(item)) return false
  // undici sends no expectations, and does not give a connection back.
  if (connection.protocol === 'http/1.1' && connection.messagesSent > 0 && expectsContinue(item.message)) return false
  // That one takes a tunnel.
  if (connection.isProxied && item.upgradeProtocol !== null) return false
  return item.mayUseConnection(connection)
}
