// What this layer tells about itself: one diagnostics channel per stage. Subscribe with
// `diagnostics_channel.subscribe(name, …)`; without subscribers nothing is built or published.

import { channel } from 'node:diagnostics_channel'
import type { Channel } from 'node:diagnostics_channel'

/** Common to all messages. */
interface Stamped {
  /** Milliseconds since the epoch, with a fraction. */
  readonly time: number
}

/** `wpe:gio:resolver` */
export interface ResolverDiagnostics extends Stamped {
  readonly state: 'lookup' | 'resolved' | 'failed'
  /** The same for all messages of one question that is really asked; who waits for a running one shares it. */
  readonly lookupId: number
  /** The name; the address where its name is looked for. */
  readonly hostname: string
  /** Only when it is not addresses that are looked for: 'PTR', 'SRV', 'HTTPS', … */
  readonly recordType?: string
  /** Only when resolved, of a name: in the order in which they are tried. */
  readonly addresses?: readonly string[]
  /** Only when resolved, of a `recordType`: how many there are. */
  readonly count?: number
  /** Only when failed. */
  readonly error?: Error
}

/** `wpe:gio:socket-client`: every `SocketClientEvent`, and `ATTEMPT_FAILED` for each address that did not work. */
export interface SocketClientDiagnostics extends Stamped {
  readonly event: string
  /** The same for all messages of one `connect()`. */
  readonly connectId: number
  /** What is being connected to. */
  readonly connectable: string
  readonly remoteAddress: string | null
  /** With `ATTEMPT_FAILED`, and with a `COMPLETE` that brought no connection. */
  readonly error?: unknown
}

/** `wpe:gio:tls` */
export interface TlsDiagnosticsMessage extends Stamped {
  readonly state: 'handshaking' | 'handshaked' | 'failed'
  /** The same for all messages of one connection. */
  readonly connectionId: number
  readonly side: 'client' | 'server'
  readonly backend: string
  readonly serverIdentity: string | null
  /** The next three only when handshaked. */
  readonly ciphersuiteName?: string
  readonly negotiatedProtocol?: string | null
  readonly resumed?: boolean
  /** Only when failed. */
  readonly error?: unknown
}

/** A channel that only takes its own message type. */
export interface TypedChannel<Message extends Stamped> {
  readonly name: string
  readonly hasSubscribers: boolean
  publish(message: Message): void
}

export const resolverChannel: TypedChannel<ResolverDiagnostics> = typed('wpe:gio:resolver')
export const socketClientChannel: TypedChannel<SocketClientDiagnostics> = typed('wpe:gio:socket-client')
export const tlsChannel: TypedChannel<TlsDiagnosticsMessage> = typed('wpe:gio:tls')

/** Now, as every message carries it. */
export function timestamp(): number {
  return performance.timeOrigin + performance.now()
}

function typed<Message extends Stamped>(name: string): TypedChannel<Message> {
  return channel(name) as Channel & TypedChannel<Message>
}
